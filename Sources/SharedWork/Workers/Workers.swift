import Foundation
import Synchronization

/// Computes `count` results on `workers` threads that take indices in order from one queue.
///
/// Real threads, because oneDNN's and OpenMP's settings belong to a thread. Each worker makes its
/// own state, such as a predictor, on its thread.
///
/// `makeState`: called once per worker, on its thread.
///
/// `body`: computes one result.
///
/// `load`: told how many workers are busy, so that the last ones can use the others' cores.
///
/// Returns results by index, independent of the number of workers.
///
/// Throws the error of the lowest index that failed; nothing is started after a failure.
/// `SharedWorkError.interrupted` when the process was asked to stop before all work was taken.
package func concurrentMap<State, Result: Sendable>(
  count: Int, workers: Int, load: WorkerLoad? = nil,
  makeState: @escaping @Sendable () throws -> State,
  body: @escaping @Sendable (Int, inout State) throws -> Result
) throws -> [Result] {
  let queue = WorkQueue<Result>(count: count)
  let group = DispatchGroup()
  let threads = max(1, min(workers, count))
  load?.begin(threads)
  for _ in 0..<threads {
    group.enter()
    let thread = Thread {
      defer {
        load?.endOne()
        group.leave()
      }
      guard var state = queue.attempt(index: count, { try makeState() }) else { return }
      while let index = queue.take() {
        guard let result = queue.attempt(index: index, { try body(index, &state) }) else { return }
        queue.store(result, at: index)
      }
    }
    thread.stackSize = 16 << 20
    thread.start()
  }
  group.wait()
  return try queue.finish()
}

/// How many workers are busy, and how many threads each may use.
package final class WorkerLoad: Sendable {
  private let workers: Int
  private let busy = Mutex(0)

  /// `workers`: threads there are in all.
  package init(workers: Int) {
    self.workers = workers
  }

  fileprivate func begin(_ count: Int) {
    busy.withLock { $0 = count }
  }

  fileprivate func endOne() {
    busy.withLock { $0 -= 1 }
  }

  /// Threads for one busy worker: the idle ones are shared out.
  package var threadsPerWorker: Int {
    busy.withLock { max(1, workers / max(1, $0)) }
  }
}

/// What the workers share.
private final class WorkQueue<Result: Sendable>: Sendable {
  private struct State {
    var next = 0
    var results: [Int: Result] = [:]
    var failure: (index: Int, error: any Error)?
  }

  private let count: Int
  private let state = Mutex(State())

  init(count: Int) {
    self.count = count
  }

  func take() -> Int? {
    state.withLock { state in
      guard state.next < count, state.failure == nil, !Interruption.isRequested else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func store(_ result: Result, at index: Int) {
    state.withLock { $0.results[index] = result }
  }

  /// Runs `body` and keeps its error when it is the one with the lowest index.
  func attempt<Value>(index: Int, _ body: () throws -> Value) -> Value? {
    do {
      return try body()
    } catch {
      state.withLock { state in
        if index < state.failure?.index ?? .max { state.failure = (index, error) }
      }
      return nil
    }
  }

  func finish() throws -> [Result] {
    try state.withLock { state in
      if let failure = state.failure { throw failure.error }
      guard state.results.count == count else { throw SharedWorkError.interrupted }
      return (0..<count).compactMap { state.results[$0] }
    }
  }
}
