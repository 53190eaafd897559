// SPDX-License-Identifier: Apache-2.0

/// Why the catalog cannot do what it was asked.
public enum CatalogError: Error, Hashable, Sendable {
  /// There is no file.
  case missing(path: String)
  /// There is a file already where one is to be made.
  case alreadyExists(path: String)
  /// The file is no SQLite database.
  case notADatabase(path: String)
  /// The file is an SQLite database of another program.
  case notACatalog(path: String)
  /// The schema is of a later program.
  case newerSchema(path: String, found: Int, known: Int)
  /// The schema is of an earlier program, and the catalog was opened for reading.
  case olderSchema(path: String, found: Int, known: Int)
  /// The catalog, or its folder, cannot be written.
  case readOnly(path: String)
  /// The write-ahead log holds transactions that cannot be read without write permission.
  case unreadableLog(path: String)
  /// Another process has kept the catalog locked.
  case busy(path: String)
  /// The file system is full.
  case diskFull(path: String)
  /// SQLite reports a damaged file, or a row says what none can say.
  case damaged(path: String, reason: String)
  /// Any other report of SQLite.
  case sqlite(path: String, message: String)

  /// A name that is no name of a dataset, volume, model, tag or class.
  case invalidName(String, of: String)
  /// There is one of that name already, without regard to case.
  case nameTaken(String, of: String)
  /// There is none of that name.
  case unknown(String, of: String)
  /// There is no class of that name; `nearest` is the known name most like it.
  case unknownClass(String, nearest: String?)
  /// A version is in another state than the step needs.
  case wrongState(String, is: String, mustBe: String)
  /// A version is still being written, so that what it belongs to cannot be renamed.
  case unfinished(String, run: Int64?)
  /// A version was sealed without a content hash, or a model without the hash of its weights.
  case unhashed(String)
  /// Boxes of different parts of a split have voxels in common.
  case overlappingSplits(String, String)
  /// A rule of the schema refuses the row.
  case refused(path: String, reason: String)
}

extension CatalogError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let path):
      "there is no catalog at \(path): name a database folder, or make one with 'vemdb init'"
    case .alreadyExists(let path): "there is a catalog at \(path) already: choose another place"
    case .notADatabase(let path): "\(path) is no SQLite database: name a folder that 'vemdb init' made"
    case .notACatalog(let path):
      "\(path) is a database of another program: name a folder that 'vemdb init' made"
    case .newerSchema(let path, let found, let known):
      "\(path) was written by a newer vemdb (schema \(found), this program knows up to \(known)): "
        + "use that vemdb or a later one"
    case .olderSchema(let path, let found, let known):
      "\(path) has schema \(found) and this program needs \(known): any vemdb command of "
        + "somebody who may write to it brings it up to date"
    case .readOnly(let path): "\(path) cannot be written: ask for write permission on it and on its folder"
    case .unreadableLog(let path):
      "\(path) has transactions in its log that cannot be read without write permission on its folder: "
        + "let whoever may write open the database once"
    case .busy(let path): "\(path) is locked by another process: wait for it to finish and try again"
    case .diskFull(let path): "there is no room left on the disk that holds \(path): free some and try again"
    case .damaged(let path, let reason):
      "\(path) is damaged (\(reason)): restore it, or rebuild it from the files"
    case .sqlite(let path, let message): "SQLite cannot use \(path): \(message)"
    case .invalidName(let name, let noun):
      "'\(name)' cannot name a \(noun): use letters, digits, '_', '.' and '-', begin with a letter or digit, "
        + "and have a letter in it"
    case .nameTaken(let name, let noun): "there is a \(noun) named '\(name)' already: choose another name"
    case .unknown(let name, let noun): "there is no \(noun) '\(name)': see what there is with 'vemdb list'"
    case .unknownClass(let name, let nearest):
      "there is no class '\(name)'"
        + (nearest.map { ": did you mean '\($0)'?" } ?? ": see the names with 'vemdb list classes'")
    case .wrongState(let what, let state, let needed):
      "\(what) is \(state) and must be \(needed) for this: look at it with 'vemdb show'"
    case .unfinished(let what, let run):
      "\(what) is not finished: "
        + (run.map { "wait for run \($0), go on with it by 'vemdb run resume \($0)', " } ?? "wait for it, ")
        + "or remove it with 'vemdb gc --unfinished'"
    case .unhashed(let what): "\(what) has no hash of its content yet: finish writing it before it is sealed"
    case .overlappingSplits(let a, let b):
      "the parts \(a) and \(b) of the split have voxels in common: no label may serve two parts"
    case .refused(let path, let reason): "\(path) refuses the entry: \(reason)"
    }
  }
}
