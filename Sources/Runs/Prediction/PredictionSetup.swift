// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Crypto
import Foundation
import Networks
import Tensors
import VolumeDatabase

/// A prediction whose model, image and region are found and fit each other.
struct PredictionSetup {
  /// With every reference made definite, so that a resumed run finds the same.
  let request: PredictionRequest
  let tiling: Tiling
  let fingerprint: String
  let inputs: [RunInput]

  let image: StoredVersion
  let model: ModelVersionRecord
  let classes: [String]
  let threshold: Float
  let network: PatchNetwork
  let grid: WorkingGrid

  /// What the network sees of each 8-bit value.
  let values: [Float]

  /// The preprocessed planes of slices of the image.
  let planes: PlaneCache

  /// The part of the region that the image covers: boxes that do not meet.
  let covered: [Box]

  /// The version that is continued.
  let parent: StoredVersion?

  /// The volume of labels.
  let labels: VersionSpecification

  /// A volume of probabilities for each class, if they are wanted.
  let probabilities: [VersionSpecification]

  /// - Throws: ``PredictionError``, or the error of what cannot be found or read.
  init(_ asked: PredictionRequest, in database: VolumeDatabase) throws {
    try asked.check()
    var request = asked
    let opened = try ModelStore.open(ModelReference(parsing: request.model), in: database)
    model = opened.record
    request.model = "\(model.model)@\(model.number)"
    let image = try database.version(VersionReference(parsing: request.image))
    self.image = image
    request.image = image.record.reference
    guard image.record.kind == .image else {
      throw PredictionError.noImage(image.record.reference, is: image.record.kind.rawValue)
    }
    classes = opened.description.classes
    let channels = try Self.channels(of: opened.description.graph)
    guard channels.input == 1 else {
      throw PredictionError.notForImages(model: model.reference, channels: channels.input)
    }
    guard channels.output == classes.count else {
      throw PredictionError.classCount(
        model: model.reference, logits: channels.output, classes: classes.count)
    }
    request.threshold = request.threshold ?? opened.description.threshold
    threshold = Float(request.threshold ?? 0.5)

    let region =
      try request.region.map { try Region(parsing: $0).resolved(in: image) } ?? Box(image.record.shape)
    covered = Self.covered(region, by: image)
    if covered.isEmpty {
      throw PredictionError.nothingCovered(region: "\(region)", image: image.record.reference)
    }

    network = PatchNetwork(
      opened.description.graph, weights: opened.weights, backend: request.backend, threads: request.threads)
    let preprocessing = opened.description.preprocessing
    grid = preprocessing.grid(for: image.record.shape, voxelSize: image.record.voxelSize)
    values = preprocessing.normalized
    let least = max(network.field.alignment[1], network.field.alignment[2])
    guard grid.extent[1] >= least, grid.extent[2] >= least else {
      throw PredictionError.tooSmall(image: image.record.reference, shape: "\(grid.extent)", needed: least)
    }
    tiling = try Self.tiling(request, grid: grid, network: network)
    planes = Self.planes(
      of: image, preprocessing, grid, try IntensityRange(of: image, preprocessing: preprocessing), request)

    let target = try VolumeReference(parsing: request.target)
    parent = try request.onto.map { try database.version(VersionReference(parsing: $0)) }
    if let parent {
      request.onto = parent.record.reference
      guard parent.volume == target else {
        throw PredictionError.otherVolume(onto: parent.record.reference, target: request.target)
      }
    }
    (labels, probabilities) = try Self.specifications(
      request, target, image, classes, parent: parent, model: model)
    inputs =
      [RunInput("model", .modelVersion(model.id)), RunInput("image", .version(image.record.id))]
      + (parent.map { [RunInput("onto", .version($0.record.id))] } ?? [])
    self.request = request
    fingerprint = try Self.fingerprint(request, tiling, model, image, parent)
  }

  var record: PredictionRecord {
    PredictionRecord(request: request, tiling: tiling, fingerprint: fingerprint)
  }

