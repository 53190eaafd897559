// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Crypto
import ImageFiles
import Synchronization
import VolumeDatabase

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
      var done = 0
      for layer in 0..<writer.layerCount {
        let box = writer.box(ofLayer: layer)
        let inside = slices.filter { box.range(0).contains($0.z) }
        // A layer of which nothing was given is fill value, or stays the parent's.
        if !inside.isEmpty && !writer.isWritten(layer: layer) {
          let slab = try slab(box, inside, threads: writer.threads) { try run.check(cancellation) }
          try writer.writeMissing(of: slab, layer: layer)
        }
        done += inside.count
        progress.advance(to: done)
        run.advance(to: done, of: slices.count)
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
      // What went wrong is told; that clearing up failed too would hide it, and gc clears up later.
      try? writer.abandon()
      throw error
    }
    return IngestRun.Outcome(
      version: try database.catalog.version(writer.record.id), runID: run.id, sliceCount: slices.count,
      coverage: coverage, addedDataset: addsDataset)
  }

  /// The writer of a run that is resumed; a run that was stopped before it had one begins.
  func reopened(
    _ specification: VersionSpecification, in database: VolumeDatabase, threads: Int
  ) throws -> VersionWriter {
    do throws(DatabaseError) {
      return try VersionWriter(resuming: specification, in: database, threads: threads)
    } catch .nothingToResume {
      return try VersionWriter(specification, in: database, threads: threads)
    }
  }

  /// The voxels of a layer: the given slices, between them the parent's or 0.
  private func slab(
    _ box: Box, _ inside: [(z: Int, index: Int)], threads: Int, stopping: () throws -> Void
  ) throws -> NDArray {
    var slab: NDArray
    if let parent, inside.count < box.extent[0] {
      slab = try parent.read(box, threads: threads)
    } else {
      slab = NDArray(conversion.target, box.extent)
    }
    // Two slices a thread are decoded at once, so that the slab is most of what is in memory.
    let batch = max(1, 2 * threads)
    for start in stride(from: 0, to: inside.count, by: batch) {
      try stopping()
      let part = Array(inside[start..<min(start + batch, inside.count)])
      let read = Mutex([NDArray?](repeating: nil, count: part.count))
      try concurrentForEach(count: part.count, threads: threads) { number in
        let slice = try converted(part[number].index)
        read.withLock { $0[number] = slice }
      }
      let slices = read.withLock { $0 }
      for (place, slice) in zip(part, slices) {
        guard let slice else { continue }
        let plane = slice.reshaped([1, slice.extent[0], slice.extent[1]])
        slab.copy(Box(plane.extent), of: plane, to: [place.z - box.origin[0], 0, 0])
      }
    }
    return slab
  }

  private func converted(_ index: Int) throws -> NDArray {
    try conversion.converted(try stack.readSlice(index), name: stack.sliceName(index))
  }

  /// Reads all slices of labels once and checks their values, so that nothing is written of a stack that
  /// has a value which is not named.
  func checkValues(
    threads: Int, progress: any ProgressReporter, cancellation: CancellationFlag
  ) throws {
    guard case .classes = conversion.mode else { return }
    progress.begin(ProgressStage("checking the values", total: slices.count, unit: "slices"))
    let done = Atomic<Int>(0)
    try concurrentForEach(count: slices.count, threads: threads) { number in
      try cancellation.check()
      let index = slices[number].index
      try conversion.check(try stack.readSlice(index), name: stack.sliceName(index))
      progress.advance(to: done.wrappingAdd(1, ordering: .relaxed).newValue)
    }
    progress.end()
  }

  /// The source files with their hashes, and one hash over all of them.
  func hashedFiles(
    threads: Int, progress: any ProgressReporter, cancellation: CancellationFlag
  ) throws -> (records: [SourceFileRecord], digest: String) {
    let files = stack.files
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
    let text = digest.finalize().map { byte in
      byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
    }
    return (records, text.joined())
  }
}

extension VersionWriter {
  /// Stores a layer, or what is missing of one that was being written when its run stopped.
  fileprivate func writeMissing(of slab: NDArray, layer: Int) throws(DatabaseError) {
    let counts = shardGrid.counts
    let places = Box(origin: [layer, 0, 0], extent: [1, counts[1], counts[2]])
    let begun = places.positions.contains { isWritten(shard: $0) }
    guard begun else { return try writeLayer(slab, layer: layer) }
    for index in places.positions where !isWritten(shard: index) {
      let box = shardGrid.box(at: index)
      try writeShard(
        slab.cropped(to: box.translated(by: [-box.origin[0], 0, 0])), at: index)
    }
  }
}
