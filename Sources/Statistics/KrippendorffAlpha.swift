/// Krippendorff's α: how far people who named the same things agree beyond what chance gives, for names
/// without an order.
///
/// 1 for full agreement, 0 for what chance gives. Krippendorff, "Computing Krippendorff's alpha-reliability"
/// (2011), section C: any number of people, names may be missing.
///
/// `units`: by thing, the names it was given; those with fewer than two count nothing.
///
/// Returns nil where nothing was named twice, or where only one name was ever given, so that chance gives
/// nothing else.
package func krippendorffAlpha<Name: Hashable>(_ units: [[Name]]) -> Double? {
  let paired = units.filter { $0.count > 1 }
  var totals: [Name: Double] = [:]
  var disagreement = 0.0
  for unit in paired {
    let counts = unit.reduce(into: [Name: Double]()) { $0[$1, default: 0] += 1 }
    let n = Double(unit.count)
    for (name, count) in counts {
      totals[name, default: 0] += count
      disagreement += count * (n - count) / (n - 1)
    }
  }
  let all = totals.values.reduce(0, +)
  let expected = totals.values.reduce(0) { $0 + $1 * (all - $1) }
  guard expected > 0 else { return nil }
  return 1 - (all - 1) * disagreement / expected
}
