// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import VolumeDatabase

/// Draws labels over a gray slice: their area tinted, their outline in full colour, a dark line where two
/// labels touch.
///
/// Classes have their colour of the catalog or one of Okabe and Ito's; objects one of twelve by their id.
struct LabelOverlay {
  private let colors: [UInt64: [UInt8]]
  private let isInstance: Bool

  /// How much of a label's area is its colour.
  private static let tint = 0.35
  /// Where two labels touch.
  private static let border: [UInt8] = [20, 20, 20]

  /// Okabe and Ito's seven, and five that lie between them.
  static let palette: [[UInt8]] = [
    [230, 159, 0], [86, 180, 233], [0, 158, 115], [240, 228, 66], [0, 114, 178], [213, 94, 0],
    [204, 121, 167], [51, 34, 136], [136, 204, 238], [153, 153, 51], [170, 68, 153], [68, 170, 153],
  ]

  /// - Parameters:
  ///   - classes: What the labels mean.
  ///   - colors: Colours of classes, as in `#0072B2`, by the key of the class.
  init(_ classes: [VersionClass], colors named: [Int64: String] = [:]) {
    isInstance = classes.contains { $0.mode == .instance }
    var colors: [UInt64: [UInt8]] = [:]
    for (number, known) in classes.enumerated() {
      guard let value = known.value, known.className != "background" else { continue }
      colors[value] =
        named[known.classID].flatMap(OkabeIto.rgb) ?? OkabeIto.cycle[number % OkabeIto.cycle.count]
    }
    self.colors = colors
  }

  /// Labels that are the numbers of classes, from 1.
  init(classCount: Int) {
    isInstance = false
    colors = Dictionary(
      uniqueKeysWithValues: (0..<classCount).map {
        (UInt64($0 + 1), OkabeIto.cycle[$0 % OkabeIto.cycle.count])
      })
  }

  /// The colour of a label; `nil` of background.
  func color(of label: UInt64) -> [UInt8]? {
    if let color = colors[label] { return color }
    guard isInstance, label != 0 else { return nil }
    return Self.palette[Int(Self.mixed(label) % UInt64(Self.palette.count))]
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195): neighbouring
  /// ids get unlike colours.
  static func mixed(_ id: UInt64) -> UInt64 {
    var z = id &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// - Parameters:
  ///   - labels: Of shape [y, x].
  ///   - gray: `uint8` of shape [y, x].
  /// - Returns: Red, green and blue, `uint8` of shape [y, x, 3].
  func drawn(_ labels: NDArray, over gray: NDArray) -> NDArray {
    switch labels.dataType {
    case .bool, .uint8: drawn(UInt8.self, labels, gray)
    case .int8: drawn(Int8.self, labels, gray)
    case .int16: drawn(Int16.self, labels, gray)
    case .int32: drawn(Int32.self, labels, gray)
    case .int64: drawn(Int64.self, labels, gray)
    case .uint16: drawn(UInt16.self, labels, gray)
    case .uint32: drawn(UInt32.self, labels, gray)
    case .uint64: drawn(UInt64.self, labels, gray)
    case .float16, .float32, .float64: preconditionFailure("labels are whole numbers")
    }
  }

  private func drawn<Element: ArrayElement & FixedWidthInteger>(
    _: Element.Type, _ labels: NDArray, _ gray: NDArray
  ) -> NDArray {
    let (height, width) = (labels.extent[0], labels.extent[1])
    let shades = gray.elements(as: UInt8.self)
    let values = labels.elements(as: Element.self)
    var colors: [Element: [UInt8]?] = [:]
    for value in Set(values) { colors[value] = .some(color(of: UInt64(truncatingIfNeeded: value))) }
    var picture = NDArray(.uint8, [height, width, 3])
    picture.withMutableSpan(of: UInt8.self) { target in
      for y in 0..<height {
        for x in 0..<width {
          let place = y * width + x
          let value = values[place]
          let shade = shades[place]
          guard let color = colors[value] ?? nil else {
            for channel in 0..<3 { target[3 * place + channel] = shade }
            continue
          }
          let edge = Self.edge(values, place, x, y, width, height)
          for channel in 0..<3 {
            target[3 * place + channel] =
              switch edge {
              case .touching: Self.border[channel]
              case .outline: color[channel]
              case .inside:
                UInt8(nearest: Double(shade) * (1 - Self.tint) + Double(color[channel]) * Self.tint)
              }
          }
        }
      }
    }
    return picture
  }

  private enum Edge { case inside, outline, touching }

  /// Whether a pixel of a label lies at its edge. Of two labels that touch, the one of the smaller value
  /// has the line.
  private static func edge<Element: FixedWidthInteger>(
    _ values: [Element], _ place: Int, _ x: Int, _ y: Int, _ width: Int, _ height: Int
  ) -> Edge {
    let value = values[place]
    var edge = Edge.inside
    func look(_ other: Element) {
      if other == value { return }
      if other != 0 && other > value { edge = .touching } else if edge == .inside { edge = .outline }
    }
    if y > 0 { look(values[place - width]) }
    if y + 1 < height { look(values[place + width]) }
    if x > 0 { look(values[place - 1]) }
    if x + 1 < width { look(values[place + 1]) }
    return edge
  }
}
