// SPDX-License-Identifier: Apache-2.0

/// Why objects cannot be made.
public enum InstanceError: Error, Hashable, Sendable {
  /// The source is an image.
  case noLabels(String, kind: String)
  /// The source has several classes, and none was named.
  case whichClass(String, known: [String])
  /// The class asked for is not among the source's.
  case noSuchClass(String, version: String, known: [String])
  /// Boundaries say nothing of what lies between them.
  case namelessObjects(String)
  /// Labels have no probabilities.
  case noProbabilities(String, kind: String)
  /// Ids are objects already.
  case alreadyObjects(String, option: String)
  /// The region holds no voxel that the source covers.
  case nothingCovered(region: String, source: String)
  /// The source is not what it was when the run began.
  case changed(run: Int64)
  /// An option whose value makes no sense.
  case badOption(String, reason: String)
}

extension InstanceError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noLabels(let version, let kind):
      "\(version) is of kind \(kind): name labels, a prediction or probabilities"
    case .whichClass(let version, let known):
      "\(version) has \(Self.list(known)): name one with --class"
    case .noSuchClass(let name, let version, let known):
      "\(version) has no class '\(name)': it has \(Self.list(known))"
    case .namelessObjects(let version):
      "\(version) shows boundaries: say with --class what lies between them"
    case .noProbabilities(let version, let kind):
      "\(version) is of kind \(kind) and holds no probabilities: use --watershed distance"
    case .alreadyObjects(let version, let option):
      "\(version) holds ids of objects, so that \(option) has nothing to part: leave it out"
    case .nothingCovered(let region, let source):
      "the region \(region) holds no voxel that \(source) covers: see vemdb show \(source)"
    case .changed(let run):
      "run \(run) cannot be resumed, because its source or settings are not what they were: start a new one"
    case .badOption(let option, let reason): "\(option): \(reason)"
    }
  }

  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "no classes" : names.map { "'\($0)'" }.joined(separator: ", ")
  }
}
