// SPDX-License-Identifier: Apache-2.0

import Foundation

extension LocalStore {
  public func list(_ prefix: String) throws(ZarrError) -> [String] {
    // Only the deepest folder that the prefix names is walked.
    let folder = prefix.lastIndex(of: "/").map { String(prefix[..<$0]) } ?? ""
    let root = folder.isEmpty ? path : try filePath(of: folder)
    guard let names = FileManager.default.enumerator(atPath: root) else { return [] }
    var keys: [String] = []
    for case let name as String in names {
      let key = folder.isEmpty ? name : "\(folder)/\(name)"
      if key.hasPrefix(prefix), names.fileAttributes?[.type] as? FileAttributeType == .typeRegular {
        keys.append(key)
      }
    }
    return keys.sorted()
  }
}
