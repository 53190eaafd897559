// SPDX-License-Identifier: Apache-2.0

import Arrays

/// What the OME-XML in the description of an OME-TIFF's first page says of its pages.
///
/// Only the attributes of the one `Pixels` element are read: the sizes, the order of the axes and
/// the physical sizes, whose unit is the micrometre where none is given (OME schema 2016-06).
struct OMEDescription: Sendable {
  let imageCount: Int
  let sizes: [Character: Int]
  let order: String
  let voxelSize: VoxelSize?

  /// `nil` if it is not OME-XML.
  init?(_ text: String) {
    guard text.contains("<OME") || text.contains(":OME "),
      let start = text.range(ofElement: "Pixels")
    else { return nil }
    imageCount = text.elementCount("Pixels")
    let attributes = text.attributes(from: start)
    sizes = ["Z": 1, "C": 1, "T": 1].reduce(into: [:]) { sizes, axis in
      sizes[axis.key] = attributes["Size\(axis.key)"].flatMap { Int($0) }.map { max(1, $0) } ?? 1
    }
    order = attributes["DimensionOrder"] ?? "XYZCT"
    let nanometres = ["Z", "Y", "X"].compactMap { axis -> Double? in
      let symbol = attributes["PhysicalSize\(axis)Unit"] ?? "µm"
      guard let text = attributes["PhysicalSize\(axis)"], let unit = LengthUnit(symbol: symbol),
        let size = unit.nanometres(decimal: text), size > 0, size.isFinite
      else { return nil }
      return size
    }
    voxelSize =
      nanometres.count == 3
      ? VoxelSize(z: nanometres[0], y: nanometres[1], x: nanometres[2]) : nil
  }

  /// The pages along z of each channel.
  func channels(of pages: [TIFFPage], path: String) throws(ImageFileError) -> [[TIFFPage]] {
    guard imageCount == 1 else {
      throw .unsupported(
        path: path, reason: "holds \(imageCount) images: save the one that is meant alone")
    }
    let slices = sizes["Z"] ?? 1
    let channels = sizes["C"] ?? 1
    let times = sizes["T"] ?? 1
    guard Extent.checkedCount(of: [slices, channels, times]) == pages.count else {
      // One of the files of a larger set, each of which describes the whole.
      if channels == 1 { return [pages] }
      throw .damaged(
        path: path,
        reason: "it says that it holds \(slices) slices of \(channels) channels, but has"
          + " \(pages.count) pages")
    }
    guard slices == 1 || times == 1 else {
      throw .unsupported(
        path: path,
        reason: "holds \(times) time points of \(slices) slices: save one time point alone")
    }
    var stride = 1
    var channelStride = 1
    for axis in order.dropFirst(2) {
      if axis == "C" { channelStride = stride }
      stride *= sizes[axis] ?? 1
    }
    return (0..<channels).map { channel in
      pages.indices.filter { $0 / channelStride % channels == channel }.map { pages[$0] }
    }
  }
}

extension String {
  /// Where the attributes of the first element of this local name begin.
  fileprivate func range(ofElement name: String) -> Index? {
    elements(name).first
  }

  fileprivate func elementCount(_ name: String) -> Int { elements(name).count }

  private func elements(_ name: String) -> [Index] {
    var found: [Index] = []
    var rest = self[...]
    while let open = rest.firstIndex(of: "<") {
      rest = rest[index(after: open)...]
      let tag = rest.prefix { !$0.isWhitespace && $0 != ">" && $0 != "/" }
      if tag == name || tag.hasSuffix(":\(name)") { found.append(tag.endIndex) }
    }
    return found
  }

  /// The attributes of a start tag, from the end of its name on.
  fileprivate func attributes(from start: Index) -> [String: String] {
    var attributes: [String: String] = [:]
    var rest = self[start...].drop(while: \.isWhitespace)
    while let first = rest.first, first != ">", first != "/",
      let equals = rest.firstIndex(of: "=")
    {
      let name = rest[..<equals].filter { !$0.isWhitespace }
      let value = rest[index(after: equals)...].drop(while: \.isWhitespace)
      guard let quote = value.first, quote == "\"" || quote == "'" else { break }
      let text = value.dropFirst()
      guard let end = text.firstIndex(of: quote) else { break }
      attributes[name] = String(text[..<end]).decodingCharacterReferences
      rest = text[index(after: end)...].drop(while: \.isWhitespace)
    }
    return attributes
  }

  /// `&#181;m` and `&#xB5;m` as µm, which is all that units need.
  private var decodingCharacterReferences: String {
    guard contains("&#") else { return self }
    var result = ""
    var rest = self[...]
    while let start = rest.firstIndex(of: "&") {
      result += rest[..<start]
      let reference = rest[start...]
      guard let end = reference.firstIndex(of: ";"), reference.dropFirst().first == "#" else {
        return result + reference
      }
      let digits = reference[..<end].dropFirst(2)
      let number =
        digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits, radix: 10)
      guard let scalar = number.flatMap(Unicode.Scalar.init) else { return result + reference }
      result.unicodeScalars.append(scalar)
      rest = reference[index(after: end)...]
    }
    return result + rest
  }
}
