// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import Synchronization

extension NDArray {
  /// Owns the bytes of an array; shared by its copies.
  ///
  /// Written only while ``NDArray`` holds the one reference to it, hence safe to send.
  @safe final class Storage: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    /// Whether the bytes were zeros to begin with.
    let wasZeroed: Bool

    private let block: MemoryBlock

    /// Memory aligned to 64 bytes for vector instructions.
    ///
    /// - Parameter zeroed: Whether it must hold zeros; else its content is undefined.
    init(byteCount: Int, zeroed: Bool) {
      if let block = MemoryBlock.recycled(byteCount: byteCount) {
        self.block = block
        wasZeroed = zeroed
        unsafe bytes = block.bytes(byteCount)
        // SAFETY: the block has as many bytes.
        if zeroed, let base = unsafe bytes.baseAddress { unsafe memset(base, 0, byteCount) }
      } else {
        block = MemoryBlock(byteCount: byteCount)
        wasZeroed = true
        unsafe bytes = block.bytes(byteCount)
      }
    }

    deinit { block.recycle() }
  }
}

/// Memory of an array, or of one that is gone.
@safe private struct MemoryBlock: @unchecked Sendable {
  // SAFETY: whoever has the block has its memory alone.
  private let start: UnsafeMutableRawPointer
  private let capacity: Int

  /// Zeroed memory.
  ///
  /// Large blocks come from `calloc`'s fresh pages, so that zeros cost nothing until touched.
  init(byteCount: Int) {
    // SAFETY: calloc gives as many zeroed bytes or nil.
    guard let start = unsafe calloc(byteCount + 64, 1) else {
      fatalError("out of memory: no room for an array of \(byteCount) bytes")
    }
    unsafe self.start = start
    capacity = byteCount
    #if os(Linux)
      if byteCount >= Self.hugePageThreshold { advise(MADV_HUGEPAGE) }
    #endif
  }

  /// The first bytes that are aligned; the base is moved up to the next multiple of 64 by fewer than 64.
  func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
    precondition(count <= capacity, "a block gives no more than it has")
    let shift = Int((64 - UInt(bitPattern: unsafe start) % 64) % 64)
    return unsafe UnsafeMutableRawBufferPointer(start: start + shift, count: count)
  }

  private func advise(_ advice: Int32) {
    // SAFETY: the range lies inside the block. The advice is given only for content that does not matter or
    // does not change by it, and a kernel that cannot follow it says so without harm.
    let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
    let first = (UInt(bitPattern: unsafe start) + page - 1) / page * page
    let end = (UInt(bitPattern: unsafe start) + UInt(capacity)) / page * page
    if end > first { unsafe madvise(UnsafeMutableRawPointer(bitPattern: first), Int(end - first), advice) }
  }

  /// From here on a block is asked for in pages of 2 MiB: a row of a volume is then rarely on another
  /// page than the row before it, and the first touch of each page costs a 512th as often.
  private static let hugePageThreshold = 8 << 20

  // MARK: Blocks of arrays that are gone

  private static let idle = Guarded<[MemoryBlock]>([])

  /// Below this the C library itself keeps what is freed.
  private static let recyclingThreshold = 256 << 10

  /// A loop over blocks of a volume needs no more at a time.
  private static let idleCount = 8

  /// A block of an array that is gone, of undefined content.
  ///
  /// The kernel clears every page that it gives out, at a quarter of the speed at which a volume is decoded:
  /// programs that read one block after the other need not pay for that each time. If no block fits, all are
  /// given back first, so that idle memory never adds to the peak.
  static func recycled(byteCount: Int) -> MemoryBlock? {
    guard byteCount >= recyclingThreshold else { return nil }
    let (found, useless) = idle.withLock { blocks -> (MemoryBlock?, [MemoryBlock]) in
      let fitting = blocks.lastIndex { $0.capacity >= byteCount && $0.capacity - byteCount <= byteCount / 4 }
      if let fitting { return (blocks.remove(at: fitting), []) }
      defer { blocks = [] }
      return (nil, blocks)
    }
    for block in useless { block.deallocate() }
    return found
  }

  /// Keeps the block for another array, or gives it back.
  func recycle() {
    guard capacity >= Self.recyclingThreshold else { return deallocate() }
    #if os(Linux)
      // Lets the kernel take the pages whenever it needs some.
      if capacity >= Self.hugePageThreshold { advise(MADV_FREE) }
    #endif
    let old = Self.idle.withLock { blocks -> MemoryBlock? in
      blocks.append(self)
      return blocks.count > Self.idleCount ? blocks.removeFirst() : nil
    }
    old?.deallocate()
  }

  // SAFETY: the block came from calloc, and nothing refers to it any more.
  private func deallocate() { unsafe free(start) }
}
