// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Synchronization
import Zarr

/// One thing that is asked of a server, with all the attempts it may take.
struct Exchange: Sendable {
  /// The other requests of the same batch: once one has failed for good, the rest need not go on.
  final class Batch: Sendable {
    private let failed = Atomic<Bool>(false)

    var hasFailed: Bool { failed.load(ordering: .relaxed) }

    func fail() { failed.store(true, ordering: .relaxed) }
  }

  let request: ByteRangeRequest
  let batch: Batch
  /// When the last attempt must have its answer.
  let deadline: NIODeadline

  init(_ request: ByteRangeRequest, in batch: Batch, _ options: HTTPStore.Options) {
    self.request = request
    self.batch = batch
    // What is asked for as a whole has a size that is not known yet.
    let bytes = request.range.byteCount ?? 16 << 20
    deadline = .now() + .milliseconds(Int64(options.timeLimit + bytes / max(1, options.slowestRate)))
  }

  private init(_ request: ByteRangeRequest, _ batch: Batch, _ deadline: NIODeadline) {
    self.request = request
    self.batch = batch
    self.deadline = deadline
  }

  /// The same for another range of the object, until the same deadline.
  func asking(for range: ByteRangeRequest.Range) -> Exchange {
    Exchange(ByteRangeRequest(request.key, range, byteLimit: request.byteLimit), batch, deadline)
  }
}

extension ByteRangeRequest.Range {
  /// The value of the header `Range` (RFC 9110, section 14.2); `nil` for a whole object.
  var header: String? {
    switch self {
    case .all: return nil
    case .bytes(let offset, let length):
      let (last, overflows) = offset.addingReportingOverflow(length - 1)
      return "bytes=\(offset)-\(overflows ? "" : "\(last)")"
    case .suffix(let length): return "bytes=-\(length)"
    }
  }

  /// How many bytes are asked for; `nil` for a whole object.
  var byteCount: Int? {
    switch self {
    case .all: nil
    case .bytes(_, let length), .suffix(let length): max(0, length)
    }
  }
}
