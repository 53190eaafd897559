// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors

extension Parameters {
  /// The Euclidean norm of all numbers of all tensors together, summed in double precision.
  var norm: Double {
    var sum = 0.0
    for (_, tensor) in self {
      tensor.withSpan { span in
        for index in span.indices { sum += Double(span[index]) * Double(span[index]) }
      }
    }
    return sum.squareRoot()
  }

  /// Moves each tensor of `other`'s names towards it: self ← decay·self + (1 − decay)·other.
  mutating func approach(_ other: Parameters, decay: Float) {
    for position in 0..<count {
      guard let goal = other[names[position]] else { continue }
      goal.withSpan { goal in
        self[position: position].withMutableSpan { own in
          for index in own.indices { own[index] += (goal[index] - own[index]) * (1 - decay) }
        }
      }
    }
  }
}
