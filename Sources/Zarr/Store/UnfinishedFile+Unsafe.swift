// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that gets its name once it is complete, and is removed if that never happens.
///
/// Used by one thread.
final class UnfinishedFile {
  private let path: String
  private let unfinished: String
  private let descriptor: Int32
  private var isOpen = true

  /// Tells the unfinished files of one process apart.
  private static let count = Atomic<Int>(0)

  /// Makes the file beside its later place, and the folders that it needs.
  init(path: String) throws(ZarrError) {
    let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    let unfinished = "\(path[...slash]).\(path[slash...].dropFirst()).\(getpid())-\(number).unfinished"
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
    // SAFETY: the path lives while the calls run.
    var descriptor = unsafe open(unfinished, flags, 0o666)
    if descriptor < 0, errno == ENOENT {
      try Self.makeFolder(String(path[..<slash]))
      descriptor = unsafe open(unfinished, flags, 0o666)
    }
    guard descriptor >= 0 else { throw .system(path: unfinished, operation: "create", code: errno) }
    self.path = path
    self.unfinished = unfinished
    self.descriptor = descriptor
  }

  deinit {
    guard isOpen else { return }
    close(descriptor)
    // SAFETY: the path lives while the call runs.
    unsafe unlink(unfinished)
  }

  func append(_ bytes: RawSpan) throws(ZarrError) {
    // SAFETY: the pointer is used for the bytes that the span has, while it lives.
    let code = unsafe bytes.withUnsafeBytes { buffer -> Int32 in
      var done = 0
      while done < buffer.count {
        let count = unsafe write(descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done)
        if count < 0, errno == EINTR { continue }
        if count < 0 { return errno }
        done += count
      }
      return 0
    }
    if code != 0 { throw .system(path: path, operation: "write", code: code) }
  }

  /// Gives the file its name, in place of the file that had it.
  func finish() throws(ZarrError) {
    isOpen = false
    var code: Int32 = close(descriptor) != 0 ? errno : 0
    // SAFETY: both paths live while the call runs.
    if code == 0, unsafe rename(unfinished, path) != 0 { code = errno }
    if code == 0 { return }
    _ = unsafe unlink(unfinished)
    throw .system(path: path, operation: "write", code: code)
  }

  private static func makeFolder(_ path: String) throws(ZarrError) {
    // SAFETY: the path lives while the calls run.
    if unsafe mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try makeFolder(String(path[..<slash]))
      if unsafe mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    }
    throw .system(path: path, operation: "create the folder", code: errno)
  }
}
