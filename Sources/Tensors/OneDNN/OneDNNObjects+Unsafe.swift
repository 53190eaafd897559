// SPDX-License-Identifier: Apache-2.0

import COneDNN

extension Precision {
  var element: onednn_type { self == .bfloat16 ? ONEDNN_BFLOAT16 : ONEDNN_FLOAT32 }
}

/// How an array lies in memory.
@safe final class OneDNNLayout {
  let pointer: OpaquePointer

  /// Takes a layout over.
  init(owning pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

  /// Elements in C order, or by strides.
  convenience init(_ shape: [Int], strides: [Int]? = nil, type: Precision = .float32) {
    var contiguous = Array(repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      contiguous[axis] = contiguous[axis + 1] * shape[axis + 1]
    }
    let dims = shape.map(Int64.init)
    let steps = (strides ?? contiguous).map(Int64.init)
    // SAFETY: both arrays have `shape.count` elements.
    guard let pointer = unsafe onednn_layout_strided(Int32(shape.count), dims, steps, type.element) else {
      preconditionFailure("oneDNN describes arrays of shape \(shape)")
    }
    unsafe self.init(owning: pointer)
  }

  /// A layout that the primitive chooses.
  convenience init(any shape: [Int], type: Precision = .float32) {
    let dims = shape.map(Int64.init)
    // SAFETY: the array has `shape.count` elements.
    guard let pointer = unsafe onednn_layout_any(Int32(shape.count), dims, type.element) else {
      preconditionFailure("oneDNN describes arrays of shape \(shape)")
    }
    unsafe self.init(owning: pointer)
  }

  // SAFETY: the layout lives as long as `self`.
  deinit { unsafe onednn_layout_destroy(pointer) }

  /// The box of `shape` at `origin`, seen in place.
  func part(_ shape: [Int], at origin: [Int]) throws(TensorError) -> OneDNNLayout {
    let (dims, offsets) = (shape.map(Int64.init), origin.map(Int64.init))
    // SAFETY: both arrays have as many elements as the layout has axes.
    guard let part = unsafe onednn_layout_part(pointer, dims, offsets) else {
      throw .oneDNN(operation: "crop", reason: "its layout cannot be cut at \(origin)")
    }
    return unsafe OneDNNLayout(owning: part)
  }

  /// Another array without gaps, its axes in the same order and blocks.
  func alike(_ shape: [Int], type: Precision) throws(TensorError) -> OneDNNLayout {
    let dims = shape.map(Int64.init)
    // SAFETY: the array has as many elements as the layout has axes.
    guard let layout = unsafe onednn_layout_alike(pointer, dims, type.element) else {
      throw .oneDNN(operation: "crop", reason: "its layout is not known")
    }
    return unsafe OneDNNLayout(owning: layout)
  }

  /// The size in bytes, padding included.
  var byteCount: Int { Int(unsafe onednn_layout_bytes(pointer)) }

  /// The channels that lie side by side, 8 or 16, in a layout blocked by channels alone; else 0.
  var channelBlock: Int { Int(unsafe onednn_layout_channel_block(pointer)) }

  /// Whether the channels of each voxel lie side by side and the array has no gaps.
  var isChannelsLast: Bool { unsafe onednn_layout_is_channels_last(pointer) != 0 }

  static func == (a: OneDNNLayout, b: OneDNNLayout) -> Bool {
    // SAFETY: both layouts live during the call.
    unsafe onednn_layout_equal(a.pointer, b.pointer) != 0
  }
}

/// One operation, compiled.
@safe final class OneDNNPrimitive {
  let pointer: OpaquePointer

  /// Takes over what `make` creates.
  init(
    _ operation: String, _ make: (UnsafeMutablePointer<OpaquePointer?>) -> onednn_result
  ) throws(TensorError) {
    var made: OpaquePointer?
    // SAFETY: `make` writes one pointer.
    let result = unsafe make(&made)
    guard result == 0, let made = unsafe made else {
      throw .oneDNN(operation: operation, reason: OneDNNPrimitive.text(of: result))
    }
    unsafe pointer = unsafe made
  }

  // SAFETY: the primitive lives as long as `self`.
  deinit { unsafe onednn_primitive_destroy(pointer) }

  /// The layout of an argument, if there is one.
  func layout(_ argument: onednn_argument) -> OneDNNLayout? {
    // SAFETY: the layout that is returned is the caller's.
    unsafe onednn_primitive_layout(pointer, argument).map { unsafe OneDNNLayout(owning: $0) }
  }

  /// The layout of an argument that the primitive surely has.
  func requiredLayout(_ argument: onednn_argument) throws(TensorError) -> OneDNNLayout {
    guard let layout = layout(argument) else {
      throw .oneDNN(operation: name, reason: "it does not say how its arrays lie in memory")
    }
    return layout
  }

  /// The implementation that oneDNN has chosen.
  // SAFETY: the text lives as long as the primitive.
  var name: String { unsafe String(cString: onednn_primitive_name(pointer)) }

  static func text(of result: onednn_result) -> String {
    // SAFETY: the text is a constant.
    unsafe String(cString: onednn_result_text(result))
  }
}

/// The library's engine and stream, used on ``OneDNNThread`` alone.
@safe final class OneDNNEngine {
  let pointer: OpaquePointer

  init() throws(TensorError) {
    var made: OpaquePointer?
    // SAFETY: one pointer is written.
    let result = unsafe onednn_engine_create(&made)
    guard result == 0, let made = unsafe made else {
      throw .oneDNN(operation: "start on this CPU", reason: OneDNNPrimitive.text(of: result))
    }
    unsafe pointer = unsafe made
  }

  // SAFETY: programs keep their engine until their own objects are gone.
  deinit { unsafe onednn_engine_destroy(pointer) }
}
