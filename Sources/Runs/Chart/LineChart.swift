// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Curves in one frame or several below each other, as SVG that any browser and Inkscape show.
public struct LineChart: Sendable {
  /// One curve.
  public struct Series: Sendable {
    /// In the legend.
    public var name: String
    /// In the order in which they are joined.
    public var points: [(x: Double, y: Double)]
    /// The lowest and highest value at each point, drawn as a band; none without a spread.
    public var band: [(low: Double, high: Double)]
    /// Series of one number have one colour.
    public var colour: Int
    /// Whether the line is thin and pale, as raw values beside smoothed ones are.
    public var isPale = false
    /// Whether each point is marked.
    public var isMarked = false

    /// A curve.
    public init(
      _ name: String, _ points: [(x: Double, y: Double)], band: [(low: Double, high: Double)] = [],
      colour: Int
    ) {
      self.name = name
      self.points = points
      self.band = band
      self.colour = colour
    }
  }

  /// A frame with curves that share their axes.
  public struct Panel: Sendable {
    /// What the vertical axis counts.
    public var title: String
    /// What the horizontal axis counts.
    public var axis: String
    /// The curves.
    public var series: [Series]
    /// The ends of the vertical axis; those of the data by default.
    public var range: ClosedRange<Double>?
    /// Names of places on the horizontal axis; numbers by default.
    public var places: [(x: Double, name: String)] = []

    /// A frame.
    public init(
      _ title: String, axis: String, series: [Series], range: ClosedRange<Double>? = nil
    ) {
      self.title = title
      self.axis = axis
      self.series = series
      self.range = range
    }
  }

  /// Above everything.
  public var title: String
  /// From top to bottom.
  public var panels: [Panel]

  /// A chart.
  public init(_ title: String, panels: [Panel]) {
    self.title = title
    self.panels = panels
  }

  private static let size = (width: 760.0, height: 240.0)
  private static let margin = (left: 70.0, right: 190.0, top: 34.0, bottom: 44.0)
  /// Okabe and Ito's colours that are dark enough for lines.
  private static let colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]

  /// The picture.
  public var svg: String {
    let height = Self.size.height * Double(panels.count) + 30
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.text(Self.size.width)) \(Self.text(height))\" "
        + "font-family=\"sans-serif\" font-size=\"12\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
      "<text x=\"\(Self.text(Self.margin.left))\" y=\"20\" font-size=\"14\">\(Self.escaped(title))</text>",
    ]
    for (number, panel) in panels.enumerated() {
      lines += Self.lines(of: panel, top: 30 + Double(number) * Self.size.height)
    }
    return lines.joined(separator: "\n") + "\n</svg>\n"
  }

  private static func lines(of panel: Panel, top: Double) -> [String] {
    let points = panel.series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
    let bands = panel.series.flatMap(\.band).flatMap { [$0.low, $0.high] }.filter(\.isFinite)
    let (minX, maxX) = span(points.map(\.x))
    var (minY, maxY) = span(points.map(\.y) + bands)
    if let range = panel.range { (minY, maxY) = (range.lowerBound, range.upperBound) }
    let left = margin.left
    let right = size.width - margin.right
    let (upper, lower) = (top + margin.top, top + size.height - margin.bottom)
    func x(_ value: Double) -> Double { left + (value - minX) / (maxX - minX) * (right - left) }
    func y(_ value: Double) -> Double {
      lower - (min(max(value, minY), maxY) - minY) / (maxY - minY) * (lower - upper)
    }
    var lines = [
      "<text x=\"\(text(left))\" y=\"\(text(upper - 8))\">\(escaped(panel.title))</text>",
      "<text x=\"\(text((left + right) / 2))\" y=\"\(text(lower + 34))\" text-anchor=\"middle\">"
        + "\(escaped(panel.axis))</text>",
    ]
    for value in ticks(minY, maxY) {
      lines.append(
        "<path d=\"M\(text(left)) \(text(y(value)))H\(text(right))\" stroke=\"#ddd\"/>"
          + "<text x=\"\(text(left - 6))\" y=\"\(text(y(value) + 4))\" text-anchor=\"end\">\(label(value))</text>"
      )
    }
    let places =
      panel.places.isEmpty ? ticks(minX, maxX).map { (x: $0, name: label($0)) } : panel.places
    for place in places {
      lines.append(
        "<text x=\"\(text(x(place.x)))\" y=\"\(text(lower + 16))\" text-anchor=\"middle\">"
          + "\(escaped(place.name))</text>")
    }
    lines.append(
      "<rect x=\"\(text(left))\" y=\"\(text(upper))\" width=\"\(text(right - left))\" "
        + "height=\"\(text(lower - upper))\" fill=\"none\" stroke=\"#888\"/>")
    for series in panel.series {
      let colour = colours[series.colour % colours.count]
      if series.band.count == series.points.count, !series.band.isEmpty {
        let ends =
          zip(series.points, series.band).map { (x($0.x), y($1.high)) }
          + zip(series.points, series.band).reversed().map { (x($0.x), y($1.low)) }
        let outline = ends.map { "\(text($0.0)),\(text($0.1))" }.joined(separator: " ")
        lines.append("<polygon points=\"\(outline)\" fill=\"\(colour)\" opacity=\"0.15\"/>")
      }
      let drawn = series.points.filter { $0.x.isFinite && $0.y.isFinite }
        .map { (text(x($0.x)), text(y($0.y))) }
      lines.append(
        "<polyline points=\"\(drawn.map { "\($0.0),\($0.1)" }.joined(separator: " "))\" fill=\"none\" "
          + "stroke=\"\(colour)\" stroke-width=\"\(series.isPale ? "0.7" : "1.8")\" "
          + "opacity=\"\(series.isPale ? "0.35" : "1")\"/>")
      if series.isMarked {
        lines += drawn.map { "<circle cx=\"\($0.0)\" cy=\"\($0.1)\" r=\"3\" fill=\"\(colour)\"/>" }
      }
    }
    for (row, series) in panel.series.filter({ !$0.isPale && !$0.name.isEmpty }).enumerated() {
      let place = upper + 12 + Double(row) * 16
      lines.append(
        "<path d=\"M\(text(right + 10)) \(text(place - 4))h18\" stroke=\"\(colours[series.colour % colours.count])\" "
          + "stroke-width=\"2\"/><text x=\"\(text(right + 34))\" y=\"\(text(place))\">\(escaped(series.name))</text>"
      )
    }
    return lines
  }

  /// The ends of an axis that shows all of the values.
  private static func span(_ values: [Double]) -> (Double, Double) {
    guard let low = values.min(), let high = values.max() else { return (0, 1) }
    return high > low ? (low, high) : (low - 0.5, high + 0.5)
  }

  /// About five round numbers between two ends.
  static func ticks(_ low: Double, _ high: Double) -> [Double] {
    let rough = (high - low) / 5
    let magnitude = pow(10, floor(log10(rough)))
    let step = ([1, 2, 5, 10].first { $0 * magnitude >= rough } ?? 10) * magnitude
    return
      (Int((low / step).rounded(.up))...max(Int((low / step).rounded(.up)), Int((high / step).rounded(.down))))
      .map { Double($0) * step }
  }

  private static func label(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e7 ? "\(Int(value))" : String(format: "%.4g", value)
  }

  private static func text(_ value: Double) -> String { String(format: "%.1f", value) }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;")
  }
}
