// SPDX-License-Identifier: Apache-2.0

public import Catalog
public import Zarr

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What went wrong in a volume database.
public enum DatabaseError: Error, Equatable, Sendable {
  /// A name that breaks the rules of ``ObjectName``.
  case badName(String, noun: String)
  /// A reference that cannot be read.
  case badReference(String, expected: String)
  /// A region that cannot be read, or that holds no voxel.
  case badRegion(String, reason: String)
  /// A region that leaves the volume; `valid` is the range that would have been accepted.
  case regionOutOfBounds(region: String, volume: String, valid: String)
  /// Chunk and shard shapes that do not fit each other.
  case badChunkShape(chunk: [Int], shard: [Int])
  /// The operating system refused; `code` is `errno`.
  case system(path: String, operation: String, code: Int32)
  /// A version's list of shards cannot be used.
  case badManifest(path: String, reason: String)
  /// What the catalog says.
  case catalog(CatalogError)
  /// What is wrong with stored arrays; keys are relative to the folder.
  case zarr(ZarrError, folder: String)

  /// The folder is no database.
  case notADatabase(path: String)
  /// The database has its files and no catalog.
  case noCatalog(path: String)
  /// A database would be made where something is already.
  case alreadyExists(path: String)
  /// The database was made by a later program.
  case newerDatabase(path: String, found: Int, known: Int)
  /// A catalog with a write-ahead log lies on a network file system.
  case unsafeJournal(path: String)
  /// The database was opened for reading.
  case openedForReading(path: String)

  /// The volume has no committed version.
  case noVersion(VolumeReference)
  /// A version that cannot be read, because it is not committed.
  case notCommitted(String, state: String)
  /// A volume of another kind than what is written to it.
  case wrongKind(volume: String, is: String, asked: String)
  /// A version that does not fit its parent or its image.
  case doesNotFit(version: String, other: String, what: String)
  /// A version whose description contradicts itself.
  case badVersion(String, reason: String)
  /// A block of another place, shape or type than the writer expects.
  case wrongBlock(version: String, place: String, reason: String)
  /// Another process is writing this version.
  case beingWritten(String)
  /// Another process is removing or renaming this version.
  case beingMoved(String)
  /// Other processes read this version.
  case beingRead(String)
  /// What is to be made anew is there.
  case catalogExists(path: String)
  /// A file that the database is rebuilt from cannot be used.
  case badFacts(path: String, reason: String)
  /// A name that is taken or does not fit.
  case badRenaming(from: String, to: String, reason: String)
  /// Another process works on this.
  case busy(String)
  /// There is nothing half-written that could be continued.
  case nothingToResume(String)
  /// No such scale level.
  case noLevel(Int, version: String, count: Int)

  /// Two parts of a split have voxels in common.
  case overlappingSplit(volume: String, first: String, second: String)
  /// Two parts of a split come too near to each other.
  case guardGap(volume: String, first: String, second: String, gap: Double, needed: Double)
}

extension DatabaseError {
  /// Errors of the file system are told by their path, all others with the folder they happened in.
  init(_ error: ZarrError, in folder: String) {
    if case .system(let path, let operation, let code) = error {
      self = .system(path: path, operation: operation, code: code)
    } else {
      self = .zarr(error, folder: folder)
    }
  }
}

