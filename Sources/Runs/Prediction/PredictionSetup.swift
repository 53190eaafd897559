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
  let models: [ModelVersionRecord]
  let classes: [String]
  let threshold: Float
  /// One, or several whose mean is taken.
  let networks: [PatchNetwork]

  /// How the image is turned before each pass.
  let symmetries: [Symmetry]

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
    var covered = Self.covered(region, by: image)
    if covered.isEmpty {
      throw PredictionError.nothingCovered(region: "\(region)", image: image.record.reference)
    }
    let preprocessing = opened.description.preprocessing
    var networks = [
      PatchNetwork(
        opened.description.graph, weights: opened.weights, backend: request.backend, threads: request.threads)
    ]
    var models = [model]
    var descriptions = [opened.description]
    for (number, name) in request.others.enumerated() {
      let other = try ModelStore.open(ModelReference(parsing: name), in: database)
      guard other.description.preprocessing == preprocessing, other.description.classes == classes,
        other.description.graph.receptiveField.alignment == networks[0].field.alignment
      else { throw PredictionError.unlikeModels(model.reference, other.record.reference) }
      request.others[number] = "\(other.record.model)@\(other.record.number)"
      models.append(other.record)
      descriptions.append(other.description)
      networks.append(
        PatchNetwork(
          other.description.graph, weights: other.weights, backend: request.backend, threads: request.threads)
      )
    }
    self.networks = networks
    self.models = models
    symmetries = request.augments ? Symmetry.all : [Symmetry()]
    let network = networks[0]
    grid = preprocessing.grid(for: image)
    values = preprocessing.normalized
    let least = max(network.field.alignment[1], network.field.alignment[2])
    guard grid.extent[1] >= least, grid.extent[2] >= least else {
      throw PredictionError.tooSmall(image: image.record.reference, shape: "\(grid.extent)", needed: least)
    }
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
    let specifications = try Self.specifications(
      request, target, image, classes, parent: parent, model: model)
    (labels, probabilities) = specifications
    let shards = try Self.shardGrid(of: labels, parent: parent)
    if request.skipsBlank {
      covered = try Self.withoutBlanks(covered, in: shards, of: image, threads: request.threads)
      if covered.isEmpty {
        throw PredictionError.allBlank(region: "\(region)", image: image.record.reference)
      }
    }
    self.covered = covered
    tiling = try Self.tiling(
      request, grid: grid, networks: networks, covered: covered,
      shard: shards.chunk.count * (1 + probabilities.count))
    inputs =
      models.map { RunInput("model", .modelVersion($0.id)) } + [RunInput("image", .version(image.record.id))]
      + (parent.map { [RunInput("onto", .version($0.record.id))] } ?? [])
    self.request = request
    fingerprint = try Self.fingerprint(request, tiling, models, descriptions, image, parent)
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

  /// The shards that the version of labels will have.
  private static func shardGrid(
    of labels: VersionSpecification, parent: StoredVersion?
  ) throws -> ChunkGrid {
    let shard =
      try parent?.record.shard
      ?? ChunkLayout.chosen(shape: labels.shape, voxelSize: labels.voxelSize, dataType: labels.dataType).shard
    return ChunkGrid(shape: labels.shape, chunk: shard)
  }

  /// What the network sees of the image in a run of planes of a phase.
  func volume(phase: Int, run: Range<Int>) -> PhaseVolume {
    let planes = planes
    return PhaseVolume(
      grid: grid, phase: phase, run: run, alignment: networks[0].field.alignment, values: values
    ) {
      try planes.planes($0)
    }
  }

  /// The boxes without the shards in which the image has one value alone.
  private static func withoutBlanks(
    _ covered: [Box], in shards: ChunkGrid, of image: StoredVersion, threads: Int
  ) throws -> [Box] {
    var pieces: [Box] = []
    for box in covered {
      for index in shards.chunks(touching: box).positions {
        let part = box.intersection(shards.box(at: index))
        if part.isEmpty { continue }
        if try image.read(part, threads: threads).isUniform { continue }
        pieces.append(part)
      }
    }
    return pieces
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
    _ request: PredictionRequest, grid: WorkingGrid, networks: [PatchNetwork], covered: [Box], shard: Int
  ) throws -> Tiling {
    let network = networks[0]
    let field = network.field
    let shape = PhaseVolume.largestShape(of: grid, alignment: field.alignment)
    if request.mode == .seed { return Tiling.seed(shape: shape) }
    let isStreamed =
      request.backend == .oneDNN && networks.allSatisfy { StreamTiling.isStreamable($0.graph) }
    if isStreamed {
      return try streamed(request, grid: grid, networks: networks, covered: covered, shard: shard)
    }
    if request.precision != .float32 || request.augments {
      throw PredictionError.badOption(
        request.augments ? "--augment" : "--precision",
        reason: "the network has operations along z that are not run plane by plane")
    }
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

  /// Tiles that are streamed along z, or an error that says how much memory the smallest takes.
  private static func streamed(
    _ request: PredictionRequest, grid: WorkingGrid, networks: [PatchNetwork], covered: [Box], shard: Int
  ) throws -> Tiling {
    let field = networks[0].field
    let shape = PhaseVolume.largestShape(of: grid, alignment: field.alignment)
    let box = covered.dropFirst().reduce(covered[0]) { $0.union($1) }
    let need = StreamedBlock.needed(box, grid: grid)
    // The rest is for planes of the image, what is read of it, and the program itself.
    let budget = request.memory * 7 / 10 - min(request.threads * shard, request.memory / 4)
    var best: StreamTiling?
    for network in networks {
      // Of several the one that takes most decides.
      let found: StreamTiling
      do {
        found = try StreamTiling.best(
          network.graph, size: shape, y: need.y, x: need.x, budget: budget, precision: request.precision,
          threads: request.threads)
      } catch {
        guard case .tooLittleMemory(_, let needed) = error else { throw error }
        throw PredictionError.tooLittleMemory(given: request.memory, needed: needed * 20 / 9 + (1 << 16))
      }
      if best.map({ found.core.reduce(1, *) < $0.core.reduce(1, *) }) ?? true { best = found }
    }
    guard let best else { preconditionFailure("there is a network") }
    return Tiling(
      kind: .stream, core: [shape[0]] + best.core, halo: field.halo, window: [shape[0]] + best.window,
      overhead: best.overhead, bytes: best.bytes)
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
    _ request: PredictionRequest, _ tiling: Tiling, _ models: [ModelVersionRecord],
    _ descriptions: [ModelDescription], _ image: StoredVersion, _ parent: StoredVersion?
  ) throws -> String {
    let facts = [
      try request.jsonObject(), try tiling.jsonObject(),
      descriptions.map { String(decoding: $0.json, as: UTF8.self) }.joined(separator: " "),
      models.map { $0.weightsHash ?? $0.uuid }.joined(separator: " "), image.record.uuid,
      image.record.contentHash.map { "\($0)" } ?? "", parent?.record.uuid ?? "",
    ]
    return SHA256.hash(data: Data(facts.joined(separator: "\n").utf8)).hexadecimal
  }
}
