// SPDX-License-Identifier: Apache-2.0

/// Convolutions as matrix products over patches; arrays N, C, D, H, W, weights O, I, D, H, W.
///
/// A transposed convolution is the gradient of a convolution from its output's channels to its
/// input's, whose weights have the same layout; hence the three walks serve both.
extension Convolution {
  /// The convolution of `input`, without bias.
  ///
  /// - Parameter target: D, H, W of the result.
  func correlated(_ input: Tensor, _ weight: Tensor, target: [Int]) -> Tensor {
    var output = Tensor(zeros: [input.shape[0], outputChannels] + target)
    walk(source: input.shape, target: target) { patches, plane in
      // SAFETY: the plane's offsets lie within the tensors by their shapes.
      unsafe input.withElements { input in
        unsafe weight.withElements { weight in
          unsafe output.withMutableElements { output in
            guard let input = input.baseAddress, let weight = weight.baseAddress,
              let output = output.baseAddress, let matrix = unsafe patches.matrix.baseAddress
            else { return }
            unsafe patches.gather(input + plane.source, plane: plane.index)
            unsafe multiply(
              Matrix(weight, rowStride: patches.rows), Matrix(matrix, rowStride: patches.columns),
              into: output + plane.target, rowStride: plane.volume, rows: outputChannels,
              columns: patches.columns, inner: patches.rows, accumulates: false)
          }
        }
      }
    }
    return output
  }

  /// The gradient by the input: what each output voxel spreads back over its patch.
  ///
  /// - Parameters:
  ///   - gradient: By the output; N, O, D, H, W.
  ///   - source: D, H, W of the input.
  func spread(_ gradient: Tensor, _ weight: Tensor, source: [Int]) -> Tensor {
    var result = Tensor(zeros: [gradient.shape[0], inputChannels] + source)
    walk(source: result.shape, target: Array(gradient.shape.dropFirst(2))) { patches, plane in
      // SAFETY: the plane's offsets lie within the tensors by their shapes.
      unsafe gradient.withElements { gradient in
        unsafe weight.withElements { weight in
          unsafe result.withMutableElements { result in
            guard let gradient = gradient.baseAddress, let weight = weight.baseAddress,
              let result = result.baseAddress, let matrix = unsafe patches.matrix.baseAddress
            else { return }
            unsafe multiply(
              Matrix(weight, rowStride: patches.rows, isTransposed: true),
              Matrix(gradient + plane.target, rowStride: plane.volume), into: matrix,
              rowStride: patches.columns, rows: patches.rows, columns: patches.columns,
              inner: outputChannels, accumulates: false)
            unsafe patches.scatter(into: result + plane.source, plane: plane.index)
          }
        }
      }
    }
    return result
  }

  /// The gradient by the weight; O, I, D, H, W.
  func weightGradient(_ input: Tensor, _ gradient: Tensor) -> Tensor {
    var result = Tensor(zeros: [outputChannels, inputChannels] + kernel)
    walk(source: input.shape, target: Array(gradient.shape.dropFirst(2))) { patches, plane in
      // SAFETY: the plane's offsets lie within the tensors by their shapes.
      unsafe input.withElements { input in
        unsafe gradient.withElements { gradient in
          unsafe result.withMutableElements { result in
            guard let input = input.baseAddress, let gradient = gradient.baseAddress,
              let result = result.baseAddress, let matrix = unsafe patches.matrix.baseAddress
            else { return }
            unsafe patches.gather(input + plane.source, plane: plane.index)
            unsafe multiply(
              Matrix(gradient + plane.target, rowStride: plane.volume),
              Matrix(matrix, rowStride: patches.columns, isTransposed: true), into: result,
              rowStride: patches.rows, rows: outputChannels, columns: patches.rows,
              inner: patches.columns, accumulates: true)
          }
        }
      }
    }
    return result
  }

  /// One output plane of one sample.
  private struct Plane {
    let index: Int

    /// Where the sample begins in the source.
    let source: Int

    /// Where the plane of the first channel begins in the target.
    let target: Int

    /// The distance of two channels in the target.
    let volume: Int
  }

  private func walk(source: [Int], target: [Int], _ body: (Patches, Plane) -> Void) {
    let patches = Patches(self, source: Array(source.dropFirst(2)), target: target)
    defer { patches.free() }
    let volume = target.reduce(1, *)
    for sample in 0..<source[0] {
      for index in 0..<target[0] {
        let plane = Plane(
          index: index, source: sample * source.dropFirst().reduce(1, *),
          target: sample * outputChannels * volume + index * patches.columns, volume: volume)
        body(patches, plane)
      }
    }
  }
}
