// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import Synchronization

/// The threads that help ``concurrentForEach(count:threads:_:)``, one pool for the whole process.
///
/// They are made when they are first wanted and stay. A worker that has finished waits for the next task
/// awake for a moment, because tasks often follow each other closely, and then sleeps.
final class WorkerPool: Sendable {
  static let shared = WorkerPool()

  private let workers = Guarded<[Worker]>([])
  private let processorCount = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

  /// Runs a task on the calling thread and on idle workers, and waits for all.
  ///
  /// - Parameter helpers: How many workers to ask for at most.
  func run(_ task: SharedTask, helpers: Int) {
    let recruited = recruit(task, helpers: helpers)
    task.work()
    for worker in recruited { worker.retract(task) }
    task.waitForHelpers()
  }

  /// Gives the task to idle workers, new ones among them as long as there are fewer than processors or
  /// than the caller asks for.
  private func recruit(_ task: SharedTask, helpers: Int) -> [Worker] {
    workers.withLock { workers in
      var recruited: [Worker] = []
      for worker in workers where recruited.count < helpers && worker.offer(task) { recruited.append(worker) }
      let limit = max(helpers, processorCount - 1)
      while recruited.count < helpers, workers.count < limit {
        guard let worker = Worker.start() else { break }
        workers.append(worker)
        if worker.offer(task) { recruited.append(worker) }
      }
      return recruited
    }
  }
}
