import Dispatch
import Synchronization

/// Something that is done every now and then, on another thread, until it is ended.
final class Beat: Sendable {
  private let isOver = Atomic(false)

  /// `seconds`: between two times, the first one among them.
  init(every seconds: Double, _ body: @escaping @Sendable () -> Void) {
    schedule(seconds, body)
  }

  deinit { end() }

  func end() { isOver.store(true, ordering: .relaxed) }

  private func schedule(_ seconds: Double, _ body: @escaping @Sendable () -> Void) {
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self] in
      guard let self, !self.isOver.load(ordering: .relaxed) else { return }
      body()
      self.schedule(seconds, body)
    }
  }
}
