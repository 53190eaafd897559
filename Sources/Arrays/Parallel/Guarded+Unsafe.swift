// SPDX-License-Identifier: Apache-2.0

// The thread sanitizer sees no lock of Synchronization.Mutex, whose code lies in a library that is not
// instrumented, and would report everything that such a lock protects. Builds for it take one that it knows.
#if THREAD_SANITIZER
  import Glibc

  /// A value that one thread at a time may use: in place of `Mutex`, with a lock that the sanitizer sees.
  @safe public final class Guarded<Value>: @unchecked Sendable {
    // SAFETY: the value is only reached while the lock is held; the lock lives as long as this object.
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    public init(_ value: sending Value) {
      self.value = value
      unsafe pthread_mutex_init(lock, nil)
    }

    deinit {
      unsafe pthread_mutex_destroy(lock)
      unsafe lock.deallocate()
    }

    public func withLock<Result, Failure>(
      _ body: (inout Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
      unsafe pthread_mutex_lock(lock)
      defer { unsafe pthread_mutex_unlock(lock) }
      return try body(&value)
    }
  }
#else
  public import Synchronization

  /// A value that one thread at a time may use.
  public typealias Guarded<Value> = Mutex<Value>
#endif
