// SPDX-License-Identifier: Apache-2.0

public import Arrays

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes an array of any rank and type as NumPy's NPY (format version 1.0), part by part.
///
/// Elements are in C order and this machine's byte order, which the header names.
@safe public final class NPYWriter {
  private let file: NewFile
  private let stream: UnsafeMutablePointer<FILE>
  private var missingBytes: Int
  private var isOpen = true

  /// Begins a file for an array of this shape.
  ///
  /// - Throws: ``ImageFileError/inaccessible(path:reason:)`` if it cannot be created.
  public init(_ path: String, extent: Extent, dataType: DataType) throws(ImageFileError) {
    file = NewFile(at: path)
    missingBytes = extent.count * dataType.byteCount
    // SAFETY: path and mode are zero-terminated texts for the call; the stream is closed once.
    guard let stream = unsafe fopen(file.partialPath, "wb") else { throw file.failure() }
    unsafe self.stream = unsafe stream
    let sizes = extent.sizes.map { "\($0)," }.joined(separator: " ")
    var header =
      "{'descr': '\(Self.code(dataType))', 'fortran_order': False, 'shape': (\(sizes)), }"
    // Magic, version, length and header together fill a multiple of 64 bytes and end in a newline.
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let length = header.utf8.count
    try put([0x93] + "NUMPY".utf8 + [1, 0, UInt8(length & 255), UInt8(length >> 8)] + header.utf8)
  }

  deinit { if isOpen { _ = unsafe fclose(stream) } }

  /// Appends elements in C order.
  ///
  /// - Precondition: No more than the array has.
  public func write(_ part: NDArray) throws(ImageFileError) {
    precondition(part.byteCount <= missingBytes, "no more elements than the header says")
    missingBytes -= part.byteCount
    try unsafe part.withBytes { bytes throws(ImageFileError) in try unsafe put(bytes) }
  }

  /// Completes the file and gives it its name.
  ///
  /// - Precondition: All elements have been written.
  public func finish() throws(ImageFileError) {
    precondition(missingBytes == 0, "a file is finished when all elements are written")
    isOpen = false
    guard unsafe fclose(stream) == 0 else { throw file.failure() }
    try file.publish()
  }

  /// Writes a whole array.
  public static func write(_ array: NDArray, to path: String) throws(ImageFileError) {
    let writer = try NPYWriter(path, extent: array.extent, dataType: array.dataType)
    try writer.write(array)
    try writer.finish()
  }

  private func put(_ bytes: [UInt8]) throws(ImageFileError) {
    let outcome: Result<Void, ImageFileError> = unsafe bytes.withUnsafeBytes { buffer in
      Result { () throws(ImageFileError) in try unsafe put(buffer) }
    }
    try outcome.get()
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws(ImageFileError) {
    guard let base = bytes.baseAddress else { return }
    // SAFETY: the stream is open and the buffer has `count` bytes.
    guard unsafe fwrite(base, 1, bytes.count, stream) == bytes.count else { throw file.failure() }
  }

  private static func code(_ type: DataType) -> String {
    let kind =
      type == .bool ? "b" : type.isFloatingPoint ? "f" : type.isSigned ? "i" : "u"
    let order = type.byteCount == 1 ? "|" : 1.littleEndian == 1 ? "<" : ">"
    return "\(order)\(kind)\(type.byteCount)"
  }
}
