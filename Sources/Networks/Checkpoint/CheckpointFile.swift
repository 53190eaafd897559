// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file of weights of any of the formats that are read.
public enum CheckpointFile {
  /// Reads every tensor of a file, by what its first bytes say it is: PyTorch's zip, PyTorch's
  /// older pickles, or else safetensors.
  ///
  /// - Throws: ``CheckpointError``.
  public static func read(_ path: String) throws(CheckpointError) -> Parameters {
    let data = try contents(of: path)
    if PyTorchCheckpoint.isZip(data) || PyTorchCheckpoint.isLegacy(data) {
      return try PyTorchCheckpoint.parameters(in: data, path: path)
    }
    // A safetensors header begins with its length, which no text or image has as 8 bytes.
    guard data.count > 8, data[8] == UInt8(ascii: "{") else { throw .unknownFormat(path: path) }
    return try Safetensors.read(path).parameters
  }

  static func contents(of path: String) throws(CheckpointError) -> Data {
    do {
      return try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch {
      let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
      let missing = !FileManager.default.fileExists(atPath: path)
      throw .unreadable(
        path: path,
        reason: missing ? "there is no such file" : (cause ?? error as NSError).localizedDescription)
    }
  }
}
