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
  /// What the network is called.
  let architecture: String
  let settings: TrainingSettings
  let preprocessing: Preprocessing
  /// The weights that the training begins with.
  let initial: Parameters
  let sampler: DatabaseSampler
  let validation: ValidationTiles?
  /// What each logit is of.
  let logits: [String]
  let voxelSize: VoxelSize
  /// The model version whose weights it begins with.
  let parent: ModelVersionRecord?
  let inputs: [RunInput]
  /// What a person should know.
  let notes: [String]
  /// Changes whenever anything changes that decides the result.
  let fingerprint: String

  let memory: TrainingMemory

  /// - Throws: ``TrainingRunError`` or the error of what cannot be found or read.
  init(_ asked: TrainingRequest, in database: VolumeDatabase) throws {
    try asked.check()
    var request = asked
    _ = try ModelReference(name: request.model)
    request.threads = request.threads ?? Machine.threads
    let catalog = database.catalog
    let start = try StartingPoint(&request, in: database)
    let (graph, source, classes) = (start.graph, start.source, start.classes)
    var notes = start.notes
    let frozen = try Self.frozen(request.freeze, in: graph, &notes)

    // How images are seen.
    let opened = try request.pairs.map { try OpenedPair(TrainingPair(parsing: $0), in: database) }
    request.pairs = opened.map(\.description)
    let sizes = opened.map(\.image.record.voxelSize)
    let voxelSize =
      request.voxelSize ?? source?.preprocessing.voxelSize ?? WorkingVoxelSize.chosen(for: sizes)
    var preprocessing = source?.preprocessing ?? Preprocessing(voxelSize: voxelSize)
    preprocessing.voxelSize = voxelSize
    if start.parent == nil { request.voxelSize = voxelSize }
    let grids = opened.map { preprocessing.grid(for: $0.image) }
    let batch = request.batch ?? (graph.seesSingleSlices ? 8 : 2)
    request.batch = batch

    // Where patches come from.
    let budgets = TrainingMemory.planeBudgets(within: request.memory)
    var pairs: [PairSource] = []
    var pieces: [String] = []
    for (pair, grid) in zip(opened, grids) {
      let range = try IntensityRange(of: pair.image, preprocessing: preprocessing)
      let sources = try pair.classSources(
        classes, grid: grid, request: request, catalog: catalog,
        budget: budgets.labels / (opened.count * classes.count))
      pieces += sources.map { "\($0?.training.description ?? "-") \($0?.validation.description ?? "-")" }
      pieces.append(range.map { "\($0.low) \($0.high)" } ?? "8-bit")
      pairs.append(
        PairSource(
          image: pair.image, preprocessing: preprocessing, grid: grid, range: range, classes: sources,
          budget: budgets.images / opened.count, threads: request.threads ?? 1))
    }
    let multiple = graph.sizeMultiple
    let wanted =
      request.patch ?? source?.patch
      ?? WorkingVoxelSize.patch(for: voxelSize, ofSingleSlices: graph.seesSingleSlices)
    let patch = try Self.patch(wanted, pairs, multiple: multiple)
    if patch != wanted {
      notes.append(
        "patches are \(Self.text(patch)) instead of \(Self.text(wanted)), as large as the pairs allow")
    }
    request.patch = patch
    try Self.checkForeground(start.logits, pairs)
    if let slices = request.slices { notes += Self.slicesNote(slices, pairs, opened) }
    sampler = DatabaseSampler(
      pairs: pairs, weights: request.pairWeights, seed: request.seed, batch: batch, patch: patch,
      classCount: start.logits.count, foreground: request.foreground)
    validation = ValidationTiles(
      pairs, depth: patch[0], multiple: multiple, classCount: start.logits.count)
    if validation == nil {
      notes.append("no part is kept for validation (see vemdb split): the last weights are the result")
      if request.patience != nil {
        throw TrainingRunError.badOption(
          "--patience", reason: "there is no validation part to wait for: see vemdb split, or give --folds")
      }
    }
    request.validateEvery = request.validateEvery ?? max(1, request.steps / 8)
    memory = try TrainingMemory(
      request, graph: graph, inputShape: sampler.inputShape,
      planeBytes: grids.map { $0.extent.count * (1 + start.logits.count) }.reduce(0, +),
      logitCount: start.logits.count, validationShape: validation?.shape)
    request.learningRate = request.learningRate ?? (start.parent == nil ? 3e-3 : 1e-3)

    self.request = request
    self.graph = graph
    self.preprocessing = preprocessing
    self.voxelSize = voxelSize
    initial = start.weights
    logits = start.logits
    architecture = source?.architecture ?? request.architecture
    parent = start.parent
    self.notes = notes
    settings = request.settings(frozen: frozen)
    inputs = Self.inputs(opened, parent: start.parent)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let facts = try encoder.encode(request) + Data(pieces.joined(separator: "\n").utf8)
    fingerprint = SHA256.hash(data: facts).hexadecimal
  }

  /// How many operations a step takes, in 10⁹: forward, and twice as many backward.
  var gigaflopsAStep: Double {
    get throws {
      let forward = try graph.multiplyAccumulates(inputShape: sampler.inputShape)
      return 6e-9 * Double(forward) * Double(request.accumulation)
    }
  }

  /// Names of the parameters that are not learned.
  private static func frozen(
    _ patterns: [String], in graph: Graph, _ notes: inout [String]
  ) throws -> [String] {
    if patterns.isEmpty { return [] }
    var names: Set<String> = []
    for pattern in patterns {
      let found = graph.learned(matching: pattern)
      if found.isEmpty {
        throw TrainingRunError.badOption(
          "--freeze", reason: "no parameter of the network is called '\(pattern)': see vemdb model show")
      }
      names.formUnion(found)
    }
    let all = graph.learned(matching: "*")
    if names.count == all.count {
      throw TrainingRunError.badOption("--freeze", reason: "nothing is left to be learned")
    }
    notes.append("\(names.count) of \(all.count) tensors are frozen")
    return all.filter(names.contains)
  }

  /// Each class must be somewhere in what is learned from.
  private static func checkForeground(_ logits: [String], _ pairs: [PairSource]) throws {
    for (index, name) in logits.enumerated()
    where pairs.allSatisfy({ $0.classes[index]?.foreground.isEmpty ?? true }) {
      throw TrainingRunError.noForeground(className: name)
    }
  }

  /// What the model will say of itself.
  func description(steps: Int, validation: Double?) -> ModelDescription {
    var facts = [
      "steps": "\(steps)", "seed": "\(request.seed)", "loss": request.loss.rawValue,
      "learning_rate": "\(request.learningRate ?? 0)", "batch": "\(sampler.batch)",
      "pairs": request.pairs.joined(separator: " "), "program": ProgramVersion.line,
    ]
    if let validation { facts["validation_iou_foreground"] = "\(validation)" }
    if let from = request.from { facts["from"] = from }
    if request.boundary { facts[StartingPoint.boundary] = "beside the mask" }
    return ModelDescription(
      architecture: architecture, graph: graph, preprocessing: preprocessing,
      classes: logits, patch: request.patch, training: facts)
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
    _ wanted: [Int], _ pairs: [PairSource], multiple: Int
  ) throws -> [Int] {
    for axis in 1...2 where wanted[axis] % multiple != 0 {
      throw TrainingRunError.badPatch(
        text(wanted), reason: "height and width must be multiples of \(multiple)")
    }
    for pair in pairs where min(pair.grid.extent[1], pair.grid.extent[2]) < multiple {
      throw TrainingRunError.tooSmall(
        image: pair.image.record.reference, shape: "\(pair.grid.extent)",
        needed: "\(multiple) × \(multiple)")
    }
    func least(_ axis: Int) -> Int {
      (pairs.map { $0.grid.extent[axis] }.min() ?? 0) / multiple * multiple
    }
    let depth = pairs.map(\.depth).min() ?? 1
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
  /// Whether each slice of the result depends on the same slice of the input alone.
  var seesSingleSlices: Bool {
    let field = receptiveField
    return field.before[0] == 0 && field.after[0] == 0
  }

  /// Of what height and width must be multiples: the product of all pooling along the axis.
  var sizeMultiple: Int {
    nodes.reduce(1) { product, node in
      if case .maxPooling(let kernel) = node.operation { product * (kernel.max() ?? 1) } else { product }
    }
  }
}
