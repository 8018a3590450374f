/// In which order the steps of a program run, forward and backward.
///
/// A gradient reads what the forward pass left. Above a limit of memory the steps are divided into
/// segments: what is made and read inside one is made again from what it read when its turn to be
/// differentiated comes, so that the results of one segment, and those between segments, are all that
/// exists at once. *Training Deep Nets with Sublinear Memory Cost*, Chen et al. (2016).
struct Schedule: Equatable {
  enum Run: Equatable {
    case forward(Int)
    case backward(Int)
  }

  struct Tick: Equatable {
    let run: Run
    /// 0 for the forward pass; every segment that is made again has a number of its own.
    let pass: Int
  }

  private(set) var ticks: [Tick]
  /// Ticks of the forward pass, which come first.
  let forwardCount: Int

  /// The forward pass alone.
  init(steps: Int) {
    ticks = (0..<steps).map { Tick(run: .forward($0), pass: 0) }
    forwardCount = steps
  }

  /// Forward, then backward through segments of steps, the last one first.
  ///
  /// `segments`: consecutive ranges that cover all steps.
  init(differentiating segments: [Range<Int>]) {
    self.init(steps: segments.last?.upperBound ?? 0)
    for (pass, segment) in segments.reversed().enumerated() {
      // The last segment's results are still there.
      if pass > 0 { ticks += segment.map { Tick(run: .forward($0), pass: pass) } }
      ticks += segment.reversed().map { Tick(run: .backward($0), pass: pass) }
    }
  }

  /// Cuts steps into segments whose results take about the same memory.
  ///
  /// `bytes`: of each step's results.
  static func segments(_ count: Int, bytes: [Int]) -> [Range<Int>] {
    let total = bytes.reduce(0, +)
    var segments: [Range<Int>] = []
    var (start, sum) = (0, 0)
    for step in bytes.indices {
      sum += bytes[step]
      if sum * count >= total * (segments.count + 1), segments.count < count - 1 {
        segments.append(start..<step + 1)
        start = step + 1
      }
    }
    if start < bytes.count || segments.isEmpty { segments.append(start..<bytes.count) }
    return segments
  }
}
