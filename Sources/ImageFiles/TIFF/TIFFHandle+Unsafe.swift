// SPDX-License-Identifier: Apache-2.0

import CTIFF

/// An open TIFF file of libtiff; used by one thread at a time.
@safe final class TIFFHandle {
  let path: String
  let tiff: OpaquePointer

  /// Opens a file in one of libtiff's modes.
  ///
  /// Reading takes `c`, which leaves long strips whole, and `m`, which never maps the file into
  /// memory: a file that someone else cuts short is then an error and no crash.
  init(_ path: String, mode: String) throws(ImageFileError) {
    // SAFETY: the message lives until `deinit`, after the handle that writes to it is closed.
    let message = UnsafeMutablePointer<CTIFFMessage>.allocate(capacity: 1)
    unsafe message.initialize(to: CTIFFMessage())
    guard let tiff = unsafe ctiff_open(path, mode, message) else {
      var text = unsafe Self.text(message)
      unsafe message.deallocate()
      if text.hasPrefix("\(path): ") { text = String(text.dropFirst(path.count + 2)) }
      if mode.hasPrefix("r") { throw .damaged(path: path, reason: text) }
      throw .inaccessible(path: path, reason: text)
    }
    self.path = path
    unsafe self.tiff = unsafe tiff
    unsafe self.message = unsafe message
  }

  deinit { close() }

  /// Closes the file and, if it was written, writes what is left; later calls do nothing.
  func close() {
    guard isOpen else { return }
    isOpen = false
    // SAFETY: closed once, and its message freed after it.
    unsafe TIFFClose(tiff)
    unsafe message.deallocate()
  }

  /// What libtiff said first, without its own name of the file.
  var errorText: String {
    let text = unsafe Self.text(message)
    return text.hasPrefix("\(path): ") ? String(text.dropFirst(path.count + 2)) : text
  }

  /// Whether libtiff has reported an error.
  var hasFailed: Bool { unsafe message.pointee.text.0 != 0 }

  /// The file is damaged, in the words of libtiff.
  func damaged(_ place: String = "") -> ImageFileError {
    .damaged(path: path, reason: place + errorText)
  }

  func value16(_ tag: Int32, default missing: UInt16 = 0) -> Int {
    var value = missing
    // SAFETY: the tags asked for are 16-bit ones, and the value is written during the call.
    return unsafe ctiff_get_u16(tiff, UInt32(tag), &value) != 0 ? Int(value) : Int(missing)
  }

  func value32(_ tag: Int32, default missing: UInt32 = 0) -> Int {
    var value = missing
    // SAFETY: the tags asked for are 32-bit ones, and the value is written during the call.
    return unsafe ctiff_get_u32(tiff, UInt32(tag), &value) != 0 ? Int(value) : Int(missing)
  }

  func text(_ tag: Int32) -> String? {
    // SAFETY: the text is zero-terminated and copied before the handle moves on.
    guard let text = unsafe ctiff_get_text(tiff, UInt32(tag)) else { return nil }
    return unsafe String(cString: text)
  }

  // SAFETY of the rest: each is one call on the open handle, which checks the numbers it is given.

  /// Where the present directory begins.
  var directoryOffset: UInt64 { unsafe TIFFCurrentDirOffset(tiff) }

  var isTiled: Bool { unsafe TIFFIsTiled(tiff) != 0 }

  var isByteSwapped: Bool { unsafe TIFFIsByteSwapped(tiff) != 0 }

  /// Strips or tiles of the present directory, of all planes.
  var pieceCount: Int {
    Int(isTiled ? unsafe TIFFNumberOfTiles(tiff) : unsafe TIFFNumberOfStrips(tiff))
  }

  /// Where a strip or tile begins in the file.
  func pieceOffset(_ index: Int) -> Int {
    Int(clamping: unsafe TIFFGetStrileOffset(tiff, UInt32(clamping: index)))
  }

  /// How many bytes of the file a strip or tile takes.
  func pieceByteCount(_ index: Int) -> Int {
    Int(clamping: unsafe TIFFGetStrileByteCount(tiff, UInt32(clamping: index)))
  }

  /// Goes to the next directory; `false` at the end of the chain and on errors.
  func readNextDirectory() -> Bool { unsafe TIFFReadDirectory(tiff) != 0 }

  /// Whether the chain of directories ends here.
  var isLastDirectory: Bool { unsafe TIFFLastDirectory(tiff) != 0 }

  /// Goes to the directory that begins at `offset`.
  func readDirectory(at offset: UInt64) -> Bool { unsafe TIFFSetSubDirectory(tiff, offset) != 0 }

  private let message: UnsafeMutablePointer<CTIFFMessage>
  private var isOpen = true

  private static func text(_ message: UnsafeMutablePointer<CTIFFMessage>) -> String {
    // SAFETY: the array of characters is zero-terminated and lives as long as the message.
    let text = unsafe withUnsafePointer(to: &message.pointee.text) { pointer in
      unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 512) {
        unsafe String(cString: $0)
      }
    }
    return text.isEmpty ? "libtiff cannot read it" : text
  }
}
