// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Crypto
import Foundation
import Networks
import Training
import VolumeDatabase

/// Everything that a request means in a database, checked before anything starts.
struct TrainingSetup {
  /// The request with every default chosen and every version pinned.
  let request: TrainingRequest
  let graph: Graph
  let settings: TrainingSettings
  let preprocessing: Preprocessing
  /// The weights that the training begins with.
  let initial: Parameters
  let sampler: DatabaseSampler
  let validation: ValidationTiles?
  let classes: [ClassRecord]
  /// The model version whose weights it begins with.
  let parent: ModelVersionRecord?
  let inputs: [RunInput]
  /// What a person should know.
  let notes: [String]
  /// Changes whenever anything changes that decides the result.
  let fingerprint: String

  /// Bytes of planes that are kept for all pairs together.
  private static let imageBudget = 1 << 30
  private static let labelBudget = 512 << 20

  /// - Throws: ``TrainingRunError`` or the error of what cannot be found or read.
  init(_ asked: TrainingRequest, in database: VolumeDatabase) throws {
    try asked.check()
    var request = asked
    _ = try ModelReference(name: request.model)
    request.threads = request.threads ?? Machine.threads
    let catalog = database.catalog
    var notes: [String] = []

    // The network and its preprocessing: a model's own, or chosen.
    var source: ModelDescription?
    var parent: ModelVersionRecord?
    if let from = request.from {
      let version = try database.modelVersion(ModelReference(parsing: from))
      request.from = "\(version.model)@\(version.number)"
      let description = try ModelDescription(folder: database.folder(of: version))
      (source, parent) = (description, version)
    }
    let asked = try request.classes.map { try catalog.classNamed($0) }
    let isNamed = source.map { $0.classes != [ModelImport.unnamedClass] } ?? false
    if let source, isNamed, !asked.isEmpty, asked.map(\.name) != source.classes {
      throw TrainingRunError.classesDiffer(
        model: request.from ?? "", has: source.classes, asked: asked.map(\.name))
    }
    let known = try source.map { try $0.classes.map { try catalog.classNamed($0) } } ?? asked
    let classes = isNamed || asked.isEmpty ? known : asked
    request.classes = classes.map(\.name)
    let opened = try request.pairs.map { try OpenedPair(TrainingPair(parsing: $0), in: database) }
    request.pairs = opened.map(\.description)
    let sizes = opened.map(\.image.record.voxelSize)
    let voxelSize =
      source?.preprocessing.voxelSize ?? request.voxelSize ?? WorkingVoxelSize.chosen(for: sizes)
    var preprocessing = source?.preprocessing ?? Preprocessing(voxelSize: voxelSize)
    preprocessing.voxelSize = voxelSize
    request.voxelSize = voxelSize
    let graph =
      try source?.graph
      ?? RSUNet.graph(
        widths: request.preset == .fast ? RSUNet.fastWidths : RSUNet.publishedWidths,
        outputChannels: classes.count)

    // Where patches come from.
    let grids = opened.map {
      preprocessing.grid(for: $0.image.record.shape, voxelSize: $0.image.record.voxelSize)
    }
    let multiple = graph.sizeMultiple
    let wanted = request.patch ?? source?.patch ?? WorkingVoxelSize.patch(for: voxelSize)
    let patch = try Self.patch(wanted, grids, opened, multiple: multiple)
    if patch != wanted {
      notes.append(
        "patches are \(Self.text(patch)) instead of \(Self.text(wanted)), as large as the pairs allow")
    }
    request.patch = patch
    var pairs: [PairSource] = []
    var pieces: [String] = []
    for (pair, grid) in zip(opened, grids) {
      let range = try IntensityRange(of: pair.image, preprocessing: preprocessing)
      let sources = try pair.classSources(
        classes, grid: grid, request: request, catalog: catalog,
        budget: Self.labelBudget / (opened.count * classes.count))
      pieces += sources.map { "\($0?.training.description ?? "-") \($0?.validation.description ?? "-")" }
      pieces.append(range.map { "\($0.low) \($0.high)" } ?? "8-bit")
      pairs.append(
        PairSource(
          image: pair.image, preprocessing: preprocessing, grid: grid, range: range, classes: sources,
          budget: Self.imageBudget / opened.count, threads: request.threads ?? 1))
    }
    if let slices = request.slices { notes += Self.slicesNote(slices, pairs, opened) }
    sampler = DatabaseSampler(
      pairs: pairs, seed: request.seed, batch: request.batch, patch: patch, classCount: classes.count)
    validation = ValidationTiles(
      pairs, depth: patch[0], multiple: multiple, classCount: classes.count)
    if validation == nil {
      notes.append("no part is kept for validation (see vemdb split): the last weights are the result")
    }
    request.validateEvery = request.validateEvery ?? max(1, request.steps / 8)
    request.learningRate = request.learningRate ?? (parent == nil ? 3e-3 : 1e-3)

    var initial = graph.initialParameters(seed: request.seed)
    if let parent {
      let path = "\(database.folder(of: parent))/\(ModelDescription.weightsName)"
      _ = try initial.load(CheckpointFile.read(path), from: path)
    }
    self.request = request
    self.graph = graph
    self.preprocessing = preprocessing
    self.initial = initial
    self.classes = classes
    self.parent = parent
    self.notes = notes
    settings = Self.settings(request)
    inputs = Self.inputs(opened, parent: parent)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let facts = try encoder.encode(request) + Data(pieces.joined(separator: "\n").utf8)
    fingerprint = SHA256.hash(data: facts).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
      .joined()
  }

