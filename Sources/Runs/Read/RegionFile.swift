// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles

/// A TIFF, NPY or PNG file into which the voxels of a box are written.
struct RegionFile {
  enum Format {
    case tiff, npy, png
  }

  let path: String
  let format: Format

  /// - Throws: ``ReadError/unknownFormat(_:)`` where the ending of the path names none.
  init(_ path: String) throws {
    self.path = path
    switch URL(fileURLWithPath: path).pathExtension.lowercased() {
    case "tif", "tiff": format = .tiff
    case "npy": format = .npy
    case "png": format = .png
    default: throw ReadError.unknownFormat(path)
    }
  }

  /// The size of the file.
  var byteCount: Int {
    get throws { try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0 }
  }

  /// Writes voxels as they are, by slabs that end where layers of chunks end, in rising z.
  ///
  /// - Parameters:
  ///   - depth: The depth of a layer of chunks.
  ///   - read: Gives the voxels of a box inside `box`.
  func write(
    _ box: Box, of type: DataType, voxelSize: VoxelSize?, depth: Int, _ progress: any ProgressReporter,
    _ cancellation: CancellationFlag, _ read: (Box) throws -> NDArray
  ) throws {
    func forEachSlab(_ body: (NDArray) throws -> Void) throws {
      var z = box.lower[0]
      while z < box.upper[0] {
        try cancellation.check()
        let end = min((z / depth + 1) * depth, box.upper[0])
        try body(
          try read(
            Box(lower: [z, box.lower[1], box.lower[2]], upper: [end, box.upper[1], box.upper[2]])))
        z = end
        progress.advance(to: z - box.lower[0])
      }
    }
    switch format {
    case .png:
      guard box.extent[0] == 1 else { throw ReadError.manySlices(path: path, count: box.extent[0]) }
      try forEachSlab { try PNGWriter.write($0.reshaped([box.extent[1], box.extent[2]]), to: path) }
    case .npy:
      let writer = try NPYWriter(path, extent: box.extent, dataType: type)
      try forEachSlab { try writer.write($0) }
      try writer.finish()
    case .tiff:
      let writer = try TIFFWriter(path, extent: box.extent, dataType: type, voxelSize: voxelSize)
      try forEachSlab { slab in
        for z in 0..<slab.extent[0] {
          try writer.write(
            slab.cropped(to: Box(origin: [z, 0, 0], extent: [1, slab.extent[1], slab.extent[2]])))
        }
      }
      try writer.finish()
    }
  }
}
