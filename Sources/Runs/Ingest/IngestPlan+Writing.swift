// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Crypto
import ImageFiles
import Synchronization
import VolumeDatabase
import Zarr

extension IngestPlan {
  /// Reads the slices of one layer after the other and stores them, then commits.
  ///
  /// After an error the version is removed; when a person stops the run it stays for the run to be
  /// resumed.
  func write(
    with writer: VersionWriter, in database: VolumeDatabase, _ run: ActiveRun,
    _ progress: any ProgressReporter, _ cancellation: CancellationFlag
  ) throws -> IngestRun.Outcome {
    do {
      progress.begin(
        ProgressStage("ingesting \(writer.record.reference)", total: slices.count, unit: "slices"))
      let plane = specification.shape[1] * specification.shape[2]
      var voxels = 0
      var inside: [(z: Int, index: Int)] = []
      var range = 0..<0
      for block in blocks(for: writer).boxes {
        if block.range(0) != range {
          range = block.range(0)
          inside = slices.filter { range.contains($0.z) }
        }
        // A block of which nothing was given is fill value, or stays the parent's.
        if !inside.isEmpty && !writer.isWritten(block) {
          try writer.writeMissing(
            of: try read(block, inside, threads: writer.threads) { try run.check(cancellation) }, in: block)
        }
        voxels += inside.count * block.extent[1] * block.extent[2]
        progress.advance(to: voxels / plane)
        run.advance(to: voxels / plane, of: slices.count)
      }
      progress.begin(ProgressStage("committing \(writer.record.reference)", total: 1, unit: "version"))
      try writer.finish(coverage: coverage)
      try database.commit([writer])
      progress.advance(to: 1)
      progress.end()
    } catch let stop as StoppedOnRequest {
      throw stop
    } catch {
      progress.end()
      switch error as? ImageFileError {
      // What was fetched is worth keeping: the run goes on once the server is back.
      case .zarr(.unreachable(let address, let reason), _):
        throw IngestError.interrupted(run: run.id, address: address, reason: reason, isSigned: isSigned)
      // A signature is valid for a while only.
      case .zarr(.refused(let address, let reason), _) where isSigned:
        throw IngestError.interrupted(run: run.id, address: address, reason: reason, isSigned: true)
      default: break
      }
      // What went wrong is told; that clearing up failed too would hide it, and gc clears up later.
      try? writer.abandon()
      throw error
    }
    return IngestRun.Outcome(
      version: try database.catalog.version(writer.record.id), runID: run.id, sliceCount: slices.count,
      coverage: coverage, addedDataset: addsDataset)
  }

  /// The voxels of a block: the given slices, between them the parent's or 0.
  private func read(
    _ block: Box, _ inside: [(z: Int, index: Int)], threads: Int, stopping: () throws -> Void
  ) throws -> NDArray {
    var voxels: NDArray
    if let parent, inside.count < block.extent[0] {
      voxels = try parent.read(block, threads: threads)
    } else if inside.count < block.extent[0] {
      voxels = NDArray(conversion.target, block.extent)
    } else {
      (voxels, _) = NDArray.unfilled(conversion.target, block.extent)
    }
    // Two slices a thread are decoded at once; of what comes in boxes memory holds the block anyway.
    for piece in pieces(of: inside, limit: source.isSliced ? 2 * threads : .max) {
      try stopping()
      let box = Box(
        lower: [piece.index, block.lower[1], block.lower[2]],
        upper: [piece.index + piece.count, block.upper[1], block.upper[2]])
      let read = try source.read(box, threads: threads)
      let place = piece.z - block.origin[0]
      if conversion.keepsVoxels && !checksWhileWriting {
        voxels.copy(Box(read.extent), of: read, to: [place, 0, 0])
        continue
      }
      let converted = Mutex([NDArray?](repeating: nil, count: piece.count))
      try forEachSlice(of: read, from: piece.index, threads: threads) { number, slice, name in
        if checksWhileWriting { try conversion.check(slice, name: name) }
        let result = try conversion.converted(slice, name: name)
        converted.withLock { $0[number] = result }
      }
      for (number, slice) in converted.withLock({ $0 }).enumerated() {
        guard let slice else { continue }
        voxels.copy(Box(slice.extent), of: slice, to: [place + number, 0, 0])
      }
    }
    return voxels
  }

  /// Slices that are neighbours in the volume and in the source, no more than `limit` at once.
  private func pieces(
    of slices: [(z: Int, index: Int)], limit: Int
  ) -> [(z: Int, index: Int, count: Int)] {
    var pieces: [(z: Int, index: Int, count: Int)] = []
    for (z, index) in slices {
      if let last = pieces.last, last.z + last.count == z, last.index + last.count == index,
        last.count < limit
      {
        pieces[pieces.count - 1].count += 1
      } else {
        pieces.append((z, index, 1))
      }
    }
    return pieces
  }

