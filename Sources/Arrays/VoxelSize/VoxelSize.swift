// SPDX-License-Identifier: Apache-2.0

/// The distance between neighbouring voxels in nanometres.
public struct VoxelSize: Hashable, Codable, Sendable {
  /// Between sections.
  public let z: Double
  /// Between rows.
  public let y: Double
  /// Between columns.
  public let x: Double

  /// - Precondition: All three are positive and finite.
  public init(z: Double, y: Double, x: Double) {
    precondition([z, y, x].allSatisfy { $0 > 0 && $0.isFinite }, "a voxel size is positive")
    self.z = z
    self.y = y
    self.x = x
  }

  /// Sizes in the order z, y, x.
  public var nanometres: [Double] { [z, y, x] }

  /// The volume of one voxel in µm³.
  public var cubicMicrometres: Double { z * y * x * 1e-9 }

  /// The voxel size of a volume reduced by whole factors in the order z, y, x.
  public func scaled(by factors: [Int]) -> VoxelSize {
    VoxelSize(z: z * Double(factors[0]), y: y * Double(factors[1]), x: x * Double(factors[2]))
  }
}

extension VoxelSize: CustomStringConvertible {
  public var description: String {
    nanometres.map(Self.shortest).joined(separator: ",") + "nm"
  }

  private static func shortest(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }
}
