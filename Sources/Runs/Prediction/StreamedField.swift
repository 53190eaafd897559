// SPDX-License-Identifier: Apache-2.0

import Arrays
import Networks
import Tensors

/// The probabilities of a block that all its streams have given: their mean where several see a voxel.
struct StreamedField: Sendable {
  let grid: WorkingGrid
  let classCount: Int
  let streams: [(stream: PlaneStream, planes: StreamPlanes)]

  /// How many models and symmetries see each voxel.
  let votes: Int

  /// One slice of the image around a part of it.
  func slice(_ z: Int, around part: Box) throws -> ProbabilityField {
    let need = StreamedBlock.needed(part, grid: grid)
    let (rows, columns) = (need.y, need.x)
    let (phase, plane) = (z % grid.stride, z / grid.stride)
    var sum = [UInt32](repeating: 0, count: classCount * rows.count * columns.count)
    for (stream, planes) in streams
    where stream.phase == phase && stream.planes.contains(plane) && stream.y.overlaps(rows)
      && stream.x.overlaps(columns)
    {
      let values = try planes.plane(plane - stream.planes.lowerBound)
      guard values.count == classCount * stream.y.count * stream.x.count else {
        preconditionFailure("a layer is stored once all its planes are there")
      }
      let common = (y: stream.y.clamped(to: rows), x: stream.x.clamped(to: columns))
      for channel in 0..<classCount {
        for y in common.y {
          let from =
            (channel * stream.y.count + y - stream.y.lowerBound) * stream.x.count - stream.x.lowerBound
          let to = (channel * rows.count + y - rows.lowerBound) * columns.count - columns.lowerBound
          for x in common.x { sum[to + x] += UInt32(values[from + x]) }
        }
      }
    }
    let scale = 1 / (65535 * Float(votes))
    var values = Tensor(zeros: [classCount, 1, rows.count, columns.count])
    values.withMutableSpan { values in
      for index in sum.indices { values[index] = Float(sum[index]) * scale }
    }
    return ProbabilityField(
      grid: grid, phases: [phase: (plane, values)], origin: (rows.lowerBound, columns.lowerBound))
  }

  /// Gives up what lies before a slice of the image and is kept in memory.
  func drop(before z: Int) {
    for (stream, planes) in streams {
      let plane = max(0, (z - stream.phase + grid.stride - 1) / grid.stride)
      planes.drop(before: plane - stream.planes.lowerBound)
    }
  }
}
