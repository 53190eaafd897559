// SPDX-License-Identifier: Apache-2.0

/// The name that takes the fewest edits to become `wanted`, if they are few beside its length or if any
/// number will do.
///
/// The Levenshtein distance by the two-row scheme of Wagner and Fischer, doi:10.1145/321796.321811.
public func nearest(to wanted: String, among names: [String], however isFar: Bool = false) -> String? {
  let best = names.map { (distance($0, wanted), $0) }.min { $0 < $1 }
  guard let (edits, name) = best, isFar || edits <= max(1, min(name.count, wanted.count) / 3) else {
    return nil
  }
  return name
}

private func distance(_ a: String, _ b: String) -> Int {
  let target = Array(b.utf8)
  var row = Array(0...target.count)
  for (i, byte) in a.utf8.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in target.indices {
      let edits = min(row[j] + 1, row[j + 1] + 1, diagonal + (byte == target[j] ? 0 : 1))
      diagonal = row[j + 1]
      row[j + 1] = edits
    }
  }
  return row[target.count]
}
