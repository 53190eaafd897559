// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Which program this is. Every run records it.
public enum ProgramVersion {
  /// The release, as in "0.1.0".
  public static let release = "0.1.0"

  /// The commit that the program was built from, with "-dirty" where files had been changed, as
  /// `git describe --always --dirty` gives it; `nil` where nobody knows.
  ///
  /// `make build` leaves it in `vemdb.commit` beside the program. A program that is newer than that file
  /// was built by other means, so the file says nothing about it.
  public static let commit: String? = {
    guard let program = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return nil }
    let note = program.deletingLastPathComponent().appendingPathComponent("vemdb.commit")
    func changed(_ url: URL) -> Date? {
      try? url.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
    }
    guard let built = changed(program), let noted = changed(note), noted >= built,
      let text = try? String(contentsOf: note, encoding: .utf8)
    else { return nil }
    let commit = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return commit.isEmpty ? nil : commit
  }()

  /// Release and commit in one line: "0.1.0 (3f2a91c)".
  public static var line: String { commit.map { "\(release) (\($0))" } ?? release }
}
