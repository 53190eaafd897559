// SPDX-License-Identifier: Apache-2.0

import Yams

/// What is wrong with a value of a recipe.
struct RecipeFault: Error {
  enum Kind {
    /// In the words of "it needs …".
    case value(wanted: String)
    /// A name inside the value.
    case key(String, known: [String])
  }

  let kind: Kind
  /// Where, if it is not the line of the key.
  let line: Int?

  init(wanted: String, at node: Node? = nil) {
    kind = .value(wanted: wanted)
    line = node?.mark?.line
  }

  init(unknown key: String, known: [String], at node: Node) {
    kind = .key(key, known: known)
    line = node.mark?.line
  }
}

/// A name that a recipe may have, and how its value is read and shown.
struct RecipeKey: Sendable {
  typealias Path<Value> = any WritableKeyPath<TrainingRequest, Value> & Sendable

  let name: String
  let read: @Sendable (Node, inout Recipe) throws(RecipeFault) -> Void
  /// `nil` where it has no value.
  let shown: @Sendable (Recipe) -> Node?

  static func integer(_ name: String, _ path: Path<Int>) -> RecipeKey {
    RecipeKey(name: name) { node, recipe throws(RecipeFault) in
      recipe.request[keyPath: path] = try node.whole()
    } shown: {
      Node("\($0.request[keyPath: path])", Tag(.int))
    }
  }

  static func integer(_ name: String, _ path: Path<Int?>) -> RecipeKey {
    RecipeKey(name: name) { node, recipe throws(RecipeFault) in
      recipe.request[keyPath: path] = try node.isNull ? nil : node.whole()
    } shown: {
      $0.request[keyPath: path].map { Node("\($0)", Tag(.int)) }
    }
  }

  static func number(_ name: String, _ path: Path<Double>) -> RecipeKey {
    RecipeKey(name: name) { node, recipe throws(RecipeFault) in
      recipe.request[keyPath: path] = try node.number()
    } shown: {
      Node(shortest: $0.request[keyPath: path])
    }
  }

  static func number(_ name: String, _ path: Path<Double?>) -> RecipeKey {
    RecipeKey(name: name) { node, recipe throws(RecipeFault) in
      recipe.request[keyPath: path] = try node.isNull ? nil : node.number()
    } shown: {
      $0.request[keyPath: path].map { Node(shortest: $0) }
    }
  }

  static func flag(_ name: String, _ path: Path<Bool>) -> RecipeKey {
    RecipeKey(name: name) { node, recipe throws(RecipeFault) in
      guard let value = node.bool else { throw RecipeFault(wanted: "true or false", at: node) }
      recipe.request[keyPath: path] = value
    } shown: {
      Node($0.request[keyPath: path] ? "true" : "false", Tag(.bool))
    }
  }

  static func text(_ name: String, _ path: Path<String>) -> RecipeKey {
    RecipeKey(name: name) { node, recipe throws(RecipeFault) in
      recipe.request[keyPath: path] = try node.text("a word")
    } shown: {
      $0.request[keyPath: path].isEmpty ? nil : Node($0.request[keyPath: path])
    }
  }

  static func texts(_ name: String, _ path: Path<[String]>, _ wanted: String) -> RecipeKey {
    RecipeKey(name: name) { node, recipe throws(RecipeFault) in
      recipe.request[keyPath: path] = try node.elements(wanted).map { node throws(RecipeFault) in
        try node.text(wanted)
      }
    } shown: {
      $0.request[keyPath: path].isEmpty ? nil : Node(list: $0.request[keyPath: path].map { Node($0) })
    }
  }

  static func choice<Value: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, _ path: Path<Value>
  ) -> RecipeKey {
    RecipeKey(name: name) { node, recipe throws(RecipeFault) in
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      guard let value = Value(rawValue: try node.text("one of \(known)")) else {
        throw RecipeFault(wanted: "one of \(known)", at: node)
      }
      recipe.request[keyPath: path] = value
    } shown: {
      Node($0.request[keyPath: path].rawValue)
    }
  }
}

extension Node {
  /// A list in one line.
  init(list nodes: [Node]) { self = .sequence(Sequence(nodes, Tag(.seq), .flow)) }

  /// A number with the digits that it needs.
  init(shortest value: Double) {
    let isWhole = value == value.rounded() && abs(value) < 1e15
    self = isWhole ? Node("\(Int(value))", Tag(.int)) : Node("\(value)", Tag(.float))
  }

  var isNull: Bool { null != nil }

  func text(_ wanted: String) throws(RecipeFault) -> String {
    guard let text = scalar?.string, !isNull else { throw RecipeFault(wanted: wanted, at: self) }
    return text
  }

  func whole() throws(RecipeFault) -> Int {
    guard let value = Int(try text("a whole number")) else {
      throw RecipeFault(wanted: "a whole number", at: self)
    }
    return value
  }

  func number() throws(RecipeFault) -> Double {
    guard let value = Double(try text("a number")), value.isFinite else {
      throw RecipeFault(wanted: "a number", at: self)
    }
    return value
  }

  /// The nodes of a list, or the node itself alone.
  func elements(_ wanted: String) throws(RecipeFault) -> [Node] {
    if isNull { return [] }
    if let sequence { return Array(sequence) }
    if scalar != nil { return [self] }
    throw RecipeFault(wanted: wanted, at: self)
  }
}
