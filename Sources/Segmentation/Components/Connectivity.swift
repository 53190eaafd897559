// SPDX-License-Identifier: Apache-2.0

/// Which of the 26 voxels around one are its neighbours.
public enum Connectivity: Int, CaseIterable, Codable, Hashable, Sendable {
  /// Those that share a face.
  case faces = 6
  /// Those that share a face or an edge.
  case edges = 18
  /// Those that share a face, an edge or a corner.
  case corners = 26

  /// The rows before a row, in raster order, that have neighbours of its voxels: how far away they
  /// are along z and y, and how far apart along x two neighbours may be.
  var rowsBefore: [(z: Int, y: Int, x: Int)] {
    switch self {
    case .faces: [(0, -1, 0), (-1, 0, 0)]
    case .edges: [(0, -1, 1), (-1, -1, 0), (-1, 0, 1), (-1, 1, 0)]
    case .corners: [(0, -1, 1), (-1, -1, 1), (-1, 0, 1), (-1, 1, 1)]
    }
  }

  /// The rows before a row; of those of other slices none where slices are taken apart.
  func rowsBefore(inSlices: Bool) -> [(z: Int, y: Int, x: Int)] {
    inSlices ? rowsBefore.filter { $0.z == 0 } : rowsBefore
  }

  /// The steps to all neighbours, in C order.
  func steps(inSlices: Bool) -> [(z: Int, y: Int, x: Int)] {
    let reach = -1...1
    return reach.flatMap { z in reach.flatMap { y in reach.map { x in (z, y, x) } } }
      .filter { step in
        let length = abs(step.0) + abs(step.1) + abs(step.2)
        return length > 0 && length <= mostSteps && (!inSlices || step.0 == 0)
      }
  }

  /// Along how many axes a neighbour may differ.
  var mostSteps: Int {
    switch self {
    case .faces: 1
    case .edges: 2
    case .corners: 3
    }
  }
}