  /// Calls `body` with each slice of voxels that were read, on several threads.
  private func forEachSlice(
    of voxels: NDArray, from index: Int, threads: Int,
    _ body: @Sendable (Int, NDArray, String) throws -> Void
  ) throws {
    let plane: Extent = [1, voxels.extent[1], voxels.extent[2]]
    try concurrentForEach(count: voxels.extent[0], threads: threads) { number in
      try body(
        number, voxels.cropped(to: Box(origin: [number, 0, 0], extent: plane)),
        source.sliceName(index + number))
    }
  }

  /// Whether values are checked as they come, because reading them twice would be too dear.
  private var checksWhileWriting: Bool {
    if case .classes = conversion.mode { source.isRemote } else { false }
  }

  /// Reads all slices of labels once and checks their values, so that nothing is written of a stack that
  /// has a value which is not named.
  func checkValues(
    threads: Int, progress: any ProgressReporter, cancellation: CancellationFlag
  ) throws {
    guard case .classes = conversion.mode, !checksWhileWriting else { return }
    progress.begin(ProgressStage("checking the values", total: slices.count, unit: "slices"))
    let plane = Box(source.extent)
    // Windows of the planes, so that memory does not grow with them.
    let windows = IngestBlocks.windows(of: source, threads: threads)
    var voxels = 0
    for piece in pieces(of: slices, limit: windows.first?.extent[0] ?? 1) {
      for window in windows {
        try cancellation.check()
        let box = Box(
          lower: [piece.index, window.lower[1], window.lower[2]],
          upper: [piece.index + piece.count, window.upper[1], window.upper[2]])
        let read = try source.read(box.intersection(plane), threads: threads)
        try forEachSlice(of: read, from: piece.index, threads: threads) { _, slice, name in
          try conversion.check(slice, name: name)
        }
        voxels += read.count
        progress.advance(to: voxels / (plane.extent[1] * plane.extent[2]))
      }
    }
    progress.end()
  }

  /// The source files with their hashes, and one hash over all of them.
  func hashedFiles(
    threads: Int, progress: any ProgressReporter, cancellation: CancellationFlag
  ) throws -> (records: [SourceFileRecord], digest: String) {
    let files = source.files
    progress.begin(ProgressStage("hashing the files", total: files.count, unit: "files"))
    let hashes = Mutex([String](repeating: "", count: files.count))
    let done = Atomic<Int>(0)
    try concurrentForEach(count: files.count, threads: threads) { number in
      try cancellation.check()
      let hash = try files[number].sha256()
      hashes.withLock { $0[number] = hash }
      progress.advance(to: done.wrappingAdd(1, ordering: .relaxed).newValue)
    }
    progress.end()
    let records = zip(files, hashes.withLock { $0 }).map { file, hash in
      SourceFileRecord(path: file.path, byteCount: file.byteCount, sha256: hash)
    }
    var digest = SHA256()
    for record in records {
      digest.update(data: Array("\(record.path)\n\(record.byteCount)\n\(record.sha256)\n".utf8))
    }
    return (records, digest.finalize().hexadecimal)
  }
}

extension VersionWriter {
  /// Whether all shards that a block touches are written.
  fileprivate func isWritten(_ block: Box) -> Bool {
    shardGrid.chunks(touching: block).positions.allSatisfy { isWritten(shard: $0) }
  }

  /// Stores the voxels of a block of whole shards, or what is missing of one that was being written when its
  /// run stopped; whole layers as such, so that the coarser levels are made while they are in memory.
  fileprivate func writeMissing(of voxels: NDArray, in block: Box) throws(DatabaseError) {
    let shards = shardGrid.chunks(touching: block)
    guard shards.origin[1...] == [0, 0], shards.extent.sizes[1...] == shardGrid.counts.sizes[1...] else {
      return try writeShards(shards, of: voxels, in: block)
    }
    for layer in shards.range(0) {
      let box = box(ofLayer: layer)
      let inside = box.translated(by: block.origin.map { -$0 })
      let slab = box == block ? voxels : voxels.cropped(to: inside)
      let places = Box(origin: [layer, 0, 0], extent: [1, shards.extent[1], shards.extent[2]])
      if places.positions.contains(where: { isWritten(shard: $0) }) {
        try writeShards(places, of: slab, in: box)
      } else {
        try writeLayer(slab, layer: layer)
      }
    }
  }

  private func writeShards(_ places: Box, of voxels: NDArray, in block: Box) throws(DatabaseError) {
    let missing = places.positions.filter { !isWritten(shard: $0) }
    try concurrentForEach(count: missing.count, threads: threads) { (number) throws(DatabaseError) in
      let box = shardGrid.box(at: missing[number])
      try writeShard(
        voxels.cropped(to: box.translated(by: block.origin.map { -$0 })), at: missing[number])
    }
  }
}