  private static func channels(of graph: Graph) throws -> (input: Int, output: Int) {
    guard case .input(let input) = graph.nodes[0].operation else { return (0, 0) }
    let field = graph.receptiveField
    let shape = [1, input] + field.alignment.map { 4 * $0 }
    return (input, try graph.outputShape(inputShape: shape)[1])
  }

  /// What both the region and the image's coverage have, without meeting parts.
  private static func covered(_ region: Box, by image: StoredVersion) -> [Box] {
    image.coverage.map(\.box).reduce(into: [Box]()) { pieces, box in
      var new = [box.intersection(region)].filter { !$0.isEmpty }
      for known in pieces { new = new.flatMap { $0.subtracting(known) } }
      pieces += new.filter { !$0.isEmpty }
    }
  }

  private static func planes(
    of image: StoredVersion, _ preprocessing: Preprocessing, _ grid: WorkingGrid,
    _ range: IntensityRange?, _ request: PredictionRequest
  ) -> PlaneCache {
    let threads = request.threads
    return PlaneCache(budget: request.memory / 8) { slices in
      try SliceReader(version: image, threads: threads, budget: min(256 << 20, request.memory / 16))
        .map(slices) { preprocessing.plane(from: $0, grid: grid, range: range) }
    }
  }

  /// The tiles that the memory allows.
  private static func tiling(
    _ request: PredictionRequest, grid: WorkingGrid, network: PatchNetwork
  ) throws -> Tiling {
    let field = network.field
    let shape = PhaseVolume.shape(of: grid, phase: 0, alignment: field.alignment)
    if request.mode == .seed { return Tiling.seed(shape: shape) }
    let memory = try network.memory()
    // The rest is for planes, shards that are made, and the program itself.
    let room = Double(request.memory) * 0.7 - memory.fixed
    let limit = max(0, Int(room / memory.perVoxel))
    guard let tiling = Tiling.exact(shape: shape, field: field, limit: limit) else {
      let smallest = Double(Tiling.smallestWindow(shape: shape, field: field))
      let needed = Int((smallest * memory.perVoxel + memory.fixed) / 0.7) + (1 << 20)
      throw PredictionError.tooLittleMemory(given: request.memory, needed: needed)
    }
    return tiling
  }

  private static func specifications(
    _ request: PredictionRequest, _ target: VolumeReference, _ image: StoredVersion, _ classes: [String],
    parent: StoredVersion?, model: ModelVersionRecord
  ) throws -> (labels: VersionSpecification, probabilities: [VersionSpecification]) {
    func specification(_ volume: VolumeReference, _ kind: VolumeKind) -> VersionSpecification {
      var specification = VersionSpecification(
        volume: volume, kind: kind, dataType: .uint8, shape: image.record.shape,
        voxelSize: image.record.voxelSize)
      specification.origin = image.record.origin
      specification.image = image.reference
      specification.note = request.note
      return specification
    }
    var labels = specification(target, .prediction)
    labels.classes = classes.enumerated().map { .semantic($1, value: UInt64($0 + 1)) }
    labels.parent = parent?.reference
    guard let name = request.probabilities else { return (labels, []) }
    let probabilities = try classes.map { className in
      let text = classes.count == 1 ? name : "\(name)-\(className)"
      let volume = try VolumeReference(parsing: text)
      guard volume != target else {
        throw PredictionError.badOption("--probabilities", reason: "\(text) is the volume of the labels")
      }
      var one = specification(volume, .probability)
      one.classes = [.probability(className)]
      one.valueScale = 1 / 255.0
      return one
    }
    return (labels, probabilities)
  }

  private static func fingerprint(
    _ request: PredictionRequest, _ tiling: Tiling, _ model: ModelVersionRecord, _ image: StoredVersion,
    _ parent: StoredVersion?
  ) throws -> String {
    let facts = [
      try request.jsonObject(), try tiling.jsonObject(), model.weightsHash ?? model.uuid, model.preprocessing,
      image.record.uuid, image.record.contentHash.map { "\($0)" } ?? "", parent?.record.uuid ?? "",
    ]
    return SHA256.hash(data: Data(facts.joined(separator: "\n").utf8))
      .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
