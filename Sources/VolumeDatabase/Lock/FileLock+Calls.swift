// SPDX-License-Identifier: Apache-2.0

extension FileLock {
  /// What a lock asks of the system; each call answers as the system's does, by a result below zero and `errno`.
  struct Calls: Sendable {
    /// As open(2), with the flags.
    var openFile: @Sendable (_ path: String, _ flags: Int32) -> Int32
    /// As flock(2).
    var lockFile: @Sendable (_ descriptor: Int32, _ operation: Int32) -> Int32
    /// As chmod(2).
    var changeMode: @Sendable (_ path: String, _ mode: UInt32) -> Int32
  }

  private static let imitations = FolderHooks<Calls>()

  /// Answers for the system where files under a folder are locked.
  ///
  /// For tests of file systems that lock otherwise than a local one does.
  ///
  /// - Parameter calls: One imitation a folder; `nil` ends it.
  static func imitate(under folder: String, _ calls: Calls?) {
    imitations.set(calls, under: folder)
  }

  /// Who is asked to lock a file.
  static func calls(for path: String) -> Calls { imitations.hooks(for: path).first ?? .system }
}
