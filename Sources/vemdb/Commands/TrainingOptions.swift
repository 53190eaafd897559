// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Runs
import Tensors
import Training
import VolumeDatabase

/// What `train` and `finetune` have in common. What is not given comes from the recipe, else it has its
/// default.
struct TrainingOptions: ParsableArguments {
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  @Argument(
    help: ArgumentHelp(
      "The model that gets a version; made if there is none. The recipe may name it.", valueName: "model"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "A YAML file of settings; options win over it. vemdb run show N --recipe prints that of a run.",
      valueName: "file"))
  var recipe: String?

  @Flag(help: "Say what would be done and what it takes, measured by a few steps, and stop.")
  var plan = false

  @Option(
    help: ArgumentHelp(
      "How long the training may take, as in 30m, in place of a number of steps.", valueName: "time"))
  var time: String?

  @Option(
    name: .customLong("pair"),
    help: ArgumentHelp(
      "An image and its labels, as in ratliver/em,ratliver/mito; several are mixed in every batch.",
      valueName: "image,labels"))
  var pairs: [String] = []

  @Option(
    help: ArgumentHelp(
      "How often each pair is drawn from beside the others, as in 2,1. (default: equally often)",
      valueName: "numbers"))
  var pairWeight: String?

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("What is to be found, as in mito; several give a logit each.", valueName: "class"))
  var classes: [String] = []

  @Flag(help: "Learn the boundary of the class's objects too, as a logit of its own.")
  var boundary = false

  @Option(
    help: ArgumentHelp("A label value that means nobody knows; may be given again.", valueName: "value"))
  var ignoreValue: [UInt64] = []

  @Option(
    help: ArgumentHelp("Learn from so many labelled slices of each pair, spread over z.", valueName: "number")
  )
  var slices: Int?

  @Option(
    help: ArgumentHelp(
      """
      Cut the labels into so many parts, in place of the volumes' splits: each validates a training of its \
      own, which gives a version of its own, or --fold one alone.
      """,
      valueName: "number"))
  var folds: Int?

  @Option(
    help: ArgumentHelp("Which of the --folds validates, from 1. (default: each in turn)", valueName: "number")
  )
  var fold: Int?

  @Option(help: ArgumentHelp("How many updates of the weights. (default: 400)", valueName: "number"))
  var steps: Int?

  @Option(help: ArgumentHelp("What everything random derives from. (default: 0)", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Patches a batch. (default: 2, or 8 for a network of single slices)", valueName: "number"))
  var batch: Int?

  @Option(help: ArgumentHelp("Batches an update. (default: 1)", valueName: "number"))
  var accumulate: Int?

  @Option(
    help: ArgumentHelp(
      "Depth, height and width of patches in working voxels. (default: 16,96,96, or 12,128,128 on thick sections, or 1,256,256 for a network of single slices)",
      valueName: "z,y,x"))
  var patch: String?

  @Option(
    help: ArgumentHelp(
      "The share of patches that have a voxel of a class near their middle. (default: 0.5)",
      valueName: "share"))
  var foreground: Double?

  @Option(help: ArgumentHelp("Adam or AdamW: adam, adamw. (default: adam)", valueName: "name"))
  var optimizer: TrainingRequest.OptimizerKind?

  @Option(
    help: ArgumentHelp(
      "How strongly weights are drawn to zero. (default: 0, or 0.01 with adamw)", valueName: "number"))
  var weightDecay: Double?

  @Option(
    help: ArgumentHelp(
      "The highest learning rate. (default: 0.003, or 0.001 for fine-tuning)", valueName: "rate"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "How the rate changes: constant, cosine, poly or two-phase. (default: cosine)", valueName: "name"))
  var schedule: TrainingRequest.ScheduleKind?

  @Option(
    help: ArgumentHelp("The share of the steps in which a cosine rises. (default: 0.1)", valueName: "share"))
  var warmUp: Double?

  @Option(help: ArgumentHelp("The exponent of poly. (default: 0.9)", valueName: "number"))
  var power: Double?

  @Option(
    help: ArgumentHelp(
      "The rate of the second phase. (default: 0.4 times the first)", valueName: "rate"))
  var secondRate: Double?

  @Option(
    help: ArgumentHelp("The step at which it begins. (default: half of all)", valueName: "step"))
  var switchAt: Int?

  @Option(help: ArgumentHelp("The longest gradient; 0 for no limit. (default: 5)", valueName: "length"))
  var gradientClip: Double?

  @Option(
    help: ArgumentHelp(
      "The decay of the moving average of weights that is the result; 0 for the weights themselves. (default: 0.99)",
      valueName: "number"))
  var averageDecay: Double?

  @Option(
    help: ArgumentHelp(
      "What is made small: dice, bce, dice+bce, focal or dice+focal. (default: dice+bce)", valueName: "loss"))
  var loss: Loss.Kind?

  @Option(
    help: ArgumentHelp(
      "Over what Dice is taken: the batch or each sample. (default: batch)", valueName: "extent"))
  var dice: Loss.DiceExtent?

  @Option(
    help: ArgumentHelp(
      "The weight of positive voxels in the cross-entropy. (default: 1)", valueName: "weight")
  )
  var positiveWeight: Double?

  @Option(help: ArgumentHelp("The exponent of the focal loss. (default: 2)", valueName: "number"))
  var focalGamma: Double?

  @Option(
    help: ArgumentHelp(
      "The weight of positive voxels in the focal loss. (default: 0.25)", valueName: "weight"))
  var focalAlpha: Double?

  @Option(
    help: ArgumentHelp(
      "What is done to patches: mild, published, strong or none. (default: mild)", valueName: "name"))
  var augmentation: TrainingRequest.Augmenting?

  @Option(
    help: ArgumentHelp(
      "A single setting of it, as in elastic=4, gamma=0.3, blur=1, noise=0.1, missing_slices=0.05 or shifted_slices=4; may be given again.",
      valueName: "name=number"))
  var augment: [String] = []

  @Option(
    help: ArgumentHelp(
      "Parameters that are not learned, as in 'conv1.*'; may be given again.", valueName: "pattern"))
  var freeze: [String] = []

  @Option(
    help: ArgumentHelp(
      "Steps between validations. (default: an eighth of all)", valueName: "number"))
  var validateEvery: Int?

  @Option(
    help: ArgumentHelp(
      "End after so many validations without a better one. (default: never)", valueName: "number"))
  var patience: Int?

  @Option(
    help: ArgumentHelp(
      "Which weights are the result: best or last. (default: best, where there is a validation part)",
      valueName: "which"))
  var keep: TrainingRequest.Kept?

  @Option(
    help: ArgumentHelp(
      "Keep the weights of every so many steps in the run's folder. (default: none)", valueName: "number"))
  var keepEvery: Int?

  @Flag(help: "Draw a picture of each validation into the run's folder.")
  var overlays = false

  @Option(
    help: ArgumentHelp(
      "The gap between training and validation, as in 100nm. (default: two slices or 100 nm, whichever is more)",
      valueName: "length"))
  var `guard`: String?

  @Option(
    help: ArgumentHelp(
      "How much of each batch's statistics enters the running ones; 0.01 as published. (default: 0.1)",
      valueName: "share"))
  var batchNormMomentum: Double?

  @Option(help: ArgumentHelp("Who computes: onednn or openblas. (default: onednn)", valueName: "backend"))
  var backend: BackendKind?

  @Option(
    help: ArgumentHelp(
      "In what numbers the network computes: float32, or bfloat16 where the CPU has it, which is several times "
        + "faster where it has AMX. (default: float32)",
      valueName: "precision"))
  var precision: Precision?

  @Option(help: ArgumentHelp("How many threads compute. (default: all)", valueName: "number"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "How much memory may be used, as in 4GiB; what does not fit is computed twice, with the same result.",
      valueName: "size"))
  var memory: ByteCount?

  /// The recipe with the options over it, without what only one of the two commands has.
  func settled() throws -> Recipe {
    var recipe = try Self.wrongUse { try self.recipe.map { try Recipe(file: $0) } ?? Recipe() }
    if let model { recipe.request.model = model }
    if recipe.request.model.isEmpty {
      throw ValidationError("name the model that gets a version, as in vemdb train mito --pair …")
    }
    if let steps {
      recipe.request.steps = steps
      recipe.seconds = nil
    }
    if let time {
      if steps != nil { throw ValidationError("--time takes the place of --steps: give one of them") }
      recipe.seconds = try Self.wrongUse { try TrainingRequest.seconds(parsing: time) }
    }
    try apply(to: &recipe.request)
    return recipe
  }

  private func apply(to request: inout TrainingRequest) throws {
    func take<Value>(_ path: WritableKeyPath<TrainingRequest, Value>, _ value: Value?) {
      if let value { request[keyPath: path] = value }
    }
    if !pairs.isEmpty { (request.pairs, request.pairWeights) = (pairs, []) }
    take(\.pairWeights, try pairWeight.map(Self.numbers))
    take(\.classes, classes.isEmpty ? nil : classes)
    take(\.boundary, boundary ? true : nil)
    take(\.ignoredValues, ignoreValue.isEmpty ? nil : ignoreValue)
    take(\.slices, slices)
    take(\.folds, folds)
    take(\.fold, fold)
    take(\.seed, seed)
    take(\.batch, batch)
    take(\.accumulation, accumulate)
    take(\.patch, try patch.map(Self.patch))
    take(\.foreground, foreground)
    take(\.optimizer, optimizer)
    take(\.weightDecay, weightDecay)
    take(\.learningRate, learningRate)
    take(\.schedule, schedule)
    take(\.warmUp, warmUp)
    take(\.power, power)
    take(\.secondRate, secondRate)
    take(\.switchAt, switchAt)
    take(\.gradientClip, gradientClip)
    take(\.averageDecay, averageDecay)
    take(\.loss, loss)
    take(\.dice, dice)
    take(\.positiveWeight, positiveWeight)
    take(\.focalGamma, focalGamma)
    take(\.focalAlpha, focalAlpha)
    take(\.augmenting, augmentation)
    for one in augment {
      let parts = one.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let value = Double(parts[1]) else {
        throw ValidationError("'\(one)' is no setting: give a name and a number, as in elastic=4")
      }
      request.augmentation[String(parts[0])] = value
    }
    take(\.freeze, freeze.isEmpty ? nil : freeze)
    take(\.validateEvery, validateEvery)
    take(\.patience, patience)
    take(\.kept, keep)
    take(\.keepEvery, keepEvery)
    take(\.overlays, overlays ? true : nil)
    take(
      \.guardNanometres,
      try `guard`.map { text in try Self.wrongUse { try TrainingRequest.nanometres(parsing: text) } })
    take(\.batchNormMomentum, batchNormMomentum)
    take(\.backend, backend)
    take(\.precision, precision)
    take(\.threads, threads)
    take(\.memory, memory?.bytes)
  }

  /// Calls an option or a recipe that makes no sense wrong use.
  static func wrongUse<Result>(_ work: () throws -> Result) throws -> Result {
    do {
      return try work()
    } catch let error as TrainingRunError {
      if case .badOption = error { throw ValidationError("\(error)") }
      if case .unknownWord = error { throw ValidationError("\(error)") }
      throw error
    } catch let error as RecipeError {
      throw ValidationError("\(error)")
    }
  }

  /// Reads `16,96,96`.
  static func patch(_ text: String) throws -> [Int] {
    let sizes = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard sizes.count == 3, sizes.allSatisfy({ ($0 ?? 0) > 0 }) else {
      throw ValidationError("'\(text)' is no patch: give depth, height and width, as in 16,96,96")
    }
    return sizes.compactMap { $0 }
  }

  /// Reads `2,1`.
  static func numbers(_ text: String) throws -> [Double] {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard numbers.allSatisfy({ $0 != nil }) else {
      throw ValidationError("'\(text)' is no list of numbers: give them as in 2,1")
    }
    return numbers.compactMap { $0 }
  }
}
