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
}
