import Foundation
import Synchronization

/// Student's *t* distribution.
package enum StudentT {
  /// P(T ≤ `t`).
  package static func cumulative(_ t: Double, degreesOfFreedom v: Double) -> Double {
    let tail = 0.5 * incompleteBeta(v / (v + t * t), v / 2, 0.5)
    return t >= 0 ? 1 - tail : tail
  }

  private struct Question: Hashable {
    let probability: Double
    let degreesOfFreedom: Double
  }

  private static let known = Mutex<[Question: Double]>([:])

  /// The *t* with P(T ≤ *t*) = `probability`, to about 1e-12.
  ///
  /// Remembered: an audit asks for few of them, often.
  package static func quantile(_ probability: Double, degreesOfFreedom v: Double) -> Double {
    let question = Question(probability: probability, degreesOfFreedom: v)
    if let answer = known.withLock({ $0[question] }) { return answer }
    let answer = computedQuantile(probability, degreesOfFreedom: v)
    known.withLock { $0[question] = answer }
    return answer
  }

  private static func computedQuantile(_ probability: Double, degreesOfFreedom v: Double) -> Double
  {
    precondition(probability > 0 && probability < 1, "probability \(probability)")
    if probability < 0.5 { return -computedQuantile(1 - probability, degreesOfFreedom: v) }
    var low = 0.0
    var high = 1.0
    while cumulative(high, degreesOfFreedom: v) < probability, high < 1e12 { high *= 2 }
    for _ in 0..<200 where high - low > 1e-13 * high {
      let middle = (low + high) / 2
      if cumulative(middle, degreesOfFreedom: v) < probability {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }

  /// The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz).
  private static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let logBeta: Double = lgamma(a) + lgamma(b) - lgamma(a + b)
    let front = exp(a * log(x) + b * log(1 - x) - logBeta)
    var c = 1.0
    var d = 1 / nonZero(1 - (a + b) * x / (a + 1))
    var result = d
    for m in 1...500 {
      let m = Double(m)
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / nonZero(1 + even * d)
      c = nonZero(1 + even / c)
      result *= d * c
      let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      d = 1 / nonZero(1 + odd * d)
      c = nonZero(1 + odd / c)
      let change = d * c
      result *= change
      if abs(change - 1) < 1e-15 { break }
    }
    return front * result / a
  }

  private static func nonZero(_ x: Double) -> Double {
    abs(x) < 1e-300 ? 1e-300 : x
  }
}
