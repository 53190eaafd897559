// SPDX-License-Identifier: Apache-2.0

/// The largest value of each window of N, C, D, H, W; windows do not overlap; in plain loops.
public struct MaxPooling: Sendable {
  /// The windows along D, H, W.
  public let kernel: [Int]

  /// A pooling of windows that divide the array.
  public init(kernel: [Int]) { self.kernel = kernel }

  /// The largest value of each window, and where it stands in the input: the first of equal ones.
  public func forward(_ input: Tensor) -> (output: Tensor, positions: [Int32]) {
    let size = Array(input.shape.dropFirst(2))
    let target = zip(size, kernel).map { $0 / $1 }
    var output = Tensor(zeros: Array(input.shape.prefix(2)) + target)
    var positions: [Int32] = []
    positions.reserveCapacity(output.count)
    input.withSpan { input in
      output.withMutableSpan { output in
        for plane in 0..<input.count / size.reduce(1, *) {
          for z in 0..<target[0] {
            for y in 0..<target[1] {
              for x in 0..<target[2] {
                let best = largest(of: input, plane: plane, at: (z, y, x), size: size)
                output[positions.count] = input[best]
                positions.append(Int32(best))
              }
            }
          }
        }
      }
    }
    return (output, positions)
  }

  /// The gradient by the input: each window's gradient at its largest value.
  public func backward(positions: [Int32], gradient: Tensor, inputShape: [Int]) -> Tensor {
    var result = Tensor(zeros: inputShape)
    gradient.withSpan { gradient in
      result.withMutableSpan { result in
        for index in positions.indices { result[Int(positions[index])] += gradient[index] }
      }
    }
    return result
  }

  private func largest(
    of input: Span<Float>, plane: Int, at window: (z: Int, y: Int, x: Int), size: [Int]
  ) -> Int {
    let origin = (window.z * kernel[0], window.y * kernel[1], window.x * kernel[2])
    var best = ((plane * size[0] + origin.0) * size[1] + origin.1) * size[2] + origin.2
    for z in origin.0..<origin.0 + kernel[0] {
      for y in origin.1..<origin.1 + kernel[1] {
        let line = ((plane * size[0] + z) * size[1] + y) * size[2]
        for x in origin.2..<origin.2 + kernel[2] where input[line + x] > input[best] { best = line + x }
      }
    }
    return best
  }
}
