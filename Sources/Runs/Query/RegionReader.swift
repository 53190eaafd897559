// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import VolumeDatabase

/// Says what one version knows of a region.
struct RegionReader {
  let version: StoredVersion
  let catalog: Catalog
  let threads: Int
  let progress: any ProgressReporter
  let cancellation: CancellationFlag

  /// A class of the version, and where it is covered.
  struct CoveredClass {
    let id: Int64
    let name: String
    let mode: ClassMode
    let values: [UInt64]
    /// Disjoint boxes of the region that are covered for the class.
    let boxes: [Box]

    var voxels: Int { boxes.reduce(0) { $0 + $1.count } }
  }

  /// - Parameter asked: The region in voxels of the version; may reach past its shape.
  func answer(
    _ asked: Box, only wanted: ClassRecord?, listingObjects: Bool
  ) throws -> QueryReport.Version {
    let box = asked.intersection(Box(version.record.shape))
    let covered = version.coverage.map { $0.box.intersection(box) }.disjoint()
    let coveredVoxels = covered.reduce(0) { $0 + $1.count }
    let classes = coveredClasses(box, only: wanted)
    var decoded = 0
    var tallies: [[Box]: RegionTally] = [:]
    for one in classes where one.mode != .probability && tallies[one.boxes] == nil {
      let tally = try RegionTally(of: one.boxes, by: self)
      tallies[one.boxes] = tally
      decoded += tally.decodedChunks
    }
    let volumes = classes.map { one in
      let voxels = tallies[one.boxes].map { $0.voxels(of: one) }
      return QueryReport.ClassVolume(
        name: one.name, mode: one.mode, values: one.values, coveredVoxels: one.voxels,
        coveredFraction: share(one.voxels, of: asked), voxels: voxels,
        cubicMicrometres: voxels.map { Double($0) * version.record.voxelSize.cubicMicrometres })
    }
    let hasIDs = classes.contains { $0.mode == .instance }
    let canList = listingObjects && classes.contains { $0.mode != .probability }
    let objects = try canList ? (hasIDs ? objects(classes) : pieces(classes)) : nil
    return QueryReport.Version(
      record: version.record, box: box, regionVoxels: asked.count, coveredVoxels: coveredVoxels,
      coveredFraction: share(coveredVoxels, of: asked), classes: volumes, objects: objects,
      objectSource: objects == nil ? nil : hasIDs ? .ids : .pieces, decodedChunks: decoded)
  }

  private func share(_ voxels: Int, of asked: Box) -> Double {
    asked.isEmpty ? 0 : Double(voxels) / Double(asked.count)
  }

  /// The classes of the version but background, in the order of their values.
  private func coveredClasses(_ box: Box, only wanted: ClassRecord?) -> [CoveredClass] {
    var result: [CoveredClass] = []
    for one in version.classes where one.className != "background" {
      if let wanted, wanted.id != one.classID { continue }
      if result.contains(where: { $0.id == one.classID }) { continue }
      let boxes = version.coverage.filter { $0.classID == nil || $0.classID == one.classID }
        .map { $0.box.intersection(box) }.disjoint()
      result.append(
        CoveredClass(
          id: one.classID, name: one.className, mode: one.mode,
          values: version.classes.filter { $0.classID == one.classID }.compactMap(\.value), boxes: boxes))
    }
    return result
  }

  func centroid(_ position: [Double]) -> [Double] {
    let record = version.record
    return (0..<3).map { record.origin[$0] + position[$0] * record.voxelSize.nanometres[$0] }
  }
}
