// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The image files that paths name: files as they are, of folders what lies in them.
func imagePaths(in paths: [String]) throws(ImageFileError) -> [String] {
  var found: [String] = []
  for path in paths {
    found += try isFolder(path) ? try imagePaths(inFolder: path) : [path]
  }
  guard !found.isEmpty else { throw .emptyFolder(path: paths.joined(separator: " ")) }
  return found
}

private func isFolder(_ path: String) throws(ImageFileError) -> Bool {
  let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
  guard let facts = try? url.resourceValues(forKeys: [.isDirectoryKey]) else { throw .missing(path: path) }
  return facts.isDirectory == true
}

private func imagePaths(inFolder folder: String) throws(ImageFileError) -> [String] {
  let names: [String]
  do {
    names = try FileManager.default.contentsOfDirectory(atPath: folder)
  } catch {
    throw .inaccessible(path: folder, reason: "its files cannot be listed")
  }
  let base = folder.hasSuffix("/") ? folder : folder + "/"
  var found: [String] = []
  for name in names.sorted() where !name.hasPrefix(".") && !droppings.contains(name.lowercased()) {
    guard let suffix = name.split(separator: ".").last?.lowercased(),
      ["tif", "tiff", "png"].contains(suffix)
    else {
      let isFolder = (try? isFolder(base + name)) == true
      throw isFolder ? .nestedFolder(path: base + name) : .notAnImage(path: base + name)
    }
    found.append(base + name)
  }
  guard !found.isEmpty else { throw .emptyFolder(path: folder) }
  return found
}

/// What file browsers leave in folders.
private let droppings: Set<String> = ["thumbs.db", "desktop.ini", "ehthumbs.db"]

/// Opens a file by what it begins with, whatever its name says.
func openSliceFile(_ path: String) throws(ImageFileError) -> any SliceFile {
  let file = try ByteFile(reading: path)
  let start = try file.read(min(8, file.byteCount), at: 0)
  if start == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] { return try PNGFile(opening: path) }
  let tiff: [[UInt8]] = [
    [0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43],
  ]
  if tiff.contains(Array(start.prefix(4))) { return try TIFFFile(opening: path) }
  if start.isEmpty { throw .damaged(path: path, reason: "it is empty") }
  throw .notAnImage(path: path)
}
