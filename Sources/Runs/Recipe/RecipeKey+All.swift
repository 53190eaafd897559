// SPDX-License-Identifier: Apache-2.0

import Arrays
import Tensors
import Training
import Yams

extension RecipeKey {
  /// All names, in the order in which a recipe is printed.
  static let all: [RecipeKey] =
    [
      text("model", \.model),
      RecipeKey(name: "from") { node, recipe throws(RecipeFault) in
        recipe.request.from = try node.isNull ? nil : node.text("a model version")
      } shown: {
        $0.request.from.map { Node($0) }
      },
      pairs,
      texts("classes", \.classes, "names of classes"),
      flag("boundary", \.boundary), ignoredValues,
      flag("new_head", \.newHead), texts("freeze", \.freeze, "patterns of names"),
      text("architecture", \.architecture), choice("preset", \.preset), voxelSize, patch,
      integer("slices", \.slices), integer("folds", \.folds), integer("fold", \.fold), gap,
      number("foreground", \.foreground), augmentation,
      integer("steps", \.steps), time, integer("batch", \.batch), integer("accumulate", \.accumulation),
      seed,
      choice("loss", \.loss), choice("dice", \.dice), number("smoothing", \.smoothing),
      number("positive_weight", \.positiveWeight), number("focal_gamma", \.focalGamma),
      number("focal_alpha", \.focalAlpha),
      choice("optimizer", \.optimizer), number("weight_decay", \.weightDecay),
      number("learning_rate", \.learningRate), choice("schedule", \.schedule),
      number("warm_up", \.warmUp), number("power", \.power), number("second_rate", \.secondRate),
      integer("switch_at", \.switchAt),
      number("gradient_clip", \.gradientClip), number("average_decay", \.averageDecay),
      number("batch_norm_momentum", \.batchNormMomentum),
      integer("statistics_batches", \.statisticsBatches),
      integer("validate_every", \.validateEvery), integer("patience", \.patience),
      choice("keep", \.kept), integer("keep_every", \.keepEvery), flag("overlays", \.overlays),
      choice("backend", \.backend), choice("precision", \.precision), integer("threads", \.threads), memory,
    ]

  /// Each as text, or as a mapping with a weight.
  private static let pairs = RecipeKey(name: "pairs") { node, recipe throws(RecipeFault) in
    let wanted = "a list of pairs, each as in ratliver/em,ratliver/mito"
    guard let items = node.sequence else { throw RecipeFault(wanted: wanted, at: node) }
    var pairs: [String] = []
    var weights: [Double] = []
    for item in items {
      guard let mapping = item.mapping else {
        pairs.append(try item.text(wanted))
        weights.append(1)
        continue
      }
      var (image, labels, weight) = ("", [String](), 1.0)
      for (name, value) in mapping {
        switch name.string {
        case "image": image = try value.text("an image")
        case "labels":
          labels = try value.elements("label volumes").map { node throws(RecipeFault) in
            try node.text("label volumes")
          }
        case "weight": weight = try value.number()
        default:
          throw RecipeFault(unknown: name.string ?? "", known: ["image", "labels", "weight"], at: name)
        }
      }
      guard !image.isEmpty, !labels.isEmpty else {
        throw RecipeFault(wanted: "an image and labels in each pair", at: item)
      }
      pairs.append(([image] + labels).joined(separator: ","))
      weights.append(weight)
    }
    recipe.request.pairs = pairs
    recipe.request.pairWeights = weights.contains { $0 != 1 } ? weights : []
  } shown: { recipe in
    let request = recipe.request
    if request.pairs.isEmpty { return nil }
    let items = request.pairs.enumerated().map { number, pair -> Node in
      guard !request.pairWeights.isEmpty else { return Node(pair) }
      let parts = pair.split(separator: ",").map { Node(String($0)) }
      let entries: [(Node, Node)] = [
        (Node("image"), parts.first ?? Node("")), (Node("labels"), Node(list: Array(parts.dropFirst()))),
        (Node("weight"), Node(shortest: request.pairWeights[number])),
      ]
      return .mapping(Node.Mapping(entries))
    }
    return .sequence(Node.Sequence(items))
  }

