// SPDX-License-Identifier: Apache-2.0

extension VolumeDatabase {
  /// Whether a process works on a run: it holds the lock in the run's folder.
  func isWorkedOn(run: Int64) throws(DatabaseError) -> Bool {
    let path = "\(layout.runs)/\(run)/lock"
    if FileSystem.kind(path) != .file { return false }
    return try FileLock(path, .exclusive) == nil
  }
}
