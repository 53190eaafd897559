// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles

extension SyntheticVolume {
  /// Where the slices of a tissue lie, as a laboratory would have them.
  struct Folders: Hashable, Sendable {
    /// TIFF files, gray.
    let images: String
    /// PNG files, 255 in mitochondria.
    let mitochondria: String
    /// PNG files, 255 in endoplasmic reticulum.
    let reticulum: String
  }

  /// Writes every section to three files below a folder.
  func write(
    below folder: String, threads: Int, progress: any ProgressReporter, cancellation: CancellationFlag
  ) throws -> Folders {
    let folders = Folders(
      images: "\(folder)/images", mitochondria: "\(folder)/mitochondria", reticulum: "\(folder)/reticulum")
    for path in [folders.images, folders.mitochondria, folders.reticulum] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    let depth = tissue.shape[0]
    let done = Counter()
    progress.begin(ProgressStage("making \(tissue.name)", total: depth, unit: "slices"))
    defer { progress.end() }
    try concurrentForEach(count: depth, threads: threads) { (z) throws(any Error) in
      try cancellation.check()
      let slice = slice(z)
      let number = String(format: "%03d", z)
      let image = try TIFFWriter(
        "\(folders.images)/\(number).tif", extent: [1, tissue.shape[1], tissue.shape[2]], dataType: .uint8,
        voxelSize: tissue.voxelSize)
      try image.write(slice.image)
      try image.finish()
      try PNGWriter.write(slice.mitochondria, to: "\(folders.mitochondria)/\(number).png")
      try PNGWriter.write(slice.reticulum, to: "\(folders.reticulum)/\(number).png")
      progress.advance(to: done.next())
    }
    return folders
  }
}
