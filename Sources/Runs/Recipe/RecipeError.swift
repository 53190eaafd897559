// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a recipe.
public enum RecipeError: Error, Hashable, Sendable {
  /// The file cannot be read.
  case unreadable(path: String, reason: String)
  /// It is no YAML, or no mapping.
  case malformed(path: String, line: Int, reason: String)
  /// A key that no recipe has.
  case unknownKey(String, path: String, line: Int, nearest: String)
  /// A value of the wrong kind.
  case badValue(key: String, path: String, line: Int, wanted: String)
  /// A time that nobody can read.
  case badTime(String)
  /// A length that nobody can read.
  case badLength(String)
}

extension RecipeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "the recipe \(path) cannot be read: \(reason)"
    case .malformed(let path, let line, let reason): "\(path), line \(line): \(reason)"
    case .unknownKey(let key, let path, let line, let nearest):
      "\(path), line \(line): a recipe has no '\(key)'; the nearest that it has is '\(nearest)'"
    case .badValue(let key, let path, let line, let wanted):
      "\(path), line \(line): '\(key)' needs \(wanted)"
    case .badTime(let text): "'\(text)' is no time: give a number and a unit, as in 30m, 90s or 1h30m"
    case .badLength(let text): "'\(text)' is no length: give a number and a unit, as in 100nm"
    }
  }
}
