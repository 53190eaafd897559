// SPDX-License-Identifier: Apache-2.0

/// Why a file of weights could not be read, written or used.
public enum CheckpointError: Error, Equatable {
  /// The operating system refused to open, read or write the file.
  case unreadable(path: String, reason: String)
  /// The operating system refused to write the file.
  case unwritable(path: String, reason: String)
  /// Neither safetensors nor one of PyTorch's two formats.
  case unknownFormat(path: String)
  /// The file breaks the rules of its format.
  case malformed(path: String, reason: String)
  /// The file describes no network that can run.
  case badDescription(path: String, reason: String)
  /// The file asks for code to be called, or for an object that no weights need.
  case forbiddenGlobal(path: String, name: String)
  /// A format is known but not one that is read here.
  case unsupported(path: String, what: String)
  /// No name in the file belongs to the network.
  case nothingMatched(path: String, wanted: String, found: [String])
}

extension CheckpointError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path) could not be read: \(reason)"
    case .unwritable(let path, let reason):
      "\(path) could not be written: \(reason)"
    case .unknownFormat(let path):
      "\(path) is neither a safetensors file nor a PyTorch checkpoint: give one of these"
    case .malformed(let path, let reason):
      "\(path) is damaged or no file of weights: \(reason)"
    case .badDescription(let path, let reason):
      "\(path) describes no model that vemdb can run: \(reason)"
    case .forbiddenGlobal(let path, let name):
      "\(path) names \(name), which no file of weights needs and which vemdb never runs: "
        + "do not trust this file, and ask its authors for plain weights"
    case .unsupported(let path, let what):
      "\(path) holds \(what), which vemdb does not read: save the weights as float32"
    case .nothingMatched(let path, let wanted, let found):
      "no tensor in \(path) belongs to this network, which has names like \(wanted), while the file "
        + (found.isEmpty ? "has none" : "has \(found.joined(separator: ", "))")
        + ": check --architecture"
    }
  }
}
