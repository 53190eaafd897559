// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
public import Zarr

/// A Zarr array or OME-NGFF image that any program wrote: Zarr v3 or v2, OME-NGFF 0.5 or 0.4, or an array
/// that nothing describes.
///
/// ```swift
/// let image = try ForeignZarr(opening: "volume.zarr")
/// let finest = try image.level(0)
/// let voxels = try finest.read(Box(finest.extent), threads: 2)
/// ```
public struct ForeignZarr: Sendable {
  /// The path or the address, as messages call it.
  public let name: String

  /// The scale levels; `nil` for an array that is no part of an image.
  public let multiscale: MultiscaleMetadata?

  /// The version of OME-NGFF, if it is an image that names one.
  public let imageFormat: String?

  /// Whether the store is on another machine.
  public let isRemote: Bool

  let store: any ReadableStore

  /// The documents that describe the group or the array.
  let documents: [SourceFile]

  /// Opens an image or an array in a folder: the folder of a store, or one of a node inside it.
  ///
  /// - Throws: ``ImageFileError``: there is nothing, it is a group without an image, or its metadata are
  ///   wrong or of a version that is not read.
  public init(opening path: String) throws(ImageFileError) {
    try self.init(opening: path, in: LocalStore(path: path), isRemote: false)
  }

  /// Opens the image or the array at the root of a store.
  ///
  /// - Parameter name: The path or the address of the store, as messages call it.
  public init(
    opening name: String, in store: any ReadableStore, isRemote: Bool
  ) throws(ImageFileError) {
    self.name = name
    self.store = store
    self.isRemote = isRemote
    let attributes: JSONObject?
    do throws(ZarrError) {
      let found = try NodeDocuments(of: "", in: store)
      documents = found.files(below: name)
      attributes = try found.groupAttributes()
      multiscale = try attributes.flatMap { (attributes) throws(ZarrError) in
        try MultiscaleMetadata(attributes: attributes, key: found.attributesKey)
      }
    } catch {
      throw .zarr(error, path: name)
    }
    imageFormat = attributes.flatMap(MultiscaleMetadata.version(of:))
    if let attributes, multiscale == nil {
      throw .unsupported(path: name, reason: Self.advice(attributes))
    }
  }

  /// The number of scale levels.
  public var levelCount: Int { multiscale?.levels.count ?? 1 }

  /// Whether a folder of the file system is a Zarr node, by the documents in it.
  public static func isZarr(_ folder: String) -> Bool {
    NodeDocuments.names.contains { FileManager.default.fileExists(atPath: "\(folder)/\($0)") }
  }

  /// What to do with a group that is no image.
  private static func advice(_ attributes: JSONObject) -> String {
    let members = attributes["ome"]?.object ?? attributes
    if let labels = members["labels"]?.array?.compactMap(\.string), let first = labels.first {
      return "is a list of labels: name one of them, as in …/\(first)"
        + (labels.count > 1 ? " (there are \(labels.joined(separator: ", ")))" : "")
    }
    if members["plate"] != nil || members["well"] != nil {
      return "is a plate of many images: name the folder of one of them"
    }
    if members["bioformats2raw.layout"] != nil {
      return "is a collection of images: name one of them, as in …/0"
    }
    return "is a Zarr group without an OME-NGFF image: name the image or the array inside it"
  }
}
