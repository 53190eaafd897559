// SPDX-License-Identifier: Apache-2.0

import Foundation

/// File systems on which SQLite's write-ahead log is unsafe, because its index is shared memory.
enum NetworkFileSystem {
  /// Types as the kernel names them in the table of mounts; `fuse.` stands before those in user space.
  static let types: Set<String> = [
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "gpfs", "ceph", "beegfs", "afs", "9p", "coda", "ocfs2",
    "gfs2", "glusterfs", "sshfs", "s3fs", "rclone", "pvfs2", "virtiofs",
  ]

  /// Whether a folder lies on one of them.
  static func holds(_ path: String) -> Bool {
    guard let mounts = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) else { return false }
    let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    guard let type = type(of: place, mounts: mounts) else { return false }
    return types.contains(type.hasPrefix("fuse.") ? String(type.dropFirst(5)) : type)
  }

  /// The type of the file system that holds an absolute path.
  ///
  /// - Parameter mounts: Lines `device folder type options` as in `/proc/self/mounts`; later mounts lie over
  ///   earlier ones.
  static func type(of path: String, mounts: String) -> String? {
    var best: (length: Int, type: String)?
    for line in mounts.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count >= 3 else { continue }
      let folder = fields[1].replacingOccurrences(of: "\\040", with: " ")
      let holds = folder == "/" || path == folder || path.hasPrefix(folder + "/")
      if holds, folder.count >= best?.length ?? 0 { best = (folder.count, String(fields[2])) }
    }
    return best?.type
  }
}
