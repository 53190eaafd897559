// SPDX-License-Identifier: Apache-2.0

import Arrays
import CNormalization

/// Batch normalisation with the sum in front of it and the unit behind it, in passes of our own: a third of the
/// traffic to memory that three operations one after the other cause.
///
/// Ioffe and Szegedy 2015, <https://doi.org/10.48550/arXiv.1502.03167>. An array is worked on in chunks of
/// fixed size, and their sums are added in one order, so that results do not depend on the thread count. What
/// is kept as bfloat16 is computed in single precision.
@safe struct NormalizationPasses {
  /// How channels lie in memory.
  enum Order: Hashable {
    /// In blocks of 8 or 16 side by side, and block after block.
    case blocks(Int)
    /// All channels of a voxel side by side.
    case last
  }

  let items: Int
  let channels: Int
  let voxels: Int
  let order: Order
  let precision: Precision
  let epsilon: Float
  /// Of the unit, if there is one.
  let alpha: Float?

  /// Voxels of a chunk: with its gradient it stays in the cache of a core.
  private static let chunk = 1024

  /// Numbers that the sums of a chunk take, at most.
  private static let width = 16

  /// `nil` for an array that the passes cannot work on.
  init?(shape: [Int], layout: OneDNNLayout, precision: Precision, epsilon: Float, alpha: Float?) {
    guard let order = Order(layout, channels: shape[1], precision) else { return nil }
    self.init(shape: shape, order: order, precision: precision, epsilon: epsilon, alpha: alpha)
  }

  /// For an array without gaps; channels that lie last are bfloat16 and a multiple of 4.
  init(shape: [Int], order: Order, precision: Precision, epsilon: Float, alpha: Float?) {
    (self.order, self.precision) = (order, precision)
    (items, channels) = (shape[0], shape[1])
    voxels = shape[2...].reduce(1, *)
    self.epsilon = epsilon
    self.alpha = alpha
  }

  private var pieces: Int { (voxels + Self.chunk - 1) / Self.chunk }

  /// How many channels an array has room for.
  private var rooms: Int {
    if case .blocks(let lanes) = order { return (channels + lanes - 1) / lanes * lanes }
    return channels
  }

  /// How many numbers an array has.
  var count: Int { items * rooms * voxels }

  /// Channels that are worked on at once.
  private struct Group {
    let channel: Int
    let lanes: Int
  }

  private var groups: [Group] {
    if case .blocks(let lanes) = order {
      return stride(from: 0, to: channels, by: lanes).map { Group(channel: $0, lanes: lanes) }
    }
    var groups: [Group] = []
    var channel = 0
    while channel < channels {
      let lanes = [16, 8].first { channel + $0 <= channels } ?? 4
      groups.append(Group(channel: channel, lanes: lanes))
      channel += lanes
    }
    return groups
  }

  /// A part of a group that one thread works on.
  private struct Chunk {
    let group: Group
    /// Where it begins, in bytes.
    let offset: Int
    let voxels: Int
    let layout: normalization_layout
  }

  /// All chunks of a group stand together.
  private var chunks: [Chunk] {
    var chunks: [Chunk] = []
    for group in groups {
      let step = order == .last ? channels : group.lanes
      let layout = normalization_layout(
        lanes: Int32(group.lanes), is_bfloat16: precision == .bfloat16 ? 1 : 0, step: Int64(step))
      for item in 0..<items {
        let first =
          order == .last ? item * voxels * channels + group.channel : (item * rooms + group.channel) * voxels
        for piece in 0..<pieces {
          let start = piece * Self.chunk
          chunks.append(
            Chunk(
              group: group, offset: (first + start * step) * precision.byteCount,
              voxels: min(Self.chunk, voxels - start), layout: layout))
        }
      }
    }
    return chunks
  }

  typealias Floats = UnsafeMutableBufferPointer<Float>
  /// ``count`` numbers of ``precision``.
  typealias Numbers = UnsafeMutableRawPointer

  /// Writes mean and biased variance of each channel of `source`, to which `added` is added first.
  func findStatistics(
    of source: Numbers, adding added: Numbers?, mean: Floats, variance: Floats, threads: Int
  ) {
    let sums = unsafe sums(threads: threads, source, added) { chunk, arrays, first, second in
      var layout = chunk.layout
      // SAFETY: a chunk lies within its arrays, and the sums have a number for each lane of each chunk.
      unsafe normalization_sums(
        &layout, arrays.0 + chunk.offset, arrays.1.map { unsafe $0 + chunk.offset }, Int64(chunk.voxels),
        first, second)
    }
    let number = Double(items * voxels)
    for channel in 0..<channels {
      var middle = 0.0
      forEachChunk(of: channel) { voxels, place in middle += sums.first[place] * Double(voxels) }
      middle /= number
      var squares = 0.0
      forEachChunk(of: channel) { voxels, place in
        let distance = sums.first[place] - middle
        squares += sums.second[place] + distance * distance * Double(voxels)
      }
      // SAFETY: both arrays have a number for each channel.
      unsafe mean[channel] = Float(middle)
      unsafe variance[channel] = Float(squares / number)
    }
  }

