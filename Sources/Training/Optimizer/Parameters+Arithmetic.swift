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

  /// Adds each tensor of `other` whose name is not in `names` to the one of its name.
  mutating func add(_ other: Parameters, leaving names: Set<String>) {
    for (name, tensor) in other where !names.contains(name) {
      if let place = position(of: name) { self[position: place] += tensor } else { self[name] = tensor }
    }
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
