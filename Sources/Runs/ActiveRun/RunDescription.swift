// SPDX-License-Identifier: Apache-2.0

public import Catalog

/// What a person started: the kind of run, its settings, and what it reads.
public struct RunDescription: Sendable {
  /// What it does.
  public var kind: RunKind
  /// Its settings, as a JSON object.
  public var parameters: String
  /// What everything random in it derives from; `nil` where nothing is random.
  public var seed: UInt64?
  /// What it reads.
  public var inputs: [RunInput]

  /// - Parameter settings: Encodes to a JSON object, keys in alphabetical order.
  /// - Throws: What `settings` throws on encoding.
  public init(
    _ kind: RunKind, settings: some Encodable, seed: UInt64? = nil, inputs: [RunInput] = []
  ) throws {
    self.kind = kind
    parameters = try settings.jsonObject()
    self.seed = seed
    self.inputs = inputs
  }
}
