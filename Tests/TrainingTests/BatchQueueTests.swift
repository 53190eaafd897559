// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Tensors
import Testing

@testable import Training

@Suite("Batches made ahead")
struct BatchQueueTests {
  private struct Broken: Error {}

  private func batch(_ index: Int) -> Batch {
    let tensor = Tensor([Float(index)], shape: [1, 1, 1, 1, 1])
    return Batch(input: tensor, target: tensor, mask: tensor)
  }

  @Test("they come in order, and no more are made ahead than asked for")
  func order() throws {
    let made = Mutex(0)
    let queue = BatchQueue(3..<40, ahead: 2) { index in
      made.withLock { $0 += 1 }
      return batch(index)
    }
    for index in 3..<20 {
      #expect(try queue.next().batch.input.elements == [Float(index)])
      #expect(made.withLock { $0 } <= index - 3 + 1 + 2)
    }
  }

  @Test("an error comes where its batch would have come")
  func errors() throws {
    let queue = BatchQueue(0..<9) { index in
      if index == 2 { throw Broken() }
      return batch(index)
    }
    _ = try queue.next()
    _ = try queue.next()
    #expect(throws: Broken.self) { _ = try queue.next() }
  }
}
