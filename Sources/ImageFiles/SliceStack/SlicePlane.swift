// SPDX-License-Identifier: Apache-2.0

import Arrays

/// One slice of a stack: a page of an opened file.
struct SlicePlane: Sendable {
  let path: String
  let name: String
  let size: Extent
  let format: SampleFormat
  let read: @Sendable () throws(ImageFileError) -> NDArray
}

extension SliceFile {
  /// The slices of one channel.
  func planes(channel: Int?) throws(ImageFileError) -> [SlicePlane] {
    let path = source.path
    if channels.count > 1 && channel == nil {
      throw .severalChannels(path: path, count: channels.count)
    }
    guard channels.indices.contains(channel ?? 0) else {
      throw .noSuchChannel(path: path, channel: channel ?? 0, count: channels.count)
    }
    let pages = channels[channel ?? 0]
    return pages.indices.map { index in
      let page = pages[index]
      return SlicePlane(
        path: path, name: pages.count == 1 ? path : "\(path) page \(index + 1)", size: page.size,
        format: page.format, read: { () throws(ImageFileError) in try read(page) })
    }
  }
}

/// Refuses slices of different sizes by the name of the first that differs.
func checkSizes(of planes: [SlicePlane]) throws(ImageFileError) {
  guard let first = planes.first else { return }
  if let other = planes.first(where: { $0.size != first.size }) {
    throw .unequalSizes(
      first: first.name, firstSize: first.size, second: other.name, secondSize: other.size)
  }
}

/// The type of all slices.
func commonType(
  of planes: [SlicePlane], mayDiffer: Bool
) throws(ImageFileError) -> DataType {
  let formats = Set(planes.map(\.format))
  if formats.count == 1 || mayDiffer, let type = SampleFormat.common(formats) { return type }
  let first = planes[0]
  let other = planes.first { $0.format != first.format } ?? first
  throw .mixedTypes(
    first: first.name, firstType: first.format.description, second: other.name,
    secondType: other.format.description)
}

/// The voxel size that all files state that state one.
func commonVoxelSize(of files: [any SliceFile]) throws(ImageFileError) -> VoxelSize? {
  let stated = files.filter { $0.voxelSize != nil }
  guard let first = stated.first, let size = first.voxelSize else { return nil }
  if let other = stated.first(where: { $0.voxelSize != size }), let second = other.voxelSize {
    throw .unequalVoxelSizes(
      first: first.source.path, firstSize: size, second: other.source.path, secondSize: second)
  }
  return size
}

extension NDArray {
  /// The same values in a type that holds each of them exactly.
  func widened(to type: DataType) -> NDArray {
    func widen<Source: ArrayElement, Target: ArrayElement>(
      _: Source.Type, _: Target.Type
    ) -> NDArray {
      var result = NDArray(type, extent)
      withSpan(of: Source.self) { source in
        result.withMutableSpan(of: Target.self) { target in
          for index in source.indices { target[index] = Target(nearest: source[index].doubleValue) }
        }
      }
      return result
    }
    return widen(dataType.elementType, type.elementType)
  }
}
