// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with a network, its parameters or its input.
public enum NetworkError: Error, Hashable, Sendable {
  /// The graph is no network: a name twice, an input that does not come earlier, no output.
  case invalidGraph(reason: String)

  /// An operation cannot take what comes in.
  case shapeMismatch(node: String, reason: String)

  /// The input has another shape than the plan was made for.
  case inputShape(expected: [Int], found: [Int])

  /// A parameter that the graph needs is not there.
  case missingParameter(name: String)

  /// A parameter has another shape than the graph says.
  case parameterShape(name: String, expected: [Int], found: [Int])

  /// An operation does not keep the planes of its input, so that the network cannot run plane by plane.
  case notStreamable(node: String, reason: String)

  /// The CPU lacks the instructions for the numbers that are asked for.
  case unsupportedPrecision(String)

  /// The smallest tile takes more bytes than are allowed.
  case tooLittleMemory(given: Int, needed: Int)

  /// The backend refused or failed.
  case backend(reason: String)
}

extension NetworkError: CustomStringConvertible {
  /// One sentence: what is wrong and what to do.
  public var description: String {
    switch self {
    case .invalidGraph(let reason):
      "the network's graph is invalid: \(reason)"
    case .shapeMismatch(let node, let reason):
      "the operation \"\(node)\" of the network cannot run: \(reason)"
    case .inputShape(let expected, let found):
      "the network was prepared for an input of shape \(expected), but was given \(found)"
    case .missingParameter(let name):
      "the parameter \"\(name)\" of the network is missing: give a checkpoint that has it"
    case .parameterShape(let name, let expected, let found):
      "the parameter \"\(name)\" has shape \(found), but the network needs \(expected)"
    case .notStreamable(let node, let reason):
      "the network cannot be run plane by plane, because of \"\(node)\": \(reason)"
    case .unsupportedPrecision(let name):
      "this CPU has no instructions for \(name): use float32"
    case .tooLittleMemory(let given, let needed):
      "the network takes at least \(needed) bytes of memory, but \(given) are allowed"
    case .backend(let reason):
      "the network cannot be computed: \(reason)"
    }
  }
}