  private static let ignoredValues = RecipeKey(name: "ignore_values") { node, recipe throws(RecipeFault) in
    recipe.request.ignoredValues = try node.elements("label values").map { node throws(RecipeFault) in
      guard let value = UInt64(try node.text("label values")) else {
        throw RecipeFault(wanted: "label values", at: node)
      }
      return value
    }
  } shown: {
    $0.request.ignoredValues.isEmpty
      ? nil : Node(list: $0.request.ignoredValues.map { Node("\($0)", Tag(.int)) })
  }

  private static let voxelSize = RecipeKey(name: "voxel_size") { node, recipe throws(RecipeFault) in
    guard let size = try? VoxelSize(parsing: node.text("")) else {
      throw RecipeFault(wanted: "a voxel size, as in 40,8,8nm", at: node)
    }
    recipe.request.voxelSize = size
  } shown: {
    $0.request.voxelSize.map { Node("\($0)") }
  }

  private static let patch = RecipeKey(name: "patch") { node, recipe throws(RecipeFault) in
    let wanted = "depth, height and width, as in [16, 96, 96]"
    guard let nodes = node.sequence, nodes.count == 3 else { throw RecipeFault(wanted: wanted, at: node) }
    recipe.request.patch = try Array(nodes).map { node throws(RecipeFault) in try node.whole() }
  } shown: {
    $0.request.patch.map { Node(list: $0.map { Node("\($0)", Tag(.int)) }) }
  }

  private static let gap = RecipeKey(name: "guard") { node, recipe throws(RecipeFault) in
    guard let length = try? TrainingRequest.nanometres(parsing: node.text("")) else {
      throw RecipeFault(wanted: "a length, as in 100nm", at: node)
    }
    recipe.request.guardNanometres = length
  } shown: { recipe in
    recipe.request.guardNanometres.map { Node("\($0)nm") }
  }

  private static let time = RecipeKey(name: "time") { node, recipe throws(RecipeFault) in
    guard let seconds = try? TrainingRequest.seconds(parsing: node.text("")) else {
      throw RecipeFault(wanted: "a time, as in 30m", at: node)
    }
    recipe.seconds = seconds
  } shown: {
    $0.seconds.map { Node("\($0)s") }
  }

  private static let memory = RecipeKey(name: "memory") { node, recipe throws(RecipeFault) in
    guard let count = ByteCount(parsing: try node.text("an amount of memory, as in 4GiB")) else {
      throw RecipeFault(wanted: "an amount of memory, as in 4GiB", at: node)
    }
    recipe.request.memory = count.bytes
  } shown: {
    $0.request.memory.map { Node("\($0)", Tag(.int)) }
  }

  private static let seed = RecipeKey(name: "seed") { node, recipe throws(RecipeFault) in
    guard let seed = UInt64(try node.text("a whole number")) else {
      throw RecipeFault(wanted: "a whole number", at: node)
    }
    recipe.request.seed = seed
  } shown: {
    Node("\($0.request.seed)", Tag(.int))
  }

  /// A preset by name, or a mapping of one and of single settings.
  private static let augmentation = RecipeKey(name: "augmentation") { node, recipe throws(RecipeFault) in
    let presets = TrainingRequest.Augmenting.allCases.map(\.rawValue).joined(separator: ", ")
    func preset(_ node: Node) throws(RecipeFault) -> TrainingRequest.Augmenting {
      guard let preset = TrainingRequest.Augmenting(rawValue: try node.text("one of \(presets)")) else {
        throw RecipeFault(wanted: "one of \(presets)", at: node)
      }
      return preset
    }
    guard let mapping = node.mapping else {
      recipe.request.augmenting = try preset(node)
      return
    }
    for (name, value) in mapping {
      let word = name.string ?? ""
      if word == "preset" {
        recipe.request.augmenting = try preset(value)
      } else if Augmentation.settingNames.contains(word) {
        if let flag = value.bool {
          recipe.request.augmentation[word] = flag ? 1 : 0
        } else {
          recipe.request.augmentation[word] = try value.number()
        }
      } else {
        throw RecipeFault(unknown: word, known: ["preset"] + Augmentation.settingNames, at: name)
      }
    }
  } shown: { recipe in
    let preset = Node(recipe.request.augmenting.rawValue)
    let changes = recipe.request.augmentation.sorted { $0.key < $1.key }
    if changes.isEmpty { return preset }
    let entries = [(Node("preset"), preset)] + changes.map { (Node($0.key), Node(shortest: $0.value)) }
    return .mapping(Node.Mapping(entries))
  }
}
