// SPDX-License-Identifier: Apache-2.0

/// The closed list of names that a pickle of weights may mention.
enum PickleGlobals {
  static func allows(_ name: String) -> Bool {
    switch name {
    case "collections.OrderedDict", "torch._utils._rebuild_tensor_v2",
      "torch._utils._rebuild_parameter":
      true
    case _ where name.hasPrefix("torch."):
      StorageType(torchClass: String(name.dropFirst(6))) != nil || isTorchScriptList(name)
    default: isTorchScript(name)
    }
  }

  /// A class of a TorchScript program: an inert record here.
  static func isTorchScript(_ name: String) -> Bool { name.hasPrefix("__torch__.") }

  /// `torch.jit._pickle.build_intlist` and its like: a list as it stands.
  static func isTorchScriptList(_ name: String) -> Bool {
    name.hasPrefix("torch.jit._pickle.build_") && name.hasSuffix("list")
  }
}
