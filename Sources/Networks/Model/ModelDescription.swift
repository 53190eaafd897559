// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a model is apart from its numbers: `model.json` beside `weights.safetensors`.
public struct ModelDescription: Hashable, Sendable {
  /// The name of the file in a model's folder.
  public static let fileName = "model.json"

  /// The name of the weights beside it.
  public static let weightsName = "weights.safetensors"

  /// How the network is called where it was made from a known pattern, as in `rsunet`; else `custom`, or what
  /// its author calls it.
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
  ///   ``CheckpointError/badDescription(path:reason:)``, the latter also if the graph does not check.
  public init(folder: String) throws(CheckpointError) {
    try self.init(decoding: "\(folder)/\(Self.fileName)")
  }

  /// Reads a description that a person may have written, and checks it with ``check()``.
  ///
  /// - Throws: ``CheckpointError/unreadable(path:reason:)`` or
  ///   ``CheckpointError/badDescription(path:reason:)``, which names the operation that cannot run.
  public init(file path: String) throws(CheckpointError) {
    try self.init(decoding: path)
    do throws(NetworkError) { try check() } catch { throw .badDescription(path: path, reason: "\(error)") }
  }

  private init(decoding path: String) throws(CheckpointError) {
    let data = try CheckpointFile.contents(of: path)
    do {
      self = try JSONDecoder().decode(Self.self, from: data)
    } catch let error as NetworkError {
      throw .badDescription(path: path, reason: "\(error)")
    } catch let error as DecodingError {
      throw .badDescription(path: path, reason: error.reason)
    } catch {
      throw .badDescription(path: path, reason: "\(error)")
    }
  }

  /// Throws unless the network takes images of one channel and gives each voxel a logit for every class.
  ///
  /// - Throws: ``NetworkError/shapeMismatch(node:reason:)`` with the first operation that cannot run.
  public func check() throws(NetworkError) {
    guard case .input(let channels) = graph.nodes[0].operation, channels == 1 else {
      throw .shapeMismatch(node: graph.nodes[0].name, reason: "an image has one channel")
    }
    let sizes = graph.receptiveField.alignment.map { 4 * $0 }
    let result = try graph.outputShape(inputShape: [1, 1] + sizes)
    guard Array(result[2...]) == sizes else {
      throw .shapeMismatch(
        node: graph.output, reason: "it gives \(Array(result[2...])) voxels for \(sizes), not as many")
    }
    guard result[1] == classes.count else {
      throw .shapeMismatch(
        node: graph.output, reason: "it gives \(result[1]) logits for \(classes.count) classes")
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
