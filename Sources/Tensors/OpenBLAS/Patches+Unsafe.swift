// SPDX-License-Identifier: Apache-2.0

/// The patches that a convolution sees along one output plane, as a matrix: one row a channel and tap,
/// one column an output voxel of the plane.
@safe struct Patches {
  let convolution: Convolution

  /// D, H, W of the array that the kernel moves over.
  let source: [Int]

  /// D, H, W of the kernel's positions.
  let target: [Int]

  /// Scratch of ``rows`` × ``columns`` elements.
  let matrix: UnsafeMutableBufferPointer<Float>

  init(_ convolution: Convolution, source: [Int], target: [Int]) {
    self.convolution = convolution
    self.source = source
    self.target = target
    let count = convolution.inputChannels * convolution.kernel.reduce(1, *) * target[1] * target[2]
    // SAFETY: freed by `free()`, which each user calls once by `defer`.
    unsafe matrix = .allocate(capacity: count)
    unsafe matrix.initialize(repeating: 0)
  }

  var rows: Int { convolution.inputChannels * convolution.kernel.reduce(1, *) }
  var columns: Int { target[1] * target[2] }

  func free() { unsafe matrix.deallocate() }

  /// Copies the patches of output plane `plane` of one sample into the matrix; zeros outside.
  func gather(_ sample: UnsafePointer<Float>, plane: Int) {
    unsafe walk(plane: plane) { row, from, step, count in
      // SAFETY: `walk` gives rows within the matrix and, where `from` is not nil, `count` source
      // elements `step` apart within the sample.
      guard let from else {
        unsafe row.update(repeating: 0, count: count)
        return
      }
      let line = unsafe sample + from
      for index in 0..<count { unsafe row[index] = unsafe line[index * step] }
    }
  }

  /// Adds the matrix, taken as patches of output plane `plane`, to one sample.
  func scatter(into sample: UnsafeMutablePointer<Float>, plane: Int) {
    unsafe walk(plane: plane) { row, from, step, count in
      // SAFETY: as in `gather`.
      guard let from else { return }
      let line = unsafe sample + from
      for index in 0..<count { unsafe line[index * step] += unsafe row[index] }
    }
  }

  /// Calls `body` for every run of a matrix row that lies inside (with the offset of its first source
  /// element, and their distance) or outside (nil) of the source.
  private func walk(plane: Int, _ body: (UnsafeMutablePointer<Float>, Int?, Int, Int) -> Void) {
    guard var row = unsafe matrix.baseAddress else { return }
    let (kernel, stride, padding) = (convolution.kernel, convolution.stride, convolution.padding)
    let (depth, height, width) = (source[0], source[1], source[2])
    for channel in 0..<convolution.inputChannels {
      for kz in 0..<kernel[0] {
        let z = plane * stride[0] - padding[0] + kz
        for ky in 0..<kernel[1] {
          for kx in 0..<kernel[2] {
            // Positions whose source column lies inside.
            let shift = kx - padding[2]
            let first = min(target[2], shift >= 0 ? 0 : (-shift + stride[2] - 1) / stride[2])
            let room = width - 1 - shift
            let end = max(first, room < 0 ? 0 : min(target[2], room / stride[2] + 1))
            for oy in 0..<target[1] {
              let y = oy * stride[1] - padding[1] + ky
              // SAFETY: the rows of all channels, taps and lines fill the matrix exactly.
              if z < 0 || z >= depth || y < 0 || y >= height {
                unsafe body(row, nil, 0, target[2])
              } else {
                let line = ((channel * depth + z) * height + y) * width
                if first > 0 { unsafe body(row, nil, 0, first) }
                if end > first {
                  unsafe body(row + first, line + first * stride[2] + shift, stride[2], end - first)
                }
                if end < target[2] { unsafe body(row + end, nil, 0, target[2] - end) }
              }
              unsafe row += target[2]
            }
          }
        }
      }
    }
  }
}
