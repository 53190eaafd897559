// SPDX-License-Identifier: Apache-2.0

import Catalog
import VolumeDatabase

extension ActiveRun {
  /// Writes `run.json`: what the catalog knows of the run, so that a lost catalog can be rebuilt.
  func writeFile() throws {
    try RunFile.write(run: id, in: catalog, folder: folder)
  }

  /// Adds values to the time series of the run, in the catalog and in its file.
  func record(_ points: [MetricPoint]) throws {
    let now = Timestamp.now
    try MetricsFile.append(points, at: now, folder: folder)
    try catalog.addMetrics(points, toRun: id, at: now)
  }

  /// Takes away what was recorded after `step`, before the run goes on from there.
  func removeMetrics(after step: Int) throws {
    try MetricsFile.truncate(after: step, folder: folder)
    try catalog.removeMetrics(ofRun: id, after: step)
  }
}
