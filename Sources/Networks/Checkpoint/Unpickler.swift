// SPDX-License-Identifier: Apache-2.0

/// Reads the part of Python's pickle protocol 2 that weights need, and runs nothing.
///
/// Objects are built only for a closed list of names; any other name, and any other opcode, is an
/// error. Opcodes as in Python's `pickletools`.
struct Unpickler {
  let bytes: [UInt8]
  let path: String
  private(set) var position: Int
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]

  /// - Parameter position: Where in `bytes` the pickle begins.
  init(_ bytes: [UInt8], at position: Int = 0, path: String) {
    self.bytes = bytes
    self.path = path
    self.position = position
  }

  /// Reads up to and including the STOP opcode; ``position`` is then one past it.
  mutating func value() throws(CheckpointError) -> PickleValue {
    stack = []
    marks = []
    memo = [:]
    while true {
      let opcode = try byte()
      if opcode == UInt8(ascii: ".") { return try pop() }
      try run(opcode)
    }
  }

  func malformed(_ reason: String) -> CheckpointError {
    .malformed(path: path, reason: "byte \(position) of its pickle: \(reason)")
  }

  private mutating func run(_ opcode: UInt8) throws(CheckpointError) {
    switch opcode {
    case 0x80:  // PROTO
      let version = try byte()
      guard version == 2 else { throw malformed("protocol \(version), only 2 is read") }
    case UInt8(ascii: "("): marks.append(stack.count)
    case UInt8(ascii: "N"): stack.append(.none)
    case 0x88: stack.append(.boolean(true))
    case 0x89: stack.append(.boolean(false))
    case UInt8(ascii: "K"): stack.append(.integer(Int(try byte())))
    case UInt8(ascii: "M"): stack.append(.integer(Int(try unsigned(2))))
    case UInt8(ascii: "J"):
      stack.append(.integer(Int(Int32(truncatingIfNeeded: try unsigned(4)))))
    case 0x8A: try longInteger()
    case UInt8(ascii: "G"):
      let raw = try take(8)
      stack.append(.number(Double(bitPattern: raw.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })))
    case UInt8(ascii: "X"):
      stack.append(.text(String(decoding: try take(Int(try unsigned(4))), as: UTF8.self)))
    case UInt8(ascii: ")"): stack.append(.tuple([]))
    case 0x85: try tuple(1)
    case 0x86: try tuple(2)
    case 0x87: try tuple(3)
    case UInt8(ascii: "t"): stack.append(.tuple(try popToMark()))
    case UInt8(ascii: "]"): stack.append(.list(PickleList()))
    case UInt8(ascii: "}"): stack.append(.dictionary(PickleDictionary()))
    case UInt8(ascii: "a"):
      let item = try pop()
      try append([item])
    case UInt8(ascii: "e"):
      let items = try popToMark()
      try append(items)
    case UInt8(ascii: "s"):
      let value = try pop()
      let key = try pop()
      try setItems([key, value])
    case UInt8(ascii: "u"):
      let items = try popToMark()
      try setItems(items)
    case UInt8(ascii: "q"): memo[Int(try byte())] = try top()
    case UInt8(ascii: "r"): memo[Int(try unsigned(4))] = try top()
    case UInt8(ascii: "h"): try recall(Int(try byte()))
    case UInt8(ascii: "j"): try recall(Int(try unsigned(4)))
    case UInt8(ascii: "c"): try global()
    case UInt8(ascii: "R"): try reduce()
    case 0x81: try newObject()
    case UInt8(ascii: "b"): try build()
    case UInt8(ascii: "Q"): try persistent()
    default:
      throw malformed("opcode 0x\(String(opcode, radix: 16)) is none that weights need")
    }
  }

  // MARK: Bytes

  private mutating func byte() throws(CheckpointError) -> UInt8 {
    guard position < bytes.count else { throw malformed("it ends too soon") }
    position += 1
    return bytes[position - 1]
  }

  private mutating func take(_ count: Int) throws(CheckpointError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw malformed("it ends too soon") }
    position += count
    return bytes[position - count..<position]
  }

  private mutating func unsigned(_ size: Int) throws(CheckpointError) -> UInt32 {
    try take(size).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  }

  private mutating func line() throws(CheckpointError) -> String {
    guard let end = bytes[position...].prefix(1000).firstIndex(of: UInt8(ascii: "\n")) else {
      throw malformed("a name without an end")
    }
    let text = String(decoding: bytes[position..<end], as: UTF8.self)
    position = end + 1
    return text
  }

  private mutating func longInteger() throws(CheckpointError) {
    let raw = try take(Int(try byte()))
    guard raw.count <= 8 else {
      stack.append(.wideInteger(Array(raw)))
      return
    }
    let negative = (raw.last ?? 0) >= 0x80
    let bits = raw.reversed().reduce(negative ? UInt64.max : 0) { $0 << 8 | UInt64($1) }
    stack.append(.integer(Int(Int64(bitPattern: bits))))
  }

  // MARK: Stack

  private func top() throws(CheckpointError) -> PickleValue {
    guard let value = stack.last, stack.count > (marks.last ?? 0) else {
      throw malformed("an empty stack")
    }
    return value
  }

  private mutating func pop() throws(CheckpointError) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func popToMark() throws(CheckpointError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw malformed("no mark") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func tuple(_ count: Int) throws(CheckpointError) {
    guard stack.count - (marks.last ?? 0) >= count else { throw malformed("an empty stack") }
    let values = Array(stack.suffix(count))
    stack.removeLast(count)
    stack.append(.tuple(values))
  }

  private mutating func recall(_ index: Int) throws(CheckpointError) {
    guard let value = memo[index] else { throw malformed("nothing remembered under \(index)") }
    stack.append(value)
  }

  private func append(_ values: [PickleValue]) throws(CheckpointError) {
    guard case .list(let list) = try top() else { throw malformed("a list was expected") }
    list.items += values
  }

  private func setItems(_ values: [PickleValue]) throws(CheckpointError) {
    guard case .dictionary(let dictionary) = try top(), values.count % 2 == 0 else {
      throw malformed("a dictionary was expected")
    }
    for index in stride(from: 0, to: values.count, by: 2) {
      let key: String
      switch values[index] {
      case .text(let text): key = text
      case .integer(let number): key = String(number)
      default: throw malformed("a key that is neither text nor a number")
      }
      dictionary.items.append((key, values[index + 1]))
    }
  }

  // MARK: Objects

  private mutating func global() throws(CheckpointError) {
    let module = try line()
    let name = "\(module).\(try line())"
    guard PickleGlobals.allows(name) else { throw .forbiddenGlobal(path: path, name: name) }
    stack.append(.global(name))
  }

  private mutating func reduce() throws(CheckpointError) {
    guard case .tuple(let arguments) = try pop(), case .global(let name) = try pop() else {
      throw malformed("something other than a known class is called")
    }
    switch name {
    case "collections.OrderedDict":
      guard arguments.isEmpty else { throw malformed("an ordered dictionary with arguments") }
      stack.append(.dictionary(PickleDictionary()))
    case "torch._utils._rebuild_tensor_v2":
      stack.append(.tensor(try tensor(arguments)))
    case "torch._utils._rebuild_parameter":
      guard case .tensor? = arguments.first else { throw malformed("a parameter without tensor") }
      stack.append(arguments[0])
    case _ where PickleGlobals.isTorchScriptList(name):
      guard case .list? = arguments.first else { throw malformed("a list was expected") }
      stack.append(arguments[0])
    default:
      throw .forbiddenGlobal(path: path, name: "a call of \(name)")
    }
  }

  private mutating func newObject() throws(CheckpointError) {
    guard case .tuple(let arguments) = try pop(), arguments.isEmpty,
      case .global(let name) = try pop(), PickleGlobals.isTorchScript(name)
    else { throw malformed("an object that is not TorchScript's") }
    stack.append(.record(PickleDictionary()))
  }

  private mutating func build() throws(CheckpointError) {
    let state = try pop()
    guard case .dictionary(let attributes) = state else {
      throw malformed("an object's state is no dictionary")
    }
    switch try top() {
    case .record(let record): record.items = attributes.items
    case .dictionary: break  // `_metadata` of a state dict: nothing that weights need.
    default: throw malformed("a state for something that has none")
    }
  }

  private mutating func persistent() throws(CheckpointError) {
    guard case .tuple(let id) = try pop(), id.count == 5 || id.count == 6,
      case .text("storage") = id[0], case .global(let name) = id[1], name.hasPrefix("torch."),
      let type = StorageType(torchClass: String(name.dropFirst(6))),
      case .text(let key) = id[2], case .integer(let count) = id[4], count >= 0
    else { throw malformed("a storage that is not described as PyTorch does") }
    if id.count == 6 {
      guard case .none = id[5] else {
        throw .unsupported(path: path, what: "views of storages from before PyTorch 0.4")
      }
    }
    stack.append(.storage(key: key, type: type, count: count))
  }

  private func tensor(_ arguments: [PickleValue]) throws(CheckpointError) -> PickledTensor {
    guard arguments.count >= 4, case .storage(let key, let type, let count) = arguments[0],
      case .integer(let offset) = arguments[1], case .tuple(let shape) = arguments[2],
      case .tuple(let strides) = arguments[3], shape.count <= 8
    else { throw malformed("a tensor that is not described as PyTorch does") }
    return PickledTensor(
      key: key, type: type, storageCount: count, offset: offset,
      shape: try integers(shape), strides: try integers(strides))
  }

  private func integers(_ values: [PickleValue]) throws(CheckpointError) -> [Int] {
    var result: [Int] = []
    for value in values {
      guard case .integer(let number) = value else { throw malformed("a size that is no number") }
      result.append(number)
    }
    return result
  }
}
