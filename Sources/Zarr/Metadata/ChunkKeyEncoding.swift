// SPDX-License-Identifier: Apache-2.0

/// How the position of a chunk in the grid becomes the key under which it is stored.
public struct ChunkKeyEncoding: Hashable, Sendable {
  /// The two encodings of the core specification.
  public enum Name: String, Sendable {
    /// `c/1/2/3`.
    case `default`
    /// `1.2.3`, as Zarr v2 has it.
    case v2
  }

  /// Which encoding.
  public let name: Name
  /// Between the numbers: `/` or `.`.
  public let separator: String

  /// - Parameter separator: `/` or `.`; the encoding's own by default.
  public init(_ name: Name = .default, separator: String? = nil) {
    self.name = name
    self.separator = separator ?? (name == .default ? "/" : ".")
  }

  /// The key of a chunk, relative to the array.
  public func key(of index: [Int]) -> String {
    let numbers = index.map(String.init).joined(separator: separator)
    return switch name {
    case .default: index.isEmpty ? "c" : "c\(separator)\(numbers)"
    case .v2: index.isEmpty ? "0" : numbers
    }
  }
}
