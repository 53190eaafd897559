// SPDX-License-Identifier: Apache-2.0

public import Arrays
import Catalog
import ImageFiles
import Networks
public import VolumeDatabase

/// `vemdb predict … --slice z=40 -o preview.png`: what a model finds in one slice, as a picture; nothing is
/// stored.
public enum PredictionPreview {
  /// What was drawn.
  public struct Outcome: Hashable, Sendable {
    /// The models, as in `model:mito@1`.
    public let models: [String]
    /// The image, as in `ratliver/em@1`.
    public let image: String
    /// The slice, in voxels of the image.
    public let box: Box
    /// The share of its voxels in which each class was found, in the order of ``classes``.
    public let shares: [Double]
    /// The model's classes.
    public let classes: [String]
  }

  /// Predicts one slice, with all the context that it needs, and draws the classes over the image.
  ///
  /// - Parameters:
  ///   - request: Its target is not used, its region is the slice: `z=40`, perhaps with y and x.
  ///   - output: A path that ends with `.png`.
  /// - Throws: ``PredictionError``, the error of what cannot be found, read or written, or
  ///   ``StoppedOnRequest``.
  public static func draw(
    _ request: PredictionRequest, to output: String, in database: VolumeDatabase,
    progress: any ProgressReporter, cancellation: CancellationFlag
  ) throws -> Outcome {
    guard output.lowercased().hasSuffix(".png") else {
      throw PredictionError.badOption(
        "--output", reason: "a preview is a picture: \(output) ends not with .png")
    }
    let setup = try PredictionSetup(request, in: database)
    let block = StreamedBlock(shards: [], parts: setup.covered)
    let box = block.box
    guard box.extent[0] == 1 else {
      throw PredictionError.badOption(
        "--slice", reason: "it names \(box.extent[0]) slices: give one, as in z=40")
    }
    guard setup.tiling.kind == .stream else {
      throw PredictionError.badOption("--slice", reason: "it goes with exact mode and onednn alone")
    }
    let voxels = try predicted(block, setup, progress, cancellation)
    let plane: Extent = [box.extent[1], box.extent[2]]
    let gray = GrayPicture(
      try setup.image.read(box, threads: setup.request.threads).reshaped(plane),
      range: setup.image.record.displayRange)
    let picture = LabelOverlay(classCount: setup.classes.count)
      .drawn(NDArray(voxels.labels, plane), over: gray.picture)
    try PNGWriter.write(picture, to: output)
    return Outcome(
      models: setup.models.map(\.reference), image: setup.image.record.reference, box: box,
      shares: setup.classes.indices.map { number in
        Double(voxels.labels.count { $0 == UInt8(number + 1) }) / Double(voxels.labels.count)
      }, classes: setup.classes)
  }

  private static func predicted(
    _ block: StreamedBlock, _ setup: PredictionSetup, _ progress: any ProgressReporter,
    _ cancellation: CancellationFlag
  ) throws -> ShardVoxels {
    let streams = block.streams(
      core: setup.tiling.tileCore, grid: setup.grid, models: setup.networks.count,
      symmetries: setup.symmetries)
    progress.begin(ProgressStage("predicting a slice", total: streams.count, unit: "tiles"))
    var computing = PlaneComputing(setup: setup) { try cancellation.check() }
    var kept: [(stream: PlaneStream, planes: StreamPlanes)] = []
    for stream in streams {
      let planes = StreamPlanes(elements: setup.classes.count * stream.y.count * stream.x.count)
      try computing.compute(stream, stream.planes) { _, values in try planes.append(values) }
      kept.append((stream, planes))
      progress.advance(to: kept.count)
    }
    progress.end()
    let field = StreamedField(
      grid: setup.grid, classCount: setup.classes.count, streams: kept,
      votes: setup.networks.count * setup.symmetries.count)
    var voxels = ShardVoxels(block.box, labels: nil, classCount: setup.classes.count, hasProbabilities: false)
    for part in block.parts {
      voxels.fill(part, from: try field.slice(part.lower[0], around: part), threshold: setup.threshold)
    }
    return voxels
  }
}
