import Foundation

extension Double {
  func power(_ exponent: Double) -> Double { pow(self, exponent) }
}

/// Round numbers that cover a range in about `count` steps of 1, 2, 2.5 or 5 times a power of ten.
func roundTicks(_ range: ClosedRange<Double>, count: Int) -> [Axis.Tick] {
  let span = range.upperBound - range.lowerBound
  guard span > 0, span.isFinite else {
    return [Axis.Tick(range.lowerBound, short(range.lowerBound, 2))]
  }
  let raw = span / Double(max(count, 1))
  let magnitude = 10.0.power(floor(log10(raw)))
  let step = ([1, 2, 2.5, 5, 10].first { $0 * magnitude >= raw * 0.999 } ?? 10) * magnitude
  let decimals = max(0, Int(ceil(-log10(step) - 1e-9)) + (step / magnitude == 2.5 ? 1 : 0))
  let first = (range.lowerBound / step - 1e-9).rounded(.up)
  let last = (range.upperBound / step + 1e-9).rounded(.down)
  guard last >= first else { return [] }
  return stride(from: first, through: last, by: 1).map {
    Axis.Tick($0 * step, short($0 * step, decimals))
  }
}

/// A number with a true minus sign and a fixed number of decimals.
func short(_ value: Double, _ decimals: Int) -> String {
  let text = String(format: "%.\(decimals)f", abs(value) < 1e-12 ? 0 : value)
  return text.replacing("-", with: "−")
}
