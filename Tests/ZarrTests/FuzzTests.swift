// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing
import Zarr

@testable import ZarrFuzzing

/// The short run; `make fuzz` does a million inputs and watches every allocation.
@Suite("Fuzzing")
struct FuzzTests {
  @Test("damaged metadata, indices and chunks give elements or an error, never a trap", arguments: 0..<20)
  func shortRun(part: Int) throws {
    let fuzzer = try ZarrFuzzer(seed: 1)
    var (opened, read) = (0, 0)
    for number in (1000 * part)..<(1000 * (part + 1)) {
      let outcome = fuzzer.run(number)
      opened += outcome.isOpened ? 1 : 0
      read += outcome.isRead ? 1 : 0
    }
    // The damage is neither so great that nothing is opened nor so small that all is read.
    #expect(opened > 250 && read > 50 && read < 900, "\(opened) opened, \(read) read")
  }

  @Test("images that are to be damaged are whole before, in Zarr v3 and v2")
  func whole() throws {
    let images = try FuzzCase.images()
    #expect(images.map { $0.isGroup && !$0.chunks.isEmpty } == [true, true, true])
    for image in images {
      let store = MemoryStore()
      for (key, bytes) in image.objects { try store.write(bytes, to: key) }
      let group = try GroupMetadata(opening: "", in: store)
      let multiscale = try #require(try MultiscaleMetadata(attributes: group.attributes, key: ""))
      #expect(multiscale.levels.map(\.scale) == [[8, 0.016]])
      let elements = try ZarrArray(opening: multiscale.levels[0].path, in: store).read(Box(FuzzCase.shape))
      #expect(elements == FuzzCase.elements(.uint16))
    }
  }
}
