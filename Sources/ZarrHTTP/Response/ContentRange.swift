// SPDX-License-Identifier: Apache-2.0

/// The header `Content-Range` (RFC 9110, section 14.4), as in `bytes 0-99/1234`.
struct ContentRange: Hashable, Sendable {
  /// The bytes that are sent; empty where there are none, as in `bytes */1234`.
  let bytes: Range<Int>
  /// The bytes of the whole object, if that is said.
  let total: Int?

  init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
    let parts = words[1].split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    total = parts[1] == "*" ? nil : Int(parts[1])
    guard total != nil || parts[1] == "*" else { return nil }
    if parts[0] == "*" {
      bytes = 0..<0
      return
    }
    let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0, last >= first,
      last < Int.max
    else { return nil }
    bytes = first..<(last + 1)
  }
}