  /// Writes the normalised and activated values of `source` to `target`.
  func apply(
    to source: Numbers, _ target: Numbers, _ channels: NormalizationConstants.Channels, threads: Int
  ) {
    let constants = NormalizationConstants(channels, self.channels, epsilon: epsilon, alpha)
    let chunks = chunks
    // SAFETY: the caller's arrays have `count` numbers and outlive the call.
    let arrays = unsafe SharedArrays(source, target, target)
    concurrentForEach(count: chunks.count, threads: threads) { number in
      let chunk = chunks[number]
      var layout = chunk.layout
      unsafe constants.withConstants(from: chunk.group.channel) { values in
        // SAFETY: a chunk lies within its arrays.
        unsafe normalization_apply(
          &layout, arrays.first + chunk.offset, arrays.second + chunk.offset, Int64(chunk.voxels), values)
      }
    }
  }

  /// Writes the gradients by the input, which may overwrite `arriving`, the scale and the shift.
  func findGradients(
    of source: Numbers, arriving: Numbers, leaving: Numbers, _ channels: NormalizationConstants.Channels,
    scale: Floats, shift: Floats, threads: Int
  ) {
    var constants = NormalizationConstants(channels, self.channels, epsilon: epsilon, alpha)
    let known = constants
    let sums = unsafe sums(threads: threads, source, arriving) { chunk, arrays, first, second in
      var layout = chunk.layout
      unsafe known.withConstants(from: chunk.group.channel) { values in
        // SAFETY: a chunk lies within its arrays, and the sums have a number for each lane of each chunk.
        unsafe normalization_gradient_sums(
          &layout, arrays.0 + chunk.offset, arrays.1.map { unsafe $0 + chunk.offset },
          Int64(chunk.voxels), values, first, second)
      }
    }
    let number = Double(items * voxels)
    for channel in 0..<self.channels {
      var (gradient, product) = (0.0, 0.0)
      forEachChunk(of: channel) { _, place in
        gradient += sums.first[place]
        product += sums.second[place]
      }
      let inverse = constants.inverses[channel]
      // SAFETY: both arrays have a number for each channel.
      unsafe scale[channel] = Float(product * inverse)
      unsafe shift[channel] = Float(gradient)
      constants.set(channel, gradient: gradient / number, slope: product / number * inverse * inverse)
    }
    let (chunks, complete) = (chunks, constants)
    // SAFETY: as in `apply`.
    let arrays = unsafe SharedArrays(source, arriving, leaving)
    concurrentForEach(count: chunks.count, threads: threads) { number in
      let chunk = chunks[number]
      var layout = chunk.layout
      unsafe complete.withConstants(from: chunk.group.channel) { values in
        // SAFETY: a chunk lies within its arrays.
        unsafe normalization_gradient(
          &layout, arrays.first + chunk.offset, arrays.second + chunk.offset,
          arrays.third + chunk.offset, Int64(chunk.voxels), values)
      }
    }
  }

  // MARK: Sums over chunks

  /// Two numbers a lane for each chunk.
  private func sums(
    threads: Int, _ first: Numbers, _ second: Numbers?,
    _ body:
      @Sendable (
        Chunk, (Numbers, Numbers?), UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>
      ) -> Void
  ) -> (first: [Double], second: [Double]) {
    let chunks = chunks
    let number = chunks.count * Self.width
    // SAFETY: as in `apply`.
    let arrays = unsafe SharedArrays(first, second ?? first, first)
    let hasSecond = unsafe second != nil
    var results = [Double](repeating: 0, count: 2 * number)
    unsafe results.withUnsafeMutableBufferPointer { results in
      let results = unsafe SharedSums(results)
      concurrentForEach(count: chunks.count, threads: threads) { index in
        // SAFETY: each chunk has `width` numbers of its own in either half.
        unsafe body(
          chunks[index], (arrays.first, hasSecond ? arrays.second : nil), results.start + index * Self.width,
          results.start + number + index * Self.width)
      }
    }
    return (Array(results[..<number]), Array(results[number...]))
  }

  /// Calls `body` with the voxels of each chunk of a channel and where its numbers stand.
  private func forEachChunk(of channel: Int, _ body: (_ voxels: Int, _ place: Int) -> Void) {
    let groups = groups
    guard let number = groups.lastIndex(where: { $0.channel <= channel }) else { return }
    let perGroup = items * pieces
    for chunk in number * perGroup..<(number + 1) * perGroup {
      body(
        min(Self.chunk, voxels - chunk % pieces * Self.chunk),
        chunk * Self.width + channel - groups[number].channel)
    }
  }
}

extension NormalizationPasses.Order {
  /// `nil` for a layout that the passes do not know.
  init?(_ layout: OneDNNLayout, channels: Int, _ precision: Precision) {
    if layout.channelBlock > 0 {
      self = .blocks(layout.channelBlock)
    } else if precision == .bfloat16 && channels % 4 == 0 && layout.isChannelsLast {
      self = .last
    } else {
      return nil
    }
  }
}

/// Arrays that several threads work on, each on parts of its own.
@safe private struct SharedArrays: @unchecked Sendable {
  let first: UnsafeMutableRawPointer
  let second: UnsafeMutableRawPointer
  let third: UnsafeMutableRawPointer

  init(
    _ first: UnsafeMutableRawPointer, _ second: UnsafeMutableRawPointer, _ third: UnsafeMutableRawPointer
  ) {
    unsafe (self.first, self.second, self.third) = unsafe (first, second, third)
  }
}

/// Sums that several threads write, each at places of its own.
@safe private struct SharedSums: @unchecked Sendable {
  let start: UnsafeMutablePointer<Double>

  init(_ sums: UnsafeMutableBufferPointer<Double>) {
    guard let start = sums.baseAddress else { preconditionFailure("there is a chunk") }
    unsafe self.start = unsafe start
  }
}
