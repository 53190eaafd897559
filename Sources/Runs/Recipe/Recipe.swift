// SPDX-License-Identifier: Apache-2.0

import Catalog
import Foundation
import Yams

/// Everything of a training in one YAML file, with names as the options of `vemdb train` have.
///
/// ```yaml
/// pairs:
///   - epfl/em,epfl/mito
///   - {image: sbem/em, labels: sbem/mito, weight: 2}
/// classes: [mito]
/// steps: 800
/// augmentation: {preset: mild, elastic: 3}
/// ```
public struct Recipe: Hashable, Sendable {
  /// The training that it describes; what the file does not name has its default.
  public var request: TrainingRequest

  /// How long the training may take in seconds, in place of a number of steps.
  public var seconds: Double?

  /// A recipe of nothing but defaults.
  public init() { request = TrainingRequest(model: "", pairs: [], classes: []) }

  /// The recipe of a training that is settled.
  public init(of request: TrainingRequest) { self.request = request }

  /// Reads a file.
  ///
  /// - Throws: ``RecipeError``, which names the line.
  public init(file path: String) throws(RecipeError) {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw .unreadable(path: path, reason: error.localizedDescription)
    }
    try self.init(parsing: text, path: path)
  }

  /// Reads YAML.
  ///
  /// - Parameter path: What errors call it.
  /// - Throws: ``RecipeError``.
  public init(parsing text: String, path: String) throws(RecipeError) {
    self.init()
    let root: Node?
    do {
      root = try compose(yaml: text)
    } catch let error as YamlError {
      throw Self.error(error, path)
    } catch {
      throw .malformed(path: path, line: 1, reason: "\(error)")
    }
    guard let root, !text.isEmpty else { return }
    guard let mapping = root.mapping else {
      throw .malformed(
        path: path, line: root.mark?.line ?? 1, reason: "a recipe is a mapping of names to values")
    }
    let keys = RecipeKey.all
    for (name, value) in mapping {
      let line = name.mark?.line ?? value.mark?.line ?? 1
      let word = name.string ?? ""
      guard let key = keys.first(where: { $0.name == word }) else {
        throw .unknownKey(
          word, path: path, line: line,
          nearest: nearest(to: word, among: keys.map(\.name), however: true) ?? "")
      }
      do throws(RecipeFault) {
        try key.read(value, &self)
      } catch {
        switch error.kind {
        case .value(let wanted):
          throw .badValue(key: word, path: path, line: error.line ?? line, wanted: wanted)
        case .key(let inner, let known):
          throw .unknownKey(
            "\(word).\(inner)", path: path, line: error.line ?? line,
            nearest: "\(word)." + (nearest(to: inner, among: known, however: true) ?? ""))
        }
      }
    }
  }

  /// The recipe as YAML: every setting that has a value, so that the same training follows from it whatever
  /// the defaults become.
  public var yaml: String {
    let pairs = RecipeKey.all.compactMap { key -> (Node, Node)? in
      key.shown(self).map { (Node(key.name), $0) }
    }
    let text = try? serialize(node: .mapping(Node.Mapping(pairs)), width: -1, allowUnicode: true)
    return "# vemdb train --recipe FILE\n" + (text ?? "")
  }

  private static func error(_ error: YamlError, _ path: String) -> RecipeError {
    let (mark, reason): (Mark?, String) =
      switch error {
      case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        (mark, problem)
      case .duplicatedKeysInMapping(let duplicates, _):
        (nil, "given twice: \(duplicates.map { "\($0)" }.joined(separator: ", "))")
      default: (nil, "\(error)")
      }
    return .malformed(path: path, line: mark?.line ?? 1, reason: "no YAML: \(reason)")
  }
}
