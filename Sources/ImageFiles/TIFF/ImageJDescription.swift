// SPDX-License-Identifier: Apache-2.0

import Arrays

/// What ImageJ and Fiji write into the description of a stack's first page.
///
/// Lines of `key=value`: the numbers of images, channels, slices and frames, one unit of length for
/// all axes (newer versions: `yunit` and `zunit` where they differ), and the spacing along z. Pixels
/// a unit along x and y stand in the resolution tags.
struct ImageJDescription: Sendable {
  let imageCount: Int
  let channelCount: Int
  let sliceCount: Int
  let frameCount: Int
  let spacing: String?
  let units: [String?]

  /// `nil` if it is not ImageJ's.
  init?(_ text: String) {
    guard text.hasPrefix("ImageJ=") else { return nil }
    var values: [Substring: Substring] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1)
      if parts.count == 2 { values[parts[0]] = parts[1] }
    }
    func count(_ key: Substring) -> Int { values[key].flatMap { Int($0) }.map { max(1, $0) } ?? 1 }
    channelCount = count("channels")
    sliceCount = count("slices")
    frameCount = count("frames")
    imageCount = count("images")
    spacing = values["spacing"].map(String.init)
    let unit = values["unit"].map(String.init)
    units = [
      values["zunit"].map(String.init) ?? unit, values["yunit"].map(String.init) ?? unit, unit,
    ]
  }

  /// The voxel size, if all its parts are there and the unit is one of length.
  func voxelSize(_ resolution: TIFFResolution) -> VoxelSize? {
    let symbols = units.compactMap { $0.flatMap(LengthUnit.init(symbol:)) }
    guard symbols.count == 3, let spacing, let x = resolution.x, let y = resolution.y,
      let z = symbols[0].nanometres(decimal: spacing).map(abs),
      let yNanometres = symbols[1].nanometres(decimal: y),
      let xNanometres = symbols[2].nanometres(decimal: x),
      [z, yNanometres, xNanometres].allSatisfy({ $0 > 0 && $0.isFinite })
    else { return nil }
    return VoxelSize(z: z, y: yNanometres, x: xNanometres)
  }

  /// The pages along z of each channel; ImageJ writes channels fastest.
  ///
  /// A stack whose only long axis is time is taken for z: Fiji opens numbered slices either way.
  func channels(of pages: [TIFFPage], path: String) throws(ImageFileError) -> [[TIFFPage]] {
    guard pages.count == imageCount else {
      if channelCount == 1 { return [pages] }
      throw .damaged(
        path: path, reason: "it says that it holds \(imageCount) pages, but has \(pages.count)")
    }
    guard sliceCount == 1 || frameCount == 1 else {
      throw .unsupported(
        path: path,
        reason: "holds \(frameCount) time points of \(sliceCount) slices: save one time point alone")
    }
    guard channelCount > 1 else { return [pages] }
    guard imageCount % channelCount == 0 else {
      throw .damaged(
        path: path, reason: "its \(imageCount) pages do not divide among \(channelCount) channels")
    }
    return (0..<channelCount).map { channel in
      stride(from: channel, to: imageCount, by: channelCount).map { pages[$0] }
    }
  }
}
