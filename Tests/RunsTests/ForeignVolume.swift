// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A Zarr v2 volume written byte by byte, as other programs lay it out: uncompressed chunks.
struct ForeignVolume {
  let url: URL
  var shape: [Int]
  var chunks: [Int]
  /// NumPy's name of a type of one byte, or `<f4`.
  var type = "|u1"

  init(_ url: URL, shape: [Int] = [11, 20, 14], chunks: [Int] = [4, 16, 8]) {
    self.url = url
    self.shape = shape
    self.chunks = chunks
  }

  /// Writes the array at a path inside, its elements by their positions.
  func write(_ path: String = "0", _ element: ([Int]) -> Double) throws {
    let folder = url.appendingPathComponent(path)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try put(
      """
      {"zarr_format": 2, "shape": \(shape), "chunks": \(chunks), "dtype": "\(type)", "compressor": null,
       "fill_value": 0, "order": "C", "filters": null}
      """, "\(path)/.zarray")
    var indices: [[Int]] = [[]]
    for axis in shape.indices {
      let count = (shape[axis] + chunks[axis] - 1) / chunks[axis]
      indices = indices.flatMap { index in (0..<count).map { index + [$0] } }
    }
    for index in indices {
      var positions: [[Int]] = [[]]
      for axis in shape.indices {
        let start = index[axis] * chunks[axis]
        positions = positions.flatMap { position in (0..<chunks[axis]).map { position + [start + $0] } }
      }
      var data = Data()
      for position in positions {
        let inside = position.indices.allSatisfy { position[$0] < shape[$0] }
        let value = inside ? element(position) : 0
        if type == "<f4" {
          let bits = Float(value).bitPattern
          data.append(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) })
        } else {
          data.append(UInt8(truncatingIfNeeded: Int(value)))
        }
      }
      try data.write(to: folder.appendingPathComponent(index.map(String.init).joined(separator: ".")))
    }
  }

  /// Makes the folder an OME-NGFF 0.4 image of the array `0`.
  func describe(
    axes: [(name: String, type: String, unit: String?)], scale: [Double], translation: [Double]? = nil,
    version: String = "0.4"
  ) throws {
    let listed = axes.map { axis in
      let unit = axis.unit.map { ", \"unit\": \"\($0)\"" } ?? ""
      return "{\"name\": \"\(axis.name)\", \"type\": \"\(axis.type)\"\(unit)}"
    }
    let moved = translation.map { ", {\"type\": \"translation\", \"translation\": \($0)}" } ?? ""
    try put("{\"zarr_format\": 2}", ".zgroup")
    try put(
      """
      {"multiscales": [{"version": "\(version)", "axes": [\(listed.joined(separator: ", "))],
       "datasets": [{"path": "0",
        "coordinateTransformations": [{"type": "scale", "scale": \(scale)}\(moved)]}]}]}
      """, ".zattrs")
  }

  func put(_ text: String, _ name: String) throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
  }
}
