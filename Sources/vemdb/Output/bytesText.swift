// SPDX-License-Identifier: Apache-2.0

/// A number of bytes for people, as in `1.5 MiB`.
func bytesText(_ count: Int) -> String {
  var size = Double(count)
  var unit = "B"
  for next in ["KiB", "MiB", "GiB", "TiB"] where size >= 1024 {
    size /= 1024
    unit = next
  }
  if unit == "B" { return "\(count) B" }
  let tenths = Int((size * 10).rounded())
  return "\(tenths / 10).\(tenths % 10) \(unit)"
}
