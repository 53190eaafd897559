// SPDX-License-Identifier: Apache-2.0

import Tensors

extension Parameters {
  /// Takes over what a file has of these parameters, by name and shape.
  ///
  /// The file's names may all begin with a prefix, such as DataParallel's `module.` or the key
  /// `state_dict.` of a training checkpoint: the one under which most names match is taken.
  ///
  /// - Parameters:
  ///   - found: All tensors of the file.
  ///   - path: The file, for the account.
  /// - Returns: What was loaded and what was not.
  /// - Throws: ``CheckpointError/nothingMatched(path:wanted:found:)`` if no tensor was taken; the
  ///   parameters are then as they were.
  public mutating func load(
    _ found: Parameters, from path: String
  ) throws(CheckpointError) -> LoadReport {
    let prefix = bestPrefix(in: found)
    var loaded: [String] = []
    var missing: [String] = []
    var mismatched: [LoadReport.Mismatch] = []
    for position in 0..<count {
      let name = names[position]
      guard let tensor = found[prefix + name] else {
        missing.append(name)
        continue
      }
      let expected = self[position: position].shape
      if tensor.shape == expected {
        self[position: position] = tensor
        loaded.append(name)
      } else {
        mismatched.append(.init(name: name, expected: expected, found: tensor.shape))
      }
    }
    guard !loaded.isEmpty else {
      throw .nothingMatched(
        path: path, wanted: names.first ?? "", found: Array(found.names.prefix(3)))
    }
    let unexpected = found.names
      .filter { $0.hasPrefix(prefix) && !$0.hasSuffix(".num_batches_tracked") }
      .map { String($0.dropFirst(prefix.count)) }
      .filter { position(of: $0) == nil }
    return LoadReport(
      path: path, prefix: prefix, loaded: loaded, missing: missing, unexpected: unexpected,
      mismatched: mismatched)
  }

  /// The prefix under which `found` has most of the names, the shortest of several.
  private func bestPrefix(in found: Parameters) -> String {
    var matches: [String: Int] = [:]
    for name in found.names {
      // Each tail of a dotted name that is one of ours speaks for the prefix before it.
      var start = name.startIndex
      while true {
        if position(of: String(name[start...])) != nil {
          matches[String(name[..<start]), default: 0] += 1
        }
        guard let dot = name[start...].firstIndex(of: ".") else { break }
        start = name.index(after: dot)
      }
    }
    let best = matches.min {
      ($1.value, $0.key.count, $0.key) < ($0.value, $1.key.count, $1.key)
    }
    return best?.key ?? ""
  }
}
