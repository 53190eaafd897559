// SPDX-License-Identifier: Apache-2.0

public import Tensors

/// What a person asks of `vemdb predict`; also the settings that the run records.
public struct PredictionRequest: Codable, Hashable, Sendable {
  /// How patches are put together.
  public enum Mode: String, Codable, Hashable, Sendable, CaseIterable {
    /// Tiles with so much context that the result equals one pass over the whole volume.
    case exact
    /// The published way: patches of 18×160×160 every 9×80×80, the mean where they overlap.
    case seed
  }

  /// The model, as in `mito` or `mito@2`.
  public var model: String
  /// Further models; the mean of all probabilities is taken.
  public var others: [String] = []
  /// The image, as in `ratliver/em`.
  public var image: String
  /// The volume that gets a version, as in `ratliver/mito-pred`.
  public var target: String
  /// The part that is predicted, as in `z=18:36,y=0:1000`; all of the image by default.
  public var region: String?
  /// The version of the target that is continued: what lies outside of the region stays.
  public var onto: String?
  /// How patches are put together.
  public var mode = Mode.exact
  /// Above which probability a voxel belongs to a class; the model's own by default.
  public var threshold: Double?
  /// The volume that gets the probabilities in 255 steps; with several classes each has the class's
  /// name at the end.
  public var probabilities: String?
  /// How many bytes the network and all that is made may take.
  public var memory = 4 << 30
  /// How many threads compute; results depend on it in the last bits.
  public var threads: Int
  /// Who computes.
  public var backend = BackendKind.oneDNN
  /// In what numbers the network is computed.
  public var precision = Precision.float32
  /// Whether the mean over the eight turned and mirrored images is taken.
  public var augments = false
  /// Whether shards in which the image has one value alone are left out, and left uncovered.
  public var skipsBlank = false
  /// Anything to be noted with the version.
  public var note: String?

  /// A request with the default settings.
  public init(model: String, image: String, target: String, threads: Int) {
    self.model = model
    self.image = image
    self.target = target
    self.threads = threads
  }

  /// Checks what can be checked without a database.
  ///
  /// - Throws: ``PredictionError/badOption(_:reason:)``.
  func check() throws(PredictionError) {
    if threads < 1 { throw .badOption("--threads", reason: "at least one is needed") }
    if let threshold, !(threshold >= 0 && threshold < 1) {
      throw .badOption("--threshold", reason: "it lies between 0 and 1")
    }
    if let fault = precision.fault(on: backend) { throw .badOption("--precision", reason: fault) }
    guard mode == .seed || backend == .openBLAS else { return }
    let way = mode == .seed ? "--mode seed" : "--backend openblas"
    if precision != .float32 {
      throw .badOption("--precision", reason: "\(way) computes in float32 alone")
    }
    if augments { throw .badOption("--augment", reason: "it does not go with \(way)") }
  }
}
