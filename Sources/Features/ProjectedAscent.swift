/// Maximises a function within an L2 ball and 0...1, by steps along its normalised gradient that are halved
/// where they no longer help (APGD).
///
/// Croce and Hein, "Reliable evaluation of adversarial robustness" (2020), algorithm 1, with the published
/// code's projection: onto the ball, then into 0...1. The first check compares with the start, which the
/// published code does not.
package struct ProjectedAscent: Equatable, Sendable {
  /// The centre of the ball and where the search starts, each in 0...1.
  package let centre: [Double]
  package let radius: Double
  package let iterations: Int

  private var x: [Double]
  private var previous: [Double]
  private var gradient: [Double]
  private var step: Double
  /// Of each iterate, the start first, before any return to the best.
  package private(set) var objectives: [Double]
  /// The iterate of the largest objective so far, with that and its number.
  package private(set) var best: [Double]
  package private(set) var bestObjective: Double
  package private(set) var bestIteration = 0
  private var gradientOfBest: [Double]
  /// Iterations after which the step was halved.
  package private(set) var halvings: [Int] = []

  private var period: Int
  private var nextCheck: Int
  private var increases = 0
  private var halvedLast = true
  private var bestAtLastCheck: Double

  /// A value and its gradient.
  package typealias Point = (objective: Double, gradient: [Double])

  /// `start`: the function at the centre.
  package init(centre: [Double], radius: Double, iterations: Int, start: Point) {
    precondition(radius > 0 && iterations > 0, "radius \(radius), \(iterations) iterations")
    self.centre = centre
    self.radius = radius
    self.iterations = iterations
    (x, previous, best) = (centre, centre, centre)
    (gradient, gradientOfBest) = (start.gradient, start.gradient)
    (objectives, bestObjective, bestAtLastCheck) = (
      [start.objective], start.objective, start.objective
    )
    step = 2 * radius
    period = max(1, Int(0.22 * Double(iterations)))
    nextCheck = period
  }

  /// Iterations done.
  package var iteration: Int { objectives.count - 1 }
  package var isDone: Bool { iteration == iterations }

  /// Where the function is to be asked next.
  package var candidate: [Double] {
    let length = ProjectedAscent.norm(gradient) + 1e-12
    let z = projected(zip(x, gradient).map { $0 + step * $1 / length })
    let a = iteration == 0 ? 1 : 0.75
    return projected(
      x.indices.map { x[$0] + a * (z[$0] - x[$0]) + (1 - a) * (x[$0] - previous[$0]) })
  }

  /// Goes to `candidate`.
  ///
  /// `point`: the function there.
  package mutating func advance(to candidate: [Double], _ point: Point) {
    (previous, x, gradient) = (x, candidate, point.gradient)
    if point.objective > objectives[iteration] { increases += 1 }
    objectives.append(point.objective)
    if point.objective > bestObjective {
      (best, bestObjective, bestIteration) = (x, point.objective, iteration)
      gradientOfBest = gradient
    }
    if iteration == nextCheck { check() }
  }

  private mutating func check() {
    let grewTooSeldom = Double(increases) <= 0.75 * Double(period)
    let stands = !halvedLast && bestObjective <= bestAtLastCheck
    if grewTooSeldom || stands {
      step /= 2
      (x, gradient) = (best, gradientOfBest)
      halvings.append(iteration)
    }
    halvedLast = grewTooSeldom || stands
    bestAtLastCheck = bestObjective
    increases = 0
    let fewer = max(1, Int(0.03 * Double(iterations)))
    let fewest = max(1, Int(0.06 * Double(iterations)))
    period = max(period - fewer, fewest)
    nextCheck += period
  }

  /// Onto the ball, then into 0...1.
  private func projected(_ z: [Double]) -> [Double] {
    let difference = zip(z, centre).map { $0 - $1 }
    let length = ProjectedAscent.norm(difference)
    let scale = min(length, radius) / (length + 1e-12)
    return zip(centre, difference).map { min(max($0 + scale * $1, 0), 1) }
  }

  private static func norm(_ v: [Double]) -> Double {
    v.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
