// SPDX-License-Identifier: Apache-2.0

import Arrays

extension ZarrArray {
  /// Reads `box`, known to be inside the array, to a place known to be inside `target`.
  ///
  /// - Parameter isZeroed: The target holds nothing but zeros, which need not be written again.
  func read(
    _ box: Box, into target: inout NDArray, at position: [Int], threads: Int, isZeroed: Bool
  ) throws(ZarrError) {
    if box.isEmpty { return }
    let plan = try plan(box, threads: threads)
    let (extent, size) = (target.extent, dataType.byteCount)
    // SAFETY: the block lives while the closure runs; no two pieces of a plan overlap.
    try unsafe target.withMutableBytes { (bytes) throws(ZarrError) in
      guard let base = bytes.baseAddress else { return }
      let place = unsafe StridedElements(dense: base, extent, elementBytes: size).advanced(to: position)
      if !(isZeroed && metadata.fillValue == .zero) {
        for box in plan.absent {
          place.advanced(to: box.origin).fill(box.extent, with: metadata.fillValue, dataType)
        }
      }
      if store.batchSize > 1 {
        try readInBatches(plan, place, threads: threads, isZeroed: isZeroed)
      } else {
        try concurrentForEach(count: plan.runs.count, threads: threads) { (number) throws(ZarrError) in
          try Workspace.lend { (workspace) throws(ZarrError) in
            try readRun(plan.runs[number], place, isZeroed: isZeroed, workspace)
          }
        }
      }
    }
  }

  /// Fetches a run into this thread's memory and decodes it from there.
  private func readRun(
    _ run: ReadPlan.Run, _ place: StridedElements, isZeroed: Bool, _ workspace: Workspace
  ) throws(ZarrError) {
    if codec.directShard == nil {
      guard let length = try store.size(of: run.key) else {
        return fillAbsent(run, place, isZeroed: isZeroed)
      }
      guard length <= codec.encodedByteLimit + (codec.stages.isEmpty ? 1 << 30 : 0) else {
        throw .corruptChunk(key: run.key, reason: "it has \(length) bytes, more than such a chunk can have")
      }
      return try unsafe workspace.withBuffer(length, key: run.key) { (buffer) throws(ZarrError) in
        guard let count = try unsafe store.read(ByteRangeRequest(run.key), into: buffer) else {
          return fillAbsent(run, place, isZeroed: isZeroed)
        }
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
        try unsafe decode(run, bytes, place, workspace)
      }
    }
    try unsafe workspace.withBuffer(run.bytes.count, key: run.key) { (buffer) throws(ZarrError) in
      let request = ByteRangeRequest(
        run.key, .bytes(offset: run.bytes.lowerBound, length: run.bytes.count))
      let count = try unsafe store.read(request, into: buffer) ?? 0
      let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
      try unsafe decode(run, bytes, place, workspace)
    }
  }

  /// Fetches some runs at a time, as a store far away wants it, and decodes them: while one thread waits for
  /// its runs the others decode theirs.
  private func readInBatches(
    _ plan: ReadPlan, _ place: StridedElements, threads: Int, isZeroed: Bool
  ) throws(ZarrError) {
    let batches = batches(of: plan.runs)
    try concurrentForEach(count: batches.count, threads: max(threads, 1) + 1) { (number) throws(ZarrError) in
      let runs = plan.runs[batches[number]]
      let fetched = try store.read(runs.map { $0.request(wholeObjects: codec) })
      for (run, bytes) in zip(runs, fetched) {
        guard let bytes else {
          if codec.directShard != nil {
            throw .corruptChunk(key: run.key, reason: "it vanished while it was read")
          }
          fillAbsent(run, place, isZeroed: isZeroed)
          continue
        }
        var failure: ZarrError?
        // SAFETY: the bytes live while the closure runs.
        unsafe bytes.withUnsafeBytes { buffer in
          do throws(ZarrError) {
            try Workspace.lend { (workspace) throws(ZarrError) in
              try unsafe decode(run, buffer, place, workspace)
            }
          } catch { failure = error }
        }
        if let failure { throw failure }
      }
    }
  }

  /// Which runs are fetched together: no more than a store takes at once, and so few that memory holds them.
  private func batches(of runs: [ReadPlan.Run]) -> [Range<Int>] {
    let byteLimit = 32 << 20
    var batches: [Range<Int>] = []
    var bytes = 0
    for (number, run) in runs.enumerated() {
      let expected = codec.directShard == nil ? codec.byteCount : run.bytes.count
      if let last = batches.last, last.count < store.batchSize, bytes + expected <= byteLimit {
        batches[batches.count - 1] = last.lowerBound..<(number + 1)
        bytes += expected
      } else {
        batches.append(number..<(number + 1))
        bytes = expected
      }
    }
    return batches
  }

  private func decode(
    _ run: ReadPlan.Run, _ bytes: UnsafeRawBufferPointer, _ place: StridedElements, _ workspace: Workspace
  ) throws(ZarrError) {
    guard let shard = codec.directShard else {
      for piece in run.pieces {
        try unsafe codec.decode(
          bytes, piece.region, into: place.advanced(to: piece.position), key: run.key, workspace)
      }
      return
    }
    for piece in run.pieces {
      let start = piece.bytes.lowerBound - run.bytes.lowerBound
      guard start + piece.bytes.count <= bytes.count else {
        throw .corruptChunk(key: run.key, reason: "an inner chunk reaches beyond its end")
      }
      let encoded = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<(start + piece.bytes.count)])
      try unsafe shard.inner.decode(
        encoded, piece.region, into: place.advanced(to: piece.position), key: run.key, workspace)
    }
  }

  private func fillAbsent(_ run: ReadPlan.Run, _ place: StridedElements, isZeroed: Bool) {
    if isZeroed && metadata.fillValue == .zero { return }
    for piece in run.pieces {
      place.advanced(to: piece.position).fill(
        piece.region.extent, with: metadata.fillValue, dataType)
    }
  }
}

extension ReadPlan.Run {
  /// What to ask a store for: the bytes of a shard, or all of an object that is one chunk.
  fileprivate func request(wholeObjects codec: ChunkCodec) -> ByteRangeRequest {
    guard codec.directShard == nil else {
      return ByteRangeRequest(key, .bytes(offset: bytes.lowerBound, length: bytes.count))
    }
    return ByteRangeRequest(key, byteLimit: codec.encodedByteLimit + (codec.stages.isEmpty ? 1 << 30 : 0))
  }
}

extension ShardCodec {
  /// Decodes the index from its bytes.
  func index(_ bytes: [UInt8], key: String) throws(ZarrError) -> ShardIndex {
    var result: Result<ShardIndex, ZarrError> = .success(ShardIndex(entries: []))
    // SAFETY: the bytes live while the closure runs.
    unsafe bytes.withUnsafeBytes { buffer in
      result = Result { () throws(ZarrError) in
        try Workspace.lend { (workspace) throws(ZarrError) in
          try unsafe index(buffer, key: key, workspace)
        }
      }
    }
    return try result.get()
  }
}
