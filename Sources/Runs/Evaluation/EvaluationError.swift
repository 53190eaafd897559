// SPDX-License-Identifier: Apache-2.0

/// Why a prediction cannot be scored.
public enum EvaluationError: Error, Hashable, Sendable {
  /// The two have different numbers of voxels.
  case differentShapes(prediction: String, shape: String, truth: String, truthShape: String)
  /// The two belong to different images.
  case differentImages(prediction: String, image: String, truth: String, truthImage: String)
  /// A volume that is neither labels nor a prediction.
  case noLabels(String, kind: String)
  /// The class asked for is not among a version's.
  case noSuchClass(String, version: String, known: [String])
  /// The two have no class in common.
  case noCommonClass(prediction: String, known: [String], truth: String, truthKnown: [String])
  /// No voxel is covered by both where it was asked for.
  case nothingCovered(prediction: String, truth: String, region: String)
  /// An option whose value makes no sense.
  case badOption(String, reason: String)
  /// The truth's volume has no such part.
  case notSplit(volume: String, part: String)
}

extension EvaluationError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .differentShapes(let prediction, let shape, let truth, let truthShape):
      "\(prediction) has \(shape) voxels and \(truth) has \(truthShape): with voxels of one size that start at "
        + "one place they should have one shape"
    case .differentImages(let prediction, let image, let truth, let truthImage):
      "\(prediction) belongs to the image \(image) and \(truth) to \(truthImage): score it against labels of "
        + "its own image"
    case .noLabels(let version, let kind):
      "\(version) is of kind \(kind): name labels, or as what is scored also a prediction or probabilities"
    case .noSuchClass(let name, let version, let known):
      "\(version) has no class '\(name)': it has \(Self.list(known))"
    case .noCommonClass(let prediction, let known, let truth, let truthKnown):
      "\(prediction) has \(Self.list(known)) and \(truth) has \(Self.list(truthKnown)): they share no class; say which are "
        + "the same, as in --class \(known.first ?? "a")=\(truthKnown.first ?? "b")"
    case .badOption(let option, let reason): "\(option): \(reason)"
    case .nothingCovered(let prediction, let truth, let region):
      "no voxel of \(region) is covered by both \(prediction) and \(truth): see their coverage with vemdb show"
    case .notSplit(let volume, let part):
      "\(volume) has no part '\(part)': split it with vemdb split, or leave --split out"
    }
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "no classes" : names.map { "'\($0)'" }.joined(separator: ", ")
  }
}
