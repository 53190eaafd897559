// SPDX-License-Identifier: Apache-2.0

import Catalog
import Networks
import Tensors
import VolumeDatabase

/// The network that a training begins with: a model's, or a new one with random weights.
struct StartingPoint {
  let graph: Graph
  let weights: Parameters
  /// What the person asked to be found, without the boundary.
  let classes: [ClassRecord]
  /// One name for each logit.
  let logits: [String]
  /// The model version whose weights it begins with.
  let parent: ModelVersionRecord?
  let source: ModelDescription?
  /// What a person should know.
  let notes: [String]

  /// What the logit of a boundary is called.
  static let boundary = "boundary"

  /// - Parameter request: Gets the model's version number, its architecture, its classes and
  ///   whether it has a boundary.
  /// - Throws: ``TrainingRunError/classesDiffer(model:has:asked:)``, or what cannot be found or read;
  ///   ``CheckpointError`` also if the weights are not those that were stored.
  init(_ request: inout TrainingRequest, in database: VolumeDatabase) throws {
    let catalog = database.catalog
    let asked = try request.classes.map { try catalog.classNamed($0) }
    var notes: [String] = []
    guard let from = request.from else {
      classes = asked
      logits = asked.map(\.name) + (request.boundary ? [Self.boundary] : [])
      request.classes = classes.map(\.name)
      (parent, self.notes) = (nil, [])
      if ModelDescription.isFile(request.architecture) {
        var written = try request.written ?? ModelDescription(file: request.architecture)
        request.written = written
        written.classes = logits
        written.graph = try written.graph.withOutputs(logits.count)
        try written.check()
        (source, graph) = (written, written.graph)
        weights = graph.initialParameters(seed: request.seed)
        return
      }
      let architecture = try Architecture(named: request.architecture)
      graph = try architecture.graph(
        widths: request.preset == .fast ? architecture.fastWidths : architecture.publishedWidths,
        outputChannels: logits.count)
      weights = graph.initialParameters(seed: request.seed)
      source = nil
      return
    }
    let (version, description, found) = try ModelStore.open(ModelReference(parsing: from), in: database)
    (parent, source) = (version, description)
    request.from = "\(version.model)@\(version.number)"
    request.architecture = description.architecture
    let hasBoundary = description.training[Self.boundary] != nil
    let known = hasBoundary ? Array(description.classes.dropLast()) : description.classes
    let isNamed = description.classes != [ModelImport.unnamedClass]
    let isOther =
      isNamed && (!asked.isEmpty && asked.map(\.name) != known || request.boundary && !hasBoundary)
    if isOther && !request.newHead {
      throw TrainingRunError.classesDiffer(
        model: from, has: description.classes,
        asked: asked.map(\.name) + (request.boundary ? [Self.boundary] : []))
    }
    classes = asked.isEmpty ? try known.map { try catalog.classNamed($0) } : asked
    if !isOther { request.boundary = hasBoundary }
    logits = classes.map(\.name) + (request.boundary ? [Self.boundary] : [])
    request.classes = classes.map(\.name)
    guard isOther else {
      graph = description.graph
      var initial = graph.initialParameters(seed: request.seed)
      let report = try initial.load(found, from: from)
      if !report.isComplete { notes.append("\(report)") }
      weights = initial
      self.notes = notes
      return
    }
    graph = try description.graph.withOutputs(logits.count)
    var initial = graph.initialParameters(seed: request.seed)
    let report = try initial.load(found, from: from)
    var kept: [String] = []
    for (channel, name) in logits.enumerated() {
      guard let old = description.classes.firstIndex(of: name) else { continue }
      for suffix in ["weight", "bias"] {
        initial.copyOutput("\(graph.output).\(suffix)", channel, from: found, old)
      }
      kept.append(name)
    }
    weights = initial
    let fresh = logits.filter { !kept.contains($0) }
    notes.append(
      "new head for \(logits.joined(separator: ", ")): \(report.loaded.count) of \(initial.count) tensors "
        + "of \(from) kept, logits kept: \(kept.isEmpty ? "none" : kept.joined(separator: ", ")), "
        + "begun at random: \(fresh.isEmpty ? "none" : fresh.joined(separator: ", "))")
    self.notes = notes
  }
}

extension ModelDescription {
  /// Whether an architecture is given by a file.
  static func isFile(_ architecture: String) -> Bool { architecture.lowercased().hasSuffix(".json") }
}

extension Graph {
  /// The same network with another number of logits.
  ///
  /// - Throws: ``NetworkError/invalidGraph(reason:)`` if no plain convolution gives its result.
  func withOutputs(_ count: Int) throws(NetworkError) -> Graph {
    if case .convolution(let last)? = self[output]?.operation, last.outputChannels == count { return self }
    let changed = try nodes.map { node throws(NetworkError) -> Node in
      guard node.name == output else { return node }
      guard case .convolution(var convolution) = node.operation else {
        throw .invalidGraph(reason: "its last operation is no convolution, so that it gets no new head")
      }
      convolution.outputChannels = count
      return Node(node.name, .convolution(convolution), node.inputs)
    }
    return try Graph(changed, output: output)
  }

  /// Names of learned parameters that match a pattern, where `*` stands for any letters.
  func learned(matching pattern: String) -> [String] {
    parameterSpecifications.filter { $0.role == .learned && Self.matches(Array($0.name), Array(pattern)) }
      .map(\.name)
  }

  private static func matches(_ name: [Character], _ pattern: [Character]) -> Bool {
    // Which beginnings of the name the pattern so far stands for.
    var reached = [Bool](repeating: false, count: name.count + 1)
    reached[0] = true
    for letter in pattern {
      var next = [Bool](repeating: false, count: name.count + 1)
      if letter == "*" {
        var isOpen = false
        for place in 0...name.count {
          isOpen = isOpen || reached[place]
          next[place] = isOpen
        }
      } else {
        for place in 0..<name.count where reached[place] && name[place] == letter { next[place + 1] = true }
      }
      reached = next
    }
    return reached[name.count]
  }
}

extension Parameters {
  /// Takes over what belongs to one output of a convolution.
  fileprivate mutating func copyOutput(_ name: String, _ channel: Int, from other: Parameters, _ old: Int) {
    guard let place = position(of: name), let source = other[name] else { return }
    let size = source.shape.dropFirst().reduce(1, *)
    source.withSpan { source in
      self[position: place].withMutableSpan { target in
        for index in 0..<size { target[channel * size + index] = source[old * size + index] }
      }
    }
  }
}
