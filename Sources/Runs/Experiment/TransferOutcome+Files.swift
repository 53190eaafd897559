// SPDX-License-Identifier: Apache-2.0

import Foundation

extension TransferOutcome {
  /// Scores over the number of labelled slices, one curve a method, with the spread of its repetitions.
  public var chart: LineChart {
    let budgets = [0] + request.slices
    let full = Double(budgets.count)
    func place(_ slices: Int?) -> Double { slices.map { Double(budgets.firstIndex(of: $0) ?? 0) } ?? full }
    var series: [LineChart.Series] = []
    var colours: [String: Int] = [:]
    for row in rows where row.method != "zero-shot" {
      let name = row.source.isEmpty ? row.method : "fine-tuned, \(row.source)"
      if colours[name] != nil { continue }
      colours[name] = colours.count
      let points = rows.filter {
        ($0.method == row.method && $0.source == row.source)
          || ($0.method == "zero-shot" && !row.source.isEmpty && $0.source == row.source)
      }.sorted { place($0.slices) < place($1.slices) }
      var curve = LineChart.Series(
        name, points.map { (place($0.slices), $0.mean) }, band: points.map { ($0.low, $0.high) },
        colour: colours[name] ?? 0)
      curve.isMarked = true
      series.append(curve)
    }
    var panel = LineChart.Panel(
      "foreground IoU on the test part of \(request.target)", axis: "labelled slices", series: series,
      range: 0...1)
    panel.places = budgets.map { (place($0), "\($0)") }
    if rows.contains(where: { $0.slices == nil }) { panel.places.append((full, "all")) }
    return LineChart("run \(run): does pretraining save labels?", panels: [panel])
  }

  /// The table as comma-separated values.
  public var csv: String {
    var lines = ["method,source,slices,repetition,steps,iou_foreground,dice,model,prediction,runs"]
    for one in scores {
      let fields = [
        one.method, one.source, one.slices.map { "\($0)" } ?? "all", "\(one.repetition)", "\(one.steps)",
        one.iouForeground.map { "\($0)" } ?? "", one.dice.map { "\($0)" } ?? "", one.model ?? "",
        one.prediction ?? "", one.runs.map { "\($0)" }.joined(separator: " "),
      ]
      lines.append(fields.joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Writes `table.json`, `table.csv` and `curves.svg` into a folder.
  ///
  /// - Throws: What writing throws.
  func write(to folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    for (name, data) in [
      ("table.json", try encoder.encode(self)), ("table.csv", Data(csv.utf8)),
      ("curves.svg", Data(chart.svg.utf8)),
    ] {
      try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
    }
  }
}
