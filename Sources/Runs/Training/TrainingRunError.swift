// SPDX-License-Identifier: Apache-2.0

/// Why a training cannot begin or go on.
public enum TrainingRunError: Error, Hashable, Sendable {
  /// A `--pair` that does not name an image and its labels.
  case badPair(String)
  /// A volume of another kind than its place in a pair asks for.
  case wrongKind(String, is: String, asked: String)
  /// The labels of a pair have another shape than its image.
  case shapesDiffer(image: String, imageShape: String, labels: String, labelShape: String)
  /// The labels of a pair lie at another voxel size than its image.
  case voxelSizesDiffer(image: String, labels: String)
  /// No label version of a pair has the class.
  case classNotLabelled(className: String, pair: String, found: [String])
  /// A class is labelled, but nowhere where it may be learned from.
  case nothingCovered(className: String, labels: String, split: Bool)
  /// A class is labelled, but no voxel that may be learned from belongs to it.
  case noForeground(className: String)
  /// A volume is split but no part of it is for training.
  case noTrainingPart(labels: String)
  /// The volume is smaller than the smallest patch.
  case tooSmall(image: String, shape: String, needed: String)
  /// A patch that the network cannot take.
  case badPatch(String, reason: String)
  /// A preset, architecture, loss or the like that is not known.
  case unknownWord(String, of: String, known: [String])
  /// The model to be fine-tuned has other classes.
  case classesDiffer(model: String, has: [String], asked: [String])
  /// The run was made with other data or settings than are there now.
  case changed(run: Int64, what: String)
  /// The network does not fit the memory even where most is computed twice.
  case tooLittleMemory(given: Int, needed: Int)
  /// An option whose value makes no sense.
  case badOption(String, reason: String)
}

extension TrainingRunError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .badPair(let text):
      "'\(text)' is no pair: give the image and its labels, as in --pair ratliver/em,ratliver/mito"
    case .wrongKind(let volume, let kind, let asked):
      "\(volume) is of kind \(kind), but \(asked) is needed there: a pair is image,labels"
    case .shapesDiffer(let image, let imageShape, let labels, let labelShape):
      "\(labels) has shape \(labelShape), but its image \(image) has \(imageShape): a pair needs one shape, "
        + "so bring coarser labels to the image's voxels first"
    case .voxelSizesDiffer(let image, let labels):
      "\(labels) has another voxel size than its image \(image): correct one of the two first"
    case .classNotLabelled(let name, let pair, let found):
      "the class \(name) is not labelled in the pair \(pair), which has "
        + (found.isEmpty ? "no class" : found.joined(separator: ", "))
    case .nothingCovered(let name, let labels, let split):
      "\(labels) covers no voxel for \(name)"
        + (split ? " inside the training part of its split: see vemdb split" : ": nothing to learn from")
    case .noForeground(let name):
      "no voxel of \(name) is in what the pairs give to learn from: label some, or take more slices"
    case .noTrainingPart(let labels):
      "\(labels) is split, but no part is for training: give vemdb split a --train region"
    case .tooSmall(let image, let shape, let needed):
      "\(image) has \(shape) voxels at the working voxel size, fewer than the smallest patch (\(needed)): "
        + "give a finer --voxel-size"
    case .badPatch(let patch, let reason): "a patch of \(patch) is not possible: \(reason)"
    case .unknownWord(let word, let noun, let known):
      "'\(word)' is no known \(noun): use one of \(known.joined(separator: ", "))"
    case .classesDiffer(let model, let has, let asked):
      "\(model) finds \(has.joined(separator: ", ")), but \(asked.joined(separator: ", ")) is asked for: "
        + "fine-tune with the model's own classes, or give --new-head"
    case .changed(let run, let what):
      "run \(run) cannot be resumed, because \(what): start a new one"
    case .tooLittleMemory(let given, let needed):
      "--memory: \(Self.size(given)) do not hold this training: give at least \(Self.size(needed)), a smaller "
        + "--patch or a smaller --batch"
    case .badOption(let option, let reason): "\(option): \(reason)"
    }
  }

  private static func size(_ bytes: Int) -> String { "\((bytes + (1 << 20) - 1) >> 20) MiB" }
}
