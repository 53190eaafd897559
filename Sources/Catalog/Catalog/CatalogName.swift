// SPDX-License-Identifier: Apache-2.0

/// The grammar of the names of datasets, volumes and models.
public enum CatalogName {
  /// Whether `name` is `[A-Za-z0-9][A-Za-z0-9_.-]*`, holds a letter and is not `zarr.json`.
  public static func isValid(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    guard let first = bytes.first, isLetter(first) || isDigit(first) else { return false }
    return bytes.contains(where: isLetter)
      && bytes.allSatisfy { isLetter($0) || isDigit($0) || Array("_.-".utf8).contains($0) }
      && bytes.count <= 128 && name.lowercased() != "zarr.json"
  }

  static func check(_ name: String, of noun: String) throws(CatalogError) {
    if !isValid(name) { throw .invalidName(name, of: noun) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & 0xDF)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
