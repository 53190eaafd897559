// SPDX-License-Identifier: Apache-2.0

/// The place inside `0..<count` that a place outside it mirrors, the border element not repeated:
/// `… 2 1 | 0 1 2 … n-2 n-1 | n-2 n-3 …` (OpenCV's `BORDER_REFLECT_101`).
func reflected(_ index: Int, in count: Int) -> Int {
  precondition(count > 0, "nothing is mirrored in an empty row")
  if count == 1 { return 0 }
  var index = index
  while index < 0 || index >= count {
    index = index < 0 ? -index : 2 * (count - 1) - index
  }
  return index
}
