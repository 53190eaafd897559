// SPDX-License-Identifier: Apache-2.0

import CChecksum
import Testing

@Suite("CRC-32C")
struct ChecksumTests {
  /// RFC 3720, appendix B.4 (values as numbers: the bytes there stand in the reverse order).
  static let published: [(bytes: [UInt8], sum: UInt32)] = [
    ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
    ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
    ((0..<32).map { UInt8($0) }, 0x46dd_794e),
    ((0..<32).reversed().map { UInt8($0) }, 0x113f_db5c),
    (Array("123456789".utf8), 0xe306_9283),
  ]

  @Test("the sums of RFC 3720 come out, by the CPU's instruction and by table", arguments: published)
  func vectors(bytes: [UInt8], sum: UInt32) {
    // SAFETY: the pointer has as many bytes as the array.
    #expect(unsafe crc32c_extend(0, bytes, bytes.count) == sum)
    #expect(unsafe crc32c_extend_by_table(0, bytes, bytes.count) == sum)
  }

  @Test("instruction and table agree on long runs, which are summed as three streams")
  func longRuns() {
    var state: UInt32 = 1
    let bytes = (0..<100_000).map { _ -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
    for length in [0, 1, 7, 8, 767, 768, 769, 24_575, 24_576, 24_577, 99_999] {
      // SAFETY: the pointer has at least as many bytes.
      let sums = unsafe (crc32c_extend(17, bytes, length), crc32c_extend_by_table(17, bytes, length))
      #expect(sums.0 == sums.1, "\(length) bytes")
    }
  }
}
