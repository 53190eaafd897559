// SPDX-License-Identifier: Apache-2.0

/// Why a prediction cannot begin or go on.
public enum PredictionError: Error, Hashable, Sendable {
  /// The volume to be predicted on is no image.
  case noImage(String, is: String)
  /// The image has fewer voxels at the model's voxel size than the network's coarsest level needs.
  case tooSmall(image: String, shape: String, needed: Int)
  /// The network takes something else than one channel of gray values.
  case notForImages(model: String, channels: Int)
  /// The network gives another number of logits than the model has classes.
  case classCount(model: String, logits: Int, classes: Int)
  /// The region holds no voxel that the image covers.
  case nothingCovered(region: String, image: String)
  /// Models of which a mean is to be taken see images differently or have other classes.
  case unlikeModels(String, String)
  /// Nothing is left of the region without its blank shards.
  case allBlank(region: String, image: String)
  /// The version to be continued is not of the volume that is written.
  case otherVolume(onto: String, target: String)
  /// The memory does not hold the smallest tile.
  case tooLittleMemory(given: Int, needed: Int)
  /// Model or image are not what they were when the run began.
  case changed(run: Int64, what: String)
  /// An option whose value makes no sense.
  case badOption(String, reason: String)
}

extension PredictionError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noImage(let volume, let kind):
      "\(volume) is of kind \(kind), but a prediction needs an image: name one with --on"
    case .tooSmall(let image, let shape, let needed):
      "\(image) has \(shape) voxels at the model's voxel size, but the network needs at least \(needed) in y "
        + "and x: predict on a larger image, or with a model of finer voxels"
    case .notForImages(let model, let channels):
      "\(model) takes \(channels) channels, but an image has one"
    case .classCount(let model, let logits, let classes):
      "\(model) gives \(logits) logits for \(classes) classes: its model.json is damaged"
    case .nothingCovered(let region, let image):
      "the region \(region) holds no voxel that \(image) covers: see vemdb show \(image)"
    case .unlikeModels(let first, let second):
      "\(first) and \(second) differ in preprocessing, classes or levels, so that no mean can be taken of them"
    case .allBlank(let region, let image):
      "\(image) has nothing but blank shards in the region \(region): predict without --skip-blank"
    case .otherVolume(let onto, let target):
      "\(onto) is no version of \(target), so that it cannot be continued there"
    case .tooLittleMemory(let given, let needed):
      "--memory: \(size(given)) do not hold the smallest tile with its context: give at least \(size(needed))"
    case .changed(let run, let what):
      "run \(run) cannot be resumed, because \(what): start a new one"
    case .badOption(let option, let reason): "\(option): \(reason)"
    }
  }

  private func size(_ bytes: Int) -> String { "\((bytes + (1 << 20) - 1) >> 20)MiB" }
}