extension DatabaseError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .badName(let name, let noun):
      "'\(name)' cannot name a \(noun): use letters, digits, '_', '.' and '-', with a letter or digit "
        + "first, at least one letter, and at most \(ObjectName.longest) characters"
    case .badReference(let text, let expected):
      "'\(text)' is no reference that is understood here: expected \(expected)"
    case .badRegion(let text, let reason):
      "the region '\(text)' cannot be used: \(reason) (as in z=18:36,y=0:1000,x=0:1000)"
    case .regionOutOfBounds(let region, let volume, let valid):
      "the region '\(region)' leaves \(volume): valid is \(valid)"
    case .badChunkShape(let chunk, let shard):
      "chunks of \(list(chunk)) voxels do not fill shards of \(list(shard)): give three sizes z,y,x "
        + "each, every shard size a multiple of the chunk's"
    case .system(let path, let operation, let code):
      "cannot \(operation) '\(path)': \(Self.text(of: code))"
    case .badManifest(let path, let reason):
      "the list of shards '\(path)' cannot be used: \(reason); run vemdb verify"
    case .catalog(let error): "\(error)"
    case .zarr(let error, let folder): "in \(folder): \(error)"
    case .notADatabase(let path):
      "'\(path)' is no vemdb database: name one with --database, or make one with vemdb init"
    case .noCatalog(let path):
      "the database '\(path)' has lost its catalog.sqlite: rebuild it from the files with vemdb repair"
    case .alreadyExists(let path):
      "'\(path)' exists already: choose another name for the new database"
    case .newerDatabase(let path, let found, let known):
      "'\(path)' was made by a newer vemdb (format \(found), this program knows up to \(known)): use that one"
    case .unsafeJournal(let path):
      "the catalog '\(path)' uses a write-ahead log, which is unsafe on a network file system: open it on the "
        + "machine that holds the disk, or make the database anew with --journal delete"
    case .openedForReading(let path):
      "the database '\(path)' was opened for reading and cannot be written to"
    case .noVersion(let volume): "\(volume) has no committed version yet: see vemdb list"
    case .notCommitted(let version, let state):
      "\(version) cannot be read: it is \(state), not committed; see vemdb list"
    case .wrongKind(let volume, let kind, let asked):
      "\(volume) holds versions of kind \(kind) and cannot take one of kind \(asked): choose another name"
    case .doesNotFit(let version, let other, let what):
      "\(version) does not fit \(other): \(what)"
    case .badVersion(let version, let reason): "\(version) cannot be written: \(reason)"
    case .wrongBlock(let version, let place, let reason): "\(version) cannot take \(place): \(reason)"
    case .beingWritten(let version):
      "\(version) is being written by another process: wait for it, or stop it"
    case .beingMoved(let version):
      "\(version) is being removed or renamed by another process: see vemdb list"
    case .beingRead(let version):
      "\(version) is being read by another process: wait for it, or stop it"
    case .catalogExists(let path): "there is a catalog at '\(path)' already: move it away first"
    case .badFacts(let path, let reason): "'\(path)' cannot be used to rebuild the catalog: \(reason)"
    case .badRenaming(let old, let new, let reason): "\(old) cannot be renamed to \(new): \(reason)"
    case .busy(let what): "another process is \(what): wait for it, or stop it"
    case .nothingToResume(let volume):
      "there is no half-written version of \(volume) to go on with: begin anew"
    case .noLevel(let level, let version, let count):
      "\(version) has no scale level \(level): it has levels 0 to \(count - 1)"
    case .overlappingSplit(let volume, let first, let second):
      "the split of \(volume) is refused: \(first) and \(second) have voxels in common"
    case .guardGap(let volume, let first, let second, let gap, let needed):
      "the split of \(volume) is refused: between \(first) and \(second) lie \(plain(gap)) nm, and "
        + "\(plain(needed)) nm are needed so that neighbours do not tell each other's labels; move one of them"
    }
  }

  /// What an error code of the system means and what to do about it.
  private static func text(of code: Int32) -> String {
    switch code {
    case ENOSPC: "the disk is full; free some space and try again"
    case EDQUOT: "the disk quota is used up; free some space and try again"
    case EACCES, EPERM: "permission denied"
    case EROFS: "the file system is read-only"
    case ENOENT: "there is no such file or folder"
    case EEXIST: "it exists already"
    case EIO: "the disk reported an error; check it before going on"
    case ENOTDIR: "a part of the path is no folder"
    case EBADF: "this file system locks only what may be written; run it as the owner of the file"
    case EMFILE, ENFILE: "too many files are open"
    default: "the system reported error \(code)"
    }
  }

  private func list(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: ",") }
}
