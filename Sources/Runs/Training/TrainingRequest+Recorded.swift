// SPDX-License-Identifier: Apache-2.0

import Foundation
import Zarr

extension TrainingRequest {
  /// Reads the parameters of a run; what an older program did not know yet has its default.
  ///
  /// - Throws: A decoding error for parameters of another kind of run.
  public init(recorded parameters: String) throws {
    let plain = try TrainingRequest(model: "", pairs: [], classes: []).jsonObject()
    guard
      case .object(var members) = try JSONValue(parsing: plain, key: "defaults"),
      case .object(let recorded) = try JSONValue(parsing: parameters, key: "parameters")
    else { throw CocoaError(.coderReadCorrupt) }
    for (name, value) in recorded { members[name] = value }
    let text = JSONValue.object(members).text(indented: false)
    self = try JSONDecoder().decode(TrainingRequest.self, from: Data(text.utf8))
  }
}
