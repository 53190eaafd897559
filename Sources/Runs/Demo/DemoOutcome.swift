// SPDX-License-Identifier: Apache-2.0

/// What the demo did and where it is.
public struct DemoOutcome: Sendable {
  /// A model, what it learned from, and how well it does on labels that it has not seen.
  public struct Arm: Sendable {
    /// As in `model:finetuned@1`.
    public let model: String
    /// What it learned from, in words.
    public let learnedFrom: String
    /// How many updates.
    public let steps: Int
    /// How long they took.
    public let seconds: Double
    /// As in `target-tissue/mito-finetuned@1`.
    public let prediction: String
    /// On the test part of the target; `nil` where undefined.
    public let iouForeground: Double?
    /// The same.
    public let dice: Double?
  }

  /// What a version says of the region that was asked about.
  public struct Found: Sendable {
    /// As in `target-tissue/mito@1`.
    public let version: String
    /// Its canonical name.
    public let className: String
    /// How much of the region is labelled or predicted, 0 to 1.
    public let coveredFraction: Double
    /// How much of it is of the class.
    public let cubicMicrometres: Double?
    /// How many objects have voxels in it.
    public let objects: Int?
  }

  /// The demo's folder.
  public let folder: String
  /// The database.
  public let database: String
  /// A slice with the fine-tuned model's prediction over it.
  public let picture: String
  /// Pretrained only, fine-tuned, from scratch.
  public let arms: [Arm]
  /// The region that was asked about, in voxels of the target.
  public let region: String
  /// What labels and predictions say of it.
  public let found: [Found]
  /// How long everything took.
  public let seconds: Double
}