  /// What the model will say of itself.
  func description(steps: Int, best: Double?) -> ModelDescription {
    var facts = [
      "steps": "\(steps)", "seed": "\(request.seed)", "loss": request.loss.rawValue,
      "learning_rate": "\(request.learningRate ?? 0)", "batch": "\(request.batch)",
      "pairs": request.pairs.joined(separator: " "), "program": ProgramVersion.line,
    ]
    if let best { facts["validation_iou_foreground"] = "\(best)" }
    if let from = request.from { facts["from"] = from }
    return ModelDescription(
      architecture: request.architecture, graph: graph, preprocessing: preprocessing,
      classes: classes.map(\.name), patch: request.patch, training: facts)
  }

  private static func settings(_ request: TrainingRequest) -> TrainingSettings {
    var settings = TrainingSettings(
      steps: request.steps, seed: request.seed, threads: request.threads ?? 1)
    settings.loss = Loss(request.loss, positiveWeight: request.positiveWeight)
    let rate = request.learningRate ?? 3e-3
    settings.schedule = request.isRateConstant ? .constant(rate) : .cosine(rate, warmUp: 0.1)
    settings.batchNormMomentum = request.batchNormMomentum
    settings.backend = request.backend
    settings.augmentation =
      switch request.augmenting {
      case .mild: .mild
      case .published: .published
      case .none: .none
      }
    return settings
  }

  private static func inputs(_ pairs: [OpenedPair], parent: ModelVersionRecord?) -> [RunInput] {
    var inputs: [RunInput] = []
    for (number, pair) in pairs.enumerated() {
      inputs.append(RunInput("image", .version(pair.image.record.id), pair: number))
      inputs += pair.labels.map { RunInput("labels", .version($0.record.id), pair: number) }
    }
    if let parent { inputs.append(RunInput("parent", .modelVersion(parent.id))) }
    return inputs
  }

  /// The patch that all pairs can give: never filled with blanks.
  private static func patch(
    _ wanted: [Int], _ grids: [WorkingGrid], _ pairs: [OpenedPair], multiple: Int
  ) throws -> [Int] {
    for axis in 1...2 where wanted[axis] % multiple != 0 {
      throw TrainingRunError.badPatch(
        text(wanted), reason: "height and width must be multiples of \(multiple)")
    }
    for (grid, pair) in zip(grids, pairs) where min(grid.extent[1], grid.extent[2]) < multiple {
      throw TrainingRunError.tooSmall(
        image: pair.image.record.reference, shape: "\(grid.extent)", needed: "\(multiple) × \(multiple)")
    }
    func least(_ axis: Int) -> Int {
      (grids.map { $0.extent[axis] }.min() ?? 0) / multiple * multiple
    }
    let depth = grids.map(PatchGeometry.depth).min() ?? 1
    return [min(wanted[0], depth), min(wanted[1], least(1)), min(wanted[2], least(2))]
  }

  private static func slicesNote(
    _ count: Int, _ pairs: [PairSource], _ opened: [OpenedPair]
  ) -> [String] {
    zip(pairs, opened).map { source, pair in
      let slices = Set(source.classes.compactMap { $0 }.flatMap(\.training).flatMap { $0.range(0) })
      return "\(pair.image.record.reference): learning from slices "
        + slices.sorted().map(String.init).joined(separator: ", ")
    }
  }

  private static func text(_ patch: [Int]) -> String { patch.map(String.init).joined(separator: "×") }
}

extension Graph {
  /// Of what height and width must be multiples: the product of all pooling along the axis.
  var sizeMultiple: Int {
    nodes.reduce(1) { product, node in
      if case .maxPooling(let kernel) = node.operation { product * (kernel.max() ?? 1) } else { product }
    }
  }
}
