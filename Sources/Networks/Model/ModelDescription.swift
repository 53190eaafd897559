// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a model is apart from its numbers: `model.json` beside `weights.safetensors`.
public struct ModelDescription: Codable, Hashable, Sendable {
  /// The name of the file in a model's folder.
  public static let fileName = "model.json"

  /// The name of the weights beside it.
  public static let weightsName = "weights.safetensors"

  /// How the network is called where it was made from a known pattern, as in `rsunet`.
  public var architecture: String

  /// The network.
  public var graph: Graph

  /// What is done to images first.
  public var preprocessing: Preprocessing

  /// Canonical class names, one for each of the network's logits.
  public var classes: [String]

  /// Above which probability a voxel belongs to a class.
  public var threshold: Double

  /// The shape in z, y, x of the patches it was trained on, if known.
  public var patch: [Int]?

  /// How it was trained, for people: steps, seed, loss, program and the like.
  public var training: [String: String]

  /// A description of a model.
  public init(
    architecture: String, graph: Graph, preprocessing: Preprocessing, classes: [String],
    threshold: Double = 0.5, patch: [Int]? = nil, training: [String: String] = [:]
  ) {
    self.architecture = architecture
    self.graph = graph
    self.preprocessing = preprocessing
    self.classes = classes
    self.threshold = threshold
    self.patch = patch
    self.training = training
  }

  /// Reads `model.json` of a folder.
  ///
  /// - Throws: ``CheckpointError/unreadable(path:reason:)`` or
  ///   ``CheckpointError/malformed(path:reason:)``, the latter also if the graph does not check.
  public init(folder: String) throws(CheckpointError) {
    let path = "\(folder)/\(Self.fileName)"
    let data = try CheckpointFile.contents(of: path)
    do {
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch let error as NetworkError {
      throw .malformed(path: path, reason: "\(error)")
    } catch {
      throw .malformed(path: path, reason: "it is no description of a model (\(error))")
    }
  }

  /// The bytes of `model.json`: sorted keys, so that equal models give equal bytes.
  public var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      preconditionFailure("a description holds finite numbers alone")
    }
    return [UInt8](data) + [UInt8(ascii: "\n")]
  }

  /// Writes `model.json` and `weights.safetensors` into a folder, each whole or not at all.
  ///
  /// - Throws: ``CheckpointError/unwritable(path:reason:)``.
  public func write(_ weights: Parameters, folder: String) throws(CheckpointError) {
    try Safetensors.write(
      weights, metadata: ["format": "pt"], to: "\(folder)/\(Self.weightsName)")
    try writeAtomically([json], to: "\(folder)/\(Self.fileName)")
  }
}
