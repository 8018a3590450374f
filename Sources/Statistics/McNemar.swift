import Foundation

/// The exact McNemar test: whether as many decisions were lost as gained.
///
/// McNemar (1947); two-sided, by the binomial distribution.
///
/// `lost` and `gained`: images that were right in one run only.
///
/// Returns the probability of a split at least as uneven if both were equally likely; 1 when nothing
/// changed.
package func mcNemar(lost: Int, gained: Int) -> Double {
  let n = lost + gained
  guard n > 0 else { return 1 }
  let tail = (0...min(lost, gained)).reduce(0.0) { sum, k in
    let choose = lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1))
    return sum + exp(choose - Double(n) * log(2))
  }
  return min(1, 2 * tail)
}
