// SPDX-License-Identifier: Apache-2.0

/// What makes a multiscale image a label image by OME-NGFF 0.5: `image-label` under the attribute `ome`.
public struct ImageLabelMetadata: Hashable, Sendable {
  /// How a label value is to be shown.
  public struct Color: Hashable, Sendable {
    /// The label.
    public let value: UInt64
    /// Red, green, blue and opacity; `nil` where the value has none.
    public let rgba: [UInt8]?

    /// - Precondition: `rgba` has four numbers.
    public init(value: UInt64, rgba: [UInt8]?) {
      precondition(rgba == nil || rgba?.count == 4, "a color is red, green, blue and opacity")
      self.value = value
      self.rgba = rgba
    }
  }

  /// One entry a value; may be empty, and is then left out: an empty list would be invalid.
  public var colors: [Color]
  /// What else is known of each value: objects with the member `label-value`.
  public var properties: [JSONObject]
  /// The relative path from this group to the image's.
  public var sourceImage: String?

  /// A label image.
  public init(colors: [Color] = [], properties: [JSONObject] = [], sourceImage: String? = "../../") {
    self.colors = colors
    self.properties = properties
    self.sourceImage = sourceImage
  }

  /// The value of `image-label`.
  public var json: JSONValue {
    var members: JSONObject = [:]
    if !colors.isEmpty {
      members["colors"] = .array(
        colors.map { color in
          var entry: JSONObject = ["label-value": JSONValue(color.value)]
          if let rgba = color.rgba { entry["rgba"] = JSONValue(rgba.map(Int.init)) }
          return .object(entry)
        })
    }
    if !properties.isEmpty { members["properties"] = .array(properties.map { .object($0) }) }
    if let sourceImage { members["source"] = ["image": .string(sourceImage)] }
    return .object(members)
  }

  /// Reads `image-label` from the attributes of a group.
  ///
  /// - Parameter key: What the group's document is called in errors.
  /// - Returns: `nil` if the group is no label image.
  public init?(attributes: JSONObject, key: String) throws(ZarrError) {
    guard let label = attributes["ome"]?["image-label"] else { return nil }
    self.init(sourceImage: label["source"]?["image"]?.string)
    for entry in label["colors"]?.array ?? [] {
      let rgba = entry["rgba"]?.ints.map { $0.compactMap(UInt8.init(exactly:)) }
      guard let value = entry["label-value"]?.uint64, (rgba?.count ?? 4) == 4 else {
        throw .invalidMetadata(key: key, reason: "a color of image-label has no label-value or no four bytes")
      }
      colors.append(Color(value: value, rgba: rgba))
    }
    for entry in label["properties"]?.array ?? [] {
      guard let members = entry.object, members["label-value"] != nil else {
        throw .invalidMetadata(key: key, reason: "a property of image-label has no label-value")
      }
      properties.append(members)
    }
  }
}
