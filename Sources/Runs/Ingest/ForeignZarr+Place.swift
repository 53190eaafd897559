// SPDX-License-Identifier: Apache-2.0

import Foundation
import ImageFiles
import Zarr
import ZarrHTTP

/// Whether a text is the address of something on another machine and no path.
func isAddress(_ text: String) -> Bool { text.contains("://") }

/// A path as it is, and an address without what follows `?`: a signature opens what is not public, so that it
/// is neither shown nor written down.
func bareAddress(_ text: String) -> String {
  let bare = text.prefix { $0 != "?" }
  return bare.contains("://") ? String(bare) : text
}

/// Whether a path or an address is that of a Zarr volume and not of slices.
func isZarrVolume(_ path: String) -> Bool {
  isAddress(path) || URL(fileURLWithPath: path).pathExtension.lowercased() == "zarr"
    || ForeignZarr.isZarr(path)
}

extension ForeignZarr {
  /// Opens the Zarr image or array at a path, or at an address that begins with `http://` or `https://` and may
  /// end with a signature.
  init(at place: String) throws {
    guard isAddress(place) else {
      try self.init(opening: place)
      return
    }
    let store = try HTTPStore(address: place)
    try self.init(opening: store.address, in: store, isRemote: true)
  }
}

/// Whether a person who gives this text in place of a reference means a path or an address: an address,
/// what begins with `/`, `./` or `../`, or a Zarr volume whose path says so.
public func isPlace(_ text: String) -> Bool {
  if isAddress(text) || ["/", "./", "../"].contains(where: text.hasPrefix) { return true }
  return text.split(separator: "/").contains { $0.lowercased().hasSuffix(".zarr") }
    && ForeignZarr.isZarr(text)
}
