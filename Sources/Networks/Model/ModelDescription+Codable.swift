// SPDX-License-Identifier: Apache-2.0

extension ModelDescription: Codable {
  private enum CodingKeys: String, CodingKey {
    case architecture, graph, preprocessing, classes, threshold, patch, training
  }

  /// Reads a description; a person may leave out all but `graph`, `preprocessing` and `classes`.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    architecture = try keys.decodeIfPresent(String.self, forKey: .architecture) ?? "custom"
    graph = try keys.decode(Graph.self, forKey: .graph)
    preprocessing = try keys.decode(Preprocessing.self, forKey: .preprocessing)
    classes = try keys.decode([String].self, forKey: .classes)
    threshold = try keys.decodeIfPresent(Double.self, forKey: .threshold) ?? 0.5
    patch = try keys.decodeIfPresent([Int].self, forKey: .patch)
    training = try keys.decodeIfPresent([String: String].self, forKey: .training) ?? [:]
  }

  /// Writes everything that there is.
  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(architecture, forKey: .architecture)
    try keys.encode(graph, forKey: .graph)
    try keys.encode(preprocessing, forKey: .preprocessing)
    try keys.encode(classes, forKey: .classes)
    try keys.encode(threshold, forKey: .threshold)
    try keys.encodeIfPresent(patch, forKey: .patch)
    try keys.encode(training, forKey: .training)
  }
}

extension DecodingError {
  /// What is wrong, and where in the file, as in `graph.nodes[3] lacks "kernel"`.
  var reason: String {
    func place(_ context: Context) -> String {
      let path = context.codingPath.reduce("") { path, key in
        if let index = key.intValue { return "\(path)[\(index)]" }
        return path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)"
      }
      return path.isEmpty ? "the file" : path
    }
    switch self {
    case .keyNotFound(let key, let context): return "\(place(context)) lacks \"\(key.stringValue)\""
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return "\(place(context)) is no \(type)"
    case .dataCorrupted(let context) where context.codingPath.isEmpty: return "it is no JSON"
    case .dataCorrupted(let context): return "\(place(context)) makes no sense"
    @unknown default: return "it is no description of a model"
    }
  }
}
