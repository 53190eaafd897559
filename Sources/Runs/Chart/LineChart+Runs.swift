// SPDX-License-Identifier: Apache-2.0

public import Catalog

extension LineChart {
  /// The time series of runs laid over each other: loss, what validations measured, learning rate.
  ///
  /// - Parameter runs: Each run's number and its points.
  /// - Returns: `nil` if no run has any.
  public init?(ofRuns runs: [(run: Int64, points: [MetricPoint])]) {
    func name(_ run: Int64, _ suffix: String = "") -> String { "run \(run)\(suffix)" }
    func series(_ metric: String, smoothed: Bool) -> [Series] {
      runs.enumerated().flatMap { number, run -> [Series] in
        let points = run.points.filter { $0.name == metric && $0.value.isFinite }
          .map { (x: Double($0.step + 1), y: $0.value) }
        if points.isEmpty { return [] }
        guard smoothed, points.count > 40 else { return [Series(name(run.run), points, colour: number)] }
        var pale = Series("", points, colour: number)
        pale.isPale = true
        return [pale, Series(name(run.run), Self.smoothed(points, points.count / 20), colour: number)]
      }
    }
    var panels = [Panel("loss", axis: "step", series: series("loss", smoothed: true))]
    let measured = Set(runs.flatMap { $0.points.map(\.name) }.filter { $0.hasPrefix("validation/") })
    for metric in measured.sorted() {
      var panel = Panel(metric, axis: "step", series: series(metric, smoothed: false), range: 0...1)
      for index in panel.series.indices { panel.series[index].isMarked = true }
      panels.append(panel)
    }
    panels.append(Panel("learning rate", axis: "step", series: series("learning_rate", smoothed: false)))
    panels = panels.filter { !$0.series.isEmpty }
    if panels.isEmpty { return nil }
    self.init("vemdb run " + runs.map { "\($0.run)" }.joined(separator: ", "), panels: panels)
  }

  /// The mean of the points before and with each.
  private static func smoothed(_ points: [(x: Double, y: Double)], _ window: Int) -> [(x: Double, y: Double)]
  {
    points.indices.map { index in
      let part = points[max(0, index - window + 1)...index]
      return (points[index].x, part.reduce(0) { $0 + $1.y } / Double(part.count))
    }
  }
}
