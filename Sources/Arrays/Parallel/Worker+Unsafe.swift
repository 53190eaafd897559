// SPDX-License-Identifier: Apache-2.0

import CPause
import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A thread that runs one task after the other.
final class Worker: Sendable {
  /// 0 while idle, 1 while at work, else the address of a task that is offered; the task's reference is
  /// then owned by this field.
  private let mailbox = Atomic<UInt>(0)
  private let isAsleep = Atomic<Bool>(false)
  private let wakeUp = DispatchSemaphore(value: 0)

  private init() {}

  /// A worker with its thread; `nil` if the system gives none.
  static func start() -> Worker? {
    let worker = Worker()
    var thread = pthread_t(bitPattern: 0)
    // SAFETY: the thread takes over the reference that is passed to it; if there is none it is let go here.
    let reference = unsafe Unmanaged.passRetained(worker)
    let code = unsafe pthread_create(
      &thread, nil,
      { argument in
        if let argument = unsafe argument {
          unsafe Unmanaged<Worker>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      }, reference.toOpaque())
    guard code == 0 else {
      unsafe reference.release()
      return nil
    }
    pthread_detach(thread)
    return worker
  }

  /// Offers a task.
  ///
  /// - Returns: Whether the worker was idle; it then takes the task unless that is retracted first.
  func offer(_ task: SharedTask) -> Bool {
    guard mailbox.load(ordering: .relaxed) == 0 else { return false }
    task.helperEnters()
    // SAFETY: the reference goes to the mailbox; who takes the address out owns it.
    let reference = unsafe Unmanaged.passRetained(task)
    let address = UInt(bitPattern: unsafe reference.toOpaque())
    guard mailbox.compareExchange(expected: 0, desired: address, ordering: .sequentiallyConsistent).exchanged
    else {
      unsafe reference.release()
      task.helperLeaves()
      return false
    }
    if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { wakeUp.signal() }
    return true
  }

  /// Takes an offer back if the worker has not begun with it.
  func retract(_ task: SharedTask) {
    let reference = unsafe Unmanaged.passUnretained(task)
    let address = UInt(bitPattern: unsafe reference.toOpaque())
    guard mailbox.compareExchange(expected: address, desired: 0, ordering: .acquiringAndReleasing).exchanged
    else { return }
    // SAFETY: the mailbox owned this reference, and nobody else took it out.
    unsafe reference.release()
    task.helperLeaves()
  }

  private func run() -> Never {
    while true {
      let task = nextTask()
      task.work()
      // Idle first, so that the caller finds this worker ready for the task that follows.
      mailbox.store(0, ordering: .releasing)
      task.helperLeaves()
    }
  }

  private func nextTask() -> SharedTask {
    while true {
      for _ in 0..<SharedTask.patience {
        if let task = take() { return task }
        cpu_pause()
      }
      isAsleep.store(true, ordering: .sequentiallyConsistent)
      let task = take()
      // Whoever takes the flag back decides: a caller that did so signals.
      if task == nil || !isAsleep.exchange(false, ordering: .sequentiallyConsistent) { wakeUp.wait() }
      if let task { return task }
    }
  }

  private func take() -> SharedTask? {
    let address = mailbox.load(ordering: .relaxed)
    guard address > 1,
      mailbox.compareExchange(expected: address, desired: 1, ordering: .sequentiallyConsistent).exchanged,
      let pointer = unsafe UnsafeRawPointer(bitPattern: address)
    else { return nil }
    // SAFETY: the mailbox owned this reference, and the exchange gave it to this thread alone.
    return unsafe Unmanaged<SharedTask>.fromOpaque(pointer).takeRetainedValue()
  }
}
