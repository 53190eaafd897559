// SPDX-License-Identifier: Apache-2.0

public import Arrays

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What can go wrong with a Zarr hierarchy.
///
/// Keys are relative to the store; where the store is a folder, ``LocalStore`` puts its path first
/// in the errors of the file system.
public enum ZarrError: Error, Equatable {
  /// There is no array or group at this path: no `zarr.json`.
  case missingNode(path: String)
  /// A node would be created where there is one.
  case nodeExists(path: String)
  /// A document that is not strict JSON.
  case invalidJSON(key: String, reason: String)
  /// A document that breaks the specification.
  case invalidMetadata(key: String, reason: String)
  /// Something the specification or an extension allows, and this module does not read.
  case unsupported(key: String, what: String)
  /// Stored bytes that are not what the metadata promises.
  case corruptChunk(key: String, reason: String)
  /// A box that does not lie inside the array.
  case outOfBounds(path: String, box: Box, shape: Extent)
  /// Elements of another type than the array's.
  case wrongType(path: String, expected: DataType, found: DataType)
  /// Elements of another shape than asked for.
  case wrongShape(path: String, expected: Extent, found: Extent)
  /// A key or path that could leave the store or that the specification forbids.
  case invalidKey(String)
  /// An array opened from a store that cannot be written to.
  case readOnly(path: String)
  /// Memory for a chunk could not be had.
  case outOfMemory(key: String, bytes: Int)
  /// An object on another machine that could not be read, although it was tried again: another time it
  /// may be.
  case unreachable(address: String, reason: String)
  /// An object on another machine that trying again does not get.
  case refused(address: String, reason: String)
  /// The operating system refused; `code` is `errno`.
  case system(path: String, operation: String, code: Int32)
}

extension ZarrError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missingNode(let path):
      "there is no Zarr array or group at '\(path)': it has no zarr.json, .zarray or .zgroup"
    case .nodeExists(let path):
      "there already is a Zarr node at '\(path)': choose another path or remove it first"
    case .invalidJSON(let key, let reason):
      "'\(key)' is no valid JSON: \(reason)"
    case .invalidMetadata(let key, let reason):
      "'\(key)' is no valid Zarr metadata: \(reason)"
    case .unsupported(let key, let what):
      "'\(key)' needs \(what), which is not supported: convert the array with a program that is"
    case .corruptChunk(let key, let reason):
      "the stored chunk '\(key)' is damaged: \(reason)"
    case .outOfBounds(let path, let box, let shape):
      "\(box) does not lie inside the array '\(path)', which reaches over \(Box(shape))"
    case .wrongType(let path, let expected, let found):
      "the array '\(path)' holds \(expected), not \(found): convert the elements first"
    case .wrongShape(let path, let expected, let found):
      "the elements for '\(path)' have the shape \(found), where \(expected) is needed"
    case .invalidKey(let key):
      "'\(key)' is no name that a Zarr store may use"
    case .readOnly(let path):
      "the array '\(path)' was opened for reading and cannot be written to"
    case .outOfMemory(let key, let bytes):
      "there is no memory for the \(bytes) bytes of a chunk of '\(key)'"
    case .unreachable(let address, let reason):
      "cannot read '\(address)': \(reason); try again later"
    case .refused(let address, let reason):
      "cannot read '\(address)': \(reason)"
    case .system(let path, let operation, let code):
      "cannot \(operation) '\(path)': \(Self.text(of: code))"
    }
  }

  private static func text(of code: Int32) -> String {
    switch code {
    case ENOSPC: return "the disk is full (ENOSPC)"
    case EACCES: return "permission denied (EACCES)"
    case ENOENT: return "no such file or folder (ENOENT)"
    case EIO: return "the device reported an error (EIO)"
    case EROFS: return "the file system is read-only (EROFS)"
    case EDQUOT: return "the quota is used up (EDQUOT)"
    default: return "error \(code) of the operating system"
    }
  }
}
