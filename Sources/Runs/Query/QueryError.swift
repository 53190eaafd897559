// SPDX-License-Identifier: Apache-2.0

/// Why a query cannot be answered.
public enum QueryError: Error, Hashable, Sendable {
  /// A region was given for a dataset whose voxels can be counted in several ways.
  case ambiguousGrid(dataset: String, images: [String])
  /// A region was given for a dataset without an image.
  case noGrid(dataset: String)
  /// What is asked about has no voxels.
  case noVoxels(String)
  /// No version of the class.
  case noSuchClass(String, version: String, known: [String])
}

extension QueryError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .ambiguousGrid(let dataset, let images):
      "\(dataset) has several images, so a region needs to know whose voxels it counts: add --in with one of "
        + images.joined(separator: ", ")
    case .noGrid(let dataset):
      "\(dataset) has no image whose voxels a region could count: add --in with one of its volumes"
    case .noVoxels(let reference):
      "\(reference) has no voxels to query: name a dataset, a volume or a version"
    case .noSuchClass(let name, let version, let known):
      "\(version) has no class '\(name)': "
        + (known.isEmpty ? "it has no classes" : "it has \(known.joined(separator: ", "))")
    }
  }
}
