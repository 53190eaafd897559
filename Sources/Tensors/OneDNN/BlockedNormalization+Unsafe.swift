// SPDX-License-Identifier: Apache-2.0

import Arrays
import CNormalization

/// Batch normalisation with the sum in front of it and the unit behind it, for arrays whose channels lie in
/// blocks: a third of the traffic to memory that three operations one after the other cause.
///
/// Ioffe and Szegedy 2015, <https://doi.org/10.48550/arXiv.1502.03167>. An array is worked on in chunks of
/// fixed size, and their sums are added in one order, so that results do not depend on the thread count.
@safe struct BlockedNormalization {
  let items: Int
  let channels: Int
  let voxels: Int
  /// How many channels lie side by side.
  let lanes: Int
  let epsilon: Float
  /// Of the unit, if there is one.
  let alpha: Float?

  /// Voxels of a chunk: with its gradient it stays in the cache of a core.
  private static let chunk = 1024

  /// `nil` for an array whose channels do not lie in blocks.
  init?(shape: [Int], layout: OneDNNLayout, epsilon: Float, alpha: Float?) {
    guard layout.channelBlock > 0 else { return nil }
    self.init(shape: shape, lanes: layout.channelBlock, epsilon: epsilon, alpha: alpha)
  }

  /// For an array whose channels lie in blocks of 8 or 16.
  init(shape: [Int], lanes: Int, epsilon: Float, alpha: Float?) {
    self.lanes = lanes
    (items, channels) = (shape[0], shape[1])
    voxels = shape[2...].reduce(1, *)
    self.epsilon = epsilon
    self.alpha = alpha
  }

  private var blocks: Int { (channels + lanes - 1) / lanes }
  private var pieces: Int { (voxels + Self.chunk - 1) / Self.chunk }

  /// The number of floats of an array.
  var count: Int { items * blocks * lanes * voxels }

  /// A part of a block that one thread works on.
  private struct Chunk {
    let block: Int
    /// Where it begins, in floats.
    let offset: Int
    let voxels: Int
  }

  /// All chunks of a block stand together.
  private var chunks: [Chunk] {
    var chunks: [Chunk] = []
    for block in 0..<blocks {
      for item in 0..<items {
        for piece in 0..<pieces {
          let start = piece * Self.chunk
          chunks.append(
            Chunk(
              block: block, offset: ((item * blocks + block) * voxels + start) * lanes,
              voxels: min(Self.chunk, voxels - start)))
        }
      }
    }
    return chunks
  }

  typealias Floats = UnsafeMutableBufferPointer<Float>

  /// Writes mean and biased variance of each channel of `source`, to which `added` is added first.
  func findStatistics(of source: Floats, adding added: Floats?, mean: Floats, variance: Floats, threads: Int)
  {
    let sums = unsafe sums(threads: threads, source, added) { chunk, arrays, first, second in
      // SAFETY: a chunk lies within its arrays, and the sums have a number for each lane of each chunk.
      unsafe normalization_sums(
        Int32(lanes), arrays.0 + chunk.offset, arrays.1.map { unsafe $0 + chunk.offset },
        Int64(chunk.voxels), first, second)
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
    to source: Floats, _ target: Floats, _ channels: NormalizationConstants.Channels, threads: Int
  ) {
    let constants = NormalizationConstants(
      channels, self.channels, lanes: lanes, epsilon: epsilon, alpha)
    let chunks = chunks
    // SAFETY: the caller's arrays have `count` numbers and outlive the call.
    let arrays = unsafe SharedArrays(source, target)
    concurrentForEach(count: chunks.count, threads: threads) { number in
      let chunk = chunks[number]
      unsafe constants.withConstants(of: chunk.block) { values in
        // SAFETY: a chunk lies within its arrays.
        unsafe normalization_apply(
          Int32(lanes), arrays.first + chunk.offset, arrays.second + chunk.offset, Int64(chunk.voxels), values
        )
      }
    }
  }

  /// Writes the gradients by the input, which may overwrite `arriving`, the scale and the shift.
  func findGradients(
    of source: Floats, arriving: Floats, leaving: Floats, _ channels: NormalizationConstants.Channels,
    scale: Floats, shift: Floats, threads: Int
  ) {
    var constants = NormalizationConstants(
      channels, self.channels, lanes: lanes, epsilon: epsilon, alpha)
    let known = constants
    let sums = unsafe sums(threads: threads, source, arriving) { chunk, arrays, first, second in
      unsafe known.withConstants(of: chunk.block) { values in
        // SAFETY: a chunk lies within its arrays, and the sums have a number for each lane of each chunk.
        unsafe normalization_gradient_sums(
          Int32(lanes), arrays.0 + chunk.offset, arrays.1.map { unsafe $0 + chunk.offset },
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
      unsafe complete.withConstants(of: chunk.block) { values in
        // SAFETY: a chunk lies within its arrays.
        unsafe normalization_gradient(
          Int32(lanes), arrays.first + chunk.offset, arrays.second + chunk.offset,
          arrays.third + chunk.offset,
          Int64(chunk.voxels), values)
      }
    }
  }

  // MARK: Sums over chunks

  /// Two numbers a lane for each chunk.
  private func sums(
    threads: Int, _ first: Floats, _ second: Floats?,
    _ body:
      @Sendable (
        Chunk, (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>?), UnsafeMutablePointer<Double>,
        UnsafeMutablePointer<Double>
      ) -> Void
  ) -> (first: [Double], second: [Double]) {
    let chunks = chunks
    let number = chunks.count * lanes
    // SAFETY: as in `apply`.
    let arrays = unsafe SharedArrays(first, second ?? first)
    let hasSecond = unsafe second != nil
    var results = [Double](repeating: 0, count: 2 * number)
    unsafe results.withUnsafeMutableBufferPointer { results in
      let results = unsafe SharedSums(results)
      concurrentForEach(count: chunks.count, threads: threads) { index in
        // SAFETY: each chunk has `lanes` numbers of its own in either half.
        unsafe body(
          chunks[index], (arrays.first, hasSecond ? arrays.second : nil), results.start + index * lanes,
          results.start + number + index * lanes)
      }
    }
    return (Array(results[..<number]), Array(results[number...]))
  }

  /// Calls `body` with the voxels of each chunk of a channel and where its numbers stand.
  private func forEachChunk(of channel: Int, _ body: (_ voxels: Int, _ place: Int) -> Void) {
    let (block, lane) = channel.quotientAndRemainder(dividingBy: lanes)
    let perBlock = items * pieces
    for number in block * perBlock..<(block + 1) * perBlock {
      body(min(Self.chunk, voxels - number % pieces * Self.chunk), number * lanes + lane)
    }
  }
}

/// Arrays that several threads work on, each on parts of its own.
@safe private struct SharedArrays: @unchecked Sendable {
  let first: UnsafeMutablePointer<Float>
  let second: UnsafeMutablePointer<Float>
  let third: UnsafeMutablePointer<Float>

  init(
    _ first: UnsafeMutableBufferPointer<Float>, _ second: UnsafeMutableBufferPointer<Float>,
    _ third: UnsafeMutableBufferPointer<Float>? = nil
  ) {
    guard let one = first.baseAddress, let two = second.baseAddress,
      let three = unsafe (third ?? second).baseAddress
    else { preconditionFailure("arrays of a network are not empty") }
    unsafe (self.first, self.second, self.third) = unsafe (one, two, three)
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
