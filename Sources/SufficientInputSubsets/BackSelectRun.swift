/// One masking of a BackSelect.
public struct BackSelectStep: Codable, Equatable, Sendable {
  /// The pixel that was masked.
  public let pixel: Int
  /// What the model says once `pixel` is masked, or nil where the method does not evaluate it:
  /// gradient BackSelect knows it only at the end of a block.
  public internal(set) var after: Evaluation?

  /// Creates a step.
  public init(pixel: Int, after: Evaluation?) {
    self.pixel = pixel
    self.after = after
  }

  /// Confidence once `pixel` is masked.
  public var confidenceAfter: Double? { after?.confidence }
}

/// What it took to find an order.
public struct BackSelectCost: Codable, Equatable, Sendable {
  /// Forward passes of one image.
  public var evaluations = 0
  /// Forward and backward passes of one image.
  public var gradients = 0
  /// Choices made, each of one pixel or more.
  public var steps = 0
  /// Steps in which the best candidate left out scored as much as the last one masked, as far as
  /// scores can be told apart, so that row-major position decided and not the model.
  public var tiedSteps = 0

  /// No cost.
  public init() {}

  /// Adds a cost.
  public static func += (sum: inout BackSelectCost, cost: BackSelectCost) {
    sum.evaluations += cost.evaluations
    sum.gradients += cost.gradients
    sum.steps += cost.steps
    sum.tiedSteps += cost.tiedSteps
  }
}

/// A BackSelect order with the model's answer along it.
public struct BackSelectRun: Codable, Equatable, Sendable {
  /// Pixels visible before the first step.
  public let start: PixelSet
  /// What the model says of `start`.
  public let initial: Evaluation
  /// One step per pixel of `start`, first masked first.
  public internal(set) var steps: [BackSelectStep]
  /// Sufficient subsets that are smaller than those the order ends in, at most one per criterion; only
  /// *floating* BackSelect, which shows pixels again, meets any.
  public internal(set) var visited: [VisitedSubset]
  /// What it took.
  public var cost: BackSelectCost

  /// Creates a run.
  public init(
    start: PixelSet, initial: Evaluation, steps: [BackSelectStep],
    visited: [VisitedSubset] = [], cost: BackSelectCost
  ) {
    self.start = start
    self.initial = initial
    self.steps = steps
    self.visited = visited
    self.cost = cost
  }

  /// Pixels in the order they were masked, first masked first.
  public var order: [Int] { steps.map(\.pixel) }

  /// What the model says with the last *m* pixels of the order visible, for *m* in 0...*p*; nil where
  /// it was not evaluated.
  public var curve: [Evaluation?] {
    steps.reversed().map(\.after) + [initial]
  }

  /// The last `count` pixels of the order: a subset of that size, most needed pixel last.
  public func subset(ofSize count: Int) -> [Int] {
    steps.suffix(count).map(\.pixel)
  }
}
