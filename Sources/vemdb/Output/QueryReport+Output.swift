// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Runs

extension QueryReport {
  /// Everything, with the keys of the server's `/query`.
  var record: OutputRecord {
    [
      "grid": .optional(grid?.reference), "region": box.map { .box($0) } ?? .null,
      "items": .list(versions.map { .object($0.fields) }),
    ]
  }

  /// One class of one version each; a version without classes has one row.
  var classRows: [OutputRecord] {
    versions.flatMap { version -> [OutputRecord] in
      if version.classes.isEmpty { return [version.row(of: nil)] }
      return version.classes.map { version.row(of: $0) }
    }
  }

  /// One object each.
  var objectRows: [OutputRecord] {
    versions.flatMap { version in
      (version.objects ?? []).map { object in
        var row: OutputRecord = ["ref": .string(version.record.reference)]
        for field in object.record(exactly: false).fields {
          row.add(field.key, field.value, text: field.text)
        }
        return row
      }
    }
  }

  /// Prints tables for people.
  func print(listingObjects: Bool) {
    if let grid, let box { Swift.print("region \(box) in voxels of \(grid.reference)\n") }
    OutputFormat.table.print(classRows, empty: "no label or prediction version covers any of it")
    guard listingObjects, !versions.isEmpty else { return }
    Swift.print("")
    OutputFormat.table.print(objectRows, empty: "no object has a voxel there")
    for version in versions where version.objectSource == .pieces {
      Swift.print(
        "\nobjects of \(version.record.reference) are the 26-connected pieces of the covered region, cut off "
          + "at its border")
    }
  }
}

extension QueryReport.Version {
  fileprivate var fields: OutputRecord {
    var result: OutputRecord = [
      "ref": .string(record.reference), "kind": .string(record.kind.rawValue),
      "overlap": box.isEmpty ? .null : .box(box),
      "region_voxels": .exact(regionVoxels), "covered_voxels": .exact(coveredVoxels),
      "covered_fraction": .number(coveredFraction),
      "voxels": .list(classes.map { .object($0.record) }),
    ]
    if let objects {
      result.add("instances_are", .optional(objectSource?.rawValue))
      result.add("instances", .list(objects.map { .object($0.record(exactly: true)) }))
    }
    return result
  }

  fileprivate func row(of one: QueryReport.ClassVolume?) -> OutputRecord {
    let covered = one?.coveredFraction ?? coveredFraction
    var row: OutputRecord = [
      "ref": .string(record.reference), "kind": .string(record.kind.rawValue),
      "class": .optional(one?.name),
    ]
    row.add("covered_fraction", .number(covered), text: percent(covered))
    row.add("covered_voxels", .integer(one?.coveredVoxels ?? coveredVoxels))
    row.add("voxels", .optional(one?.voxels))
    row.add("um3", .optional(one?.cubicMicrometres), text: one?.cubicMicrometres.map(significant) ?? "-")
    let share = one.flatMap { one in
      one.voxels.flatMap { one.coveredVoxels > 0 ? Double($0) / Double(one.coveredVoxels) : nil }
    }
    row.add("fraction_of_covered", .optional(share), text: share.map(percent) ?? "-")
    return row
  }
}

extension QueryReport.ClassVolume {
  fileprivate var record: OutputRecord {
    [
      "class": .string(name), "mode": .string(mode.rawValue), "values": .list(values.map { .exact($0) }),
      "covered_voxels": .exact(coveredVoxels), "covered_fraction": .number(coveredFraction),
      "voxels": voxels.map { .exact($0) } ?? .null, "um3": .optional(cubicMicrometres),
    ]
  }
}

extension QueryReport.Object {
  /// - Parameter exactly: Whether counts are strings, which JavaScript keeps, or numbers, which align.
  fileprivate func record(exactly: Bool) -> OutputRecord {
    func count(_ voxels: Int) -> OutputValue { exactly ? .exact(voxels) : .integer(voxels) }
    var record: OutputRecord = ["class": .string(className), "id": .exact(id)]
    record.add("voxels", count(voxels))
    record.add("voxels_in_region", count(voxelsInRegion))
    record.add("um3", .number(cubicMicrometres), text: significant(cubicMicrometres))
    record.add("box", .box(box), text: "\(box)")
    record.add(
      "centroid_nm", .list(centroid.map { .number($0) }),
      text: centroid.map { significant($0) }.joined(separator: ", "))
    return record
  }
}

/// A share in percent.
private func percent(_ share: Double) -> String {
  String(format: share < 0.01 ? "%.3f %%" : "%.1f %%", share * 100)
}

/// A measure with four significant digits.
private func significant(_ value: Double) -> String {
  abs(value) >= 10_000 ? String(Int(value.rounded())) : String(format: "%.4g", value)
}
