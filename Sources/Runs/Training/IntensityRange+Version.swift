// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
public import Networks
public import VolumeDatabase
import Zarr

extension IntensityRange {
  /// The range that maps an image to 8 bits by its own histogram; `nil` for 8-bit images, which are
  /// taken as they are.
  ///
  /// - Throws: What reading the coarsest scale level throws, where the catalog has no histogram.
  public init?(of image: StoredVersion, preprocessing: Preprocessing) throws {
    if image.record.dataType == .uint8 { return nil }
    if let histogram = image.record.histogram {
      // A bin's middle; whole numbers are their own bins.
      let middle = histogram.binWidth > 1 ? (histogram.binWidth - 1) / 2 : 0
      let values = histogram.counts.enumerated().map { index, count in
        (value: histogram.minimum + Double(index) * histogram.binWidth + middle, count: count)
      }
      self.init(histogram: values, percentiles: preprocessing.percentiles)
      return
    }
    let level = image.levelCount - 1
    let array = try image.read(Box(image.array(level: level).shape), level: level)
    self.init(histogram: Self.values(of: array), percentiles: preprocessing.percentiles)
  }

  private static func values(of array: NDArray) -> [(value: Double, count: Int)] {
    func counted<Element: ArrayElement>(_: Element.Type) -> [(value: Double, count: Int)] {
      var counts: [Element: Int] = [:]
      array.withSpan(of: Element.self) { span in
        for index in span.indices { counts[span[index], default: 0] += 1 }
      }
      return counts.map { (value: $0.key.doubleValue, count: $0.value) }
    }
    return counted(array.dataType.elementType)
  }
}
