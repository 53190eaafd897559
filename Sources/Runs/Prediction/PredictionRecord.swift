// SPDX-License-Identifier: Apache-2.0

/// What the catalog keeps of a prediction as its settings: enough to go on with it, and to know that
/// nothing has changed.
struct PredictionRecord: Codable, Sendable {
  let request: PredictionRequest

  /// The tiles that are really used.
  let tiling: Tiling

  /// SHA-256 of model, image and all settings that decide the result.
  let fingerprint: String

  private enum CodingKeys: String, CodingKey { case tiling, fingerprint }

  init(request: PredictionRequest, tiling: Tiling, fingerprint: String) {
    self.request = request
    self.tiling = tiling
    self.fingerprint = fingerprint
  }

  init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    request = try PredictionRequest(from: decoder)
    tiling = try keys.decode(Tiling.self, forKey: .tiling)
    fingerprint = try keys.decode(String.self, forKey: .fingerprint)
  }

  /// The request's settings stand beside the others, because people read them.
  func encode(to encoder: any Encoder) throws {
    try request.encode(to: encoder)
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(tiling, forKey: .tiling)
    try keys.encode(fingerprint, forKey: .fingerprint)
  }
}
