// SPDX-License-Identifier: Apache-2.0

extension MultiscaleMetadata {
  /// The version of OME-NGFF that is written.
  public static let version = "0.5"

  /// The value of the attribute `ome` of the image's group.
  ///
  /// - Parameter imageLabel: What makes it the group of a label image.
  public func ome(imageLabel: ImageLabelMetadata? = nil) -> JSONValue {
    var image: JSONObject = [:]
    if let name { image["name"] = .string(name) }
    image["axes"] = .array(
      axes.map { axis in
        var members: JSONObject = ["name": .string(axis.name)]
        if let type = axis.type { members["type"] = .string(type) }
        if let unit = axis.unit { members["unit"] = .string(unit) }
        return .object(members)
      })
    image["datasets"] = .array(
      levels.map { level in
        [
          "path": .string(level.path),
          "coordinateTransformations": [
            ["type": "scale", "scale": JSONValue(level.scale)],
            ["type": "translation", "translation": JSONValue(level.translation)],
          ],
        ]
      })
    var members: JSONObject = [
      "version": .string(Self.version), "multiscales": [.object(image)],
    ]
    if let imageLabel { members["image-label"] = imageLabel.json }
    return .object(members)
  }

  /// Reads the first image of a group: of the attribute `ome` by OME-NGFF 0.5, or of the attribute
  /// `multiscales` by 0.4.
  ///
  /// - Parameters:
  ///   - attributes: The attributes of the group.
  ///   - key: What the group's document is called in errors.
  /// - Returns: `nil` if the group is no multiscale image.
  /// - Throws: ``ZarrError/unsupported(key:what:)`` for any other version of OME-NGFF.
  public init?(attributes: JSONObject, key: String) throws(ZarrError) {
    let (images, known) =
      attributes["ome"].map { ($0["multiscales"], Self.version) } ?? (attributes["multiscales"], "0.4")
    guard let images else { return nil }
    let version = Self.version(of: attributes)
    // Of 0.4 the version was a recommendation.
    guard let version = version ?? (known == "0.4" ? known : nil) else {
      throw .invalidMetadata(key: key, reason: "ome has no version")
    }
    guard version == known || version.hasPrefix("\(known).") else {
      throw .unsupported(key: key, what: "OME-NGFF \(version)")
    }
    guard let image = images.array?.first else {
      throw .invalidMetadata(key: key, reason: "multiscales is no list with an image")
    }
    try self.init(image: image, key: key)
  }

  /// The version of OME-NGFF that the attributes of a group or array name, `nil` if they name none.
  public static func version(of attributes: JSONObject) -> String? {
    if let ome = attributes["ome"] { return ome["version"]?.string }
    return attributes["multiscales"]?.array?.first?["version"]?.string
  }

  /// Reads one entry of `multiscales`.
  init(image: JSONValue, key: String) throws(ZarrError) {
    func invalid(_ reason: String) -> ZarrError { .invalidMetadata(key: key, reason: reason) }
    guard let entries = image["axes"]?.array, !entries.isEmpty else { throw invalid("the image has no axes") }
    let axes = entries.compactMap { entry in
      entry["name"]?.string.map { Axis(name: $0, type: entry["type"]?.string, unit: entry["unit"]?.string) }
    }
    guard axes.count == entries.count, Set(axes.map(\.name)).count == axes.count else {
      throw invalid("the axes of the image have no names, or not different ones")
    }
    guard let datasets = image["datasets"]?.array, !datasets.isEmpty else {
      throw invalid("the image has no datasets")
    }
    let whole = try Self.transformation(
      image["coordinateTransformations"] ?? [], rank: axes.count, isWhole: true, key)
    var levels: [Level] = []
    for dataset in datasets {
      guard let path = dataset["path"]?.string else { throw invalid("a dataset of the image has no path") }
      let own = try Self.transformation(
        dataset["coordinateTransformations"] ?? [], rank: axes.count, isWhole: false, key)
      levels.append(
        Level(
          path: path, scale: axes.indices.map { own.scale[$0] * whole.scale[$0] },
          translation: axes.indices.map { own.translation[$0] * whole.scale[$0] + whole.translation[$0] }))
    }
    self.init(name: image["name"]?.string, axes: axes, levels: levels)
  }

  /// Exactly one scale, which the whole image may lack, then at most one translation.
  private static func transformation(
    _ json: JSONValue, rank: Int, isWhole: Bool, _ key: String
  ) throws(ZarrError) -> (scale: [Double], translation: [Double]) {
    var scale: [Double]?
    var translation: [Double]?
    for entry in json.array ?? [] {
      switch entry["type"]?.string {
      case "identity" where isWhole: continue
      case "scale" where scale == nil && translation == nil: scale = entry["scale"]?.doubles
      case "translation" where translation == nil && (isWhole || scale != nil):
        translation = entry["translation"]?.doubles
      default:
        throw .invalidMetadata(
          key: key, reason: "coordinateTransformations are not one scale and then at most one translation")
      }
    }
    let ones = [Double](repeating: 1, count: rank)
    let zeros = [Double](repeating: 0, count: rank)
    guard let scale = scale ?? (isWhole ? ones : nil), scale.count == rank,
      (translation ?? zeros).count == rank
    else {
      throw .invalidMetadata(key: key, reason: "coordinateTransformations have no scale of \(rank) numbers")
    }
    return (scale, translation ?? zeros)
  }
}
