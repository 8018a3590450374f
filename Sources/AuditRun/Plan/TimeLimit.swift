import SharedWork

/// When an audit is to be over, its report included (`--time`).
package struct TimeLimit: Sendable {
  package let end: ContinuousClock.Instant
  package let seconds: Double
  /// What was typed, such as "10m".
  package let text: String

  /// `start`: when the program started.
  package init(_ seconds: Double, from start: ContinuousClock.Instant, text: String) {
    end = start + .seconds(seconds)
    self.seconds = seconds
    self.text = text
  }

  /// What writing a report takes, in seconds: a constant, and a part of the limit for what is not foreseen.
  private var report: Double { 4 + 0.02 * seconds }

  /// The most images of the random-subset baseline: what a tenth of the time allows.
  ///
  /// `passes`: per image.
  func mostRandomImages(passes: Int, secondsPerPass: Double) -> Int {
    max(1, min(2000, Int(0.1 * seconds / max(secondsPerPass * Double(passes), 1e-9))))
  }

  /// Tells when searches are over, so that what follows them still fits.
  var clock: SearchClock { SearchClock(end: end - .seconds(report)) }
}

/// Tells when searches are over.
struct SearchClock: Sendable {
  private let start = ContinuousClock.now
  private let end: ContinuousClock.Instant

  init(end: ContinuousClock.Instant) {
    self.end = end
  }

  var isOver: Bool { .now >= end }

  /// The share of the time that has passed.
  var share: Double {
    let (whole, passed) = (start.duration(to: end), start.duration(to: .now))
    return whole <= .zero ? 1 : min(1, passed / whole)
  }
}

extension AuditRunner {
  /// The same, with searches that stop when a clock says so as they do on request.
  func ending(by clock: SearchClock?) -> AuditRunner {
    guard let clock else { return self }
    var runner = self
    runner.willRun = { [willRun] in
      try willRun()
      if clock.isOver { throw SharedWorkError.interrupted }
    }
    return runner
  }
}
