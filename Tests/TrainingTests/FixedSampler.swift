// SPDX-License-Identifier: Apache-2.0

import Networks
import Tensors
import Training

/// Gives one batch again and again.
struct FixedSampler: Sampler {
  let fixed: Batch
  var inputShape: [Int] { fixed.input.shape }
  func batch(_: BatchPurpose, step: Int) -> Batch { fixed }
}

/// Gives bright blobs on noise, a different batch for every step.
struct BlobSampler: Sampler {
  let inputShape: [Int]
  let seed: UInt64

  func batch(_ purpose: BatchPurpose, step: Int) -> Batch {
    var random = SplitMix64(seed: seed, keys: purpose.rawValue, UInt64(step))
    var input = Tensor(zeros: inputShape)
    var target = Tensor(zeros: inputShape)
    let (height, width) = (inputShape[3], inputShape[4])
    let centreY = random.uniform(0, Float(height))
    let centreX = random.uniform(0, Float(width))
    input.withMutableSpan { input in
      target.withMutableSpan { target in
        for index in input.indices {
          let y = Float(index / width % height) - centreY
          let x = Float(index % width) - centreX
          let isInside = y * y + x * x < 20
          target[index] = isInside ? 1 : 0
          input[index] = (isInside ? 0.5 : -0.3) + random.uniform(-0.3, 0.3)
        }
      }
    }
    return Batch(input: input, target: target, mask: Tensor(repeating: 1, shape: inputShape))
  }
}
