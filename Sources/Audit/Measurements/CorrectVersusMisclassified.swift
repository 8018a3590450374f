import Foundation
import Reports
import Statistics

/// SIS size of correctly classified against misclassified images (Figures 4 and S3):
/// 100 · (mean_correct − mean_wrong) / mean_wrong at each τ with Fieller's 95% interval, and the
/// difference itself; the same on pairs of equal confidence; and the AUROC of SIS size as a predictor
/// of correctness.
package enum CorrectVersusMisclassified: Measurement {
  package static let key = "correct_vs_misclassified"
  package static let title = "Do errors rest on fewer pixels?"
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "increase", .interval(.percent), per: .threshold,
      "percentage by which SIS of correct images are larger than of misclassified ones",
      metric: .field,
      plain: PlainName(
        "Extra pixels needed when right, against when wrong",
        "High: errors rest on far fewer pixels, so on patterns and not on objects. Near 0: size does not tell errors."
      ), isMain: true, isNullable: true, hasReason: true),
    MeasuredField(
      "matched", .estimate(.signed), per: .threshold,
      "the difference over pairs of equal confidence",
      metric: .field,
      plain: PlainName(
        "Pixels needed when right minus when wrong, equally confident",
        "High: errors rest on fewer pixels even at equal confidence. Near 0: no difference."),
      isNullable: true),
    MeasuredField(
      "auroc", .interval(.plain), per: .threshold,
      "AUROC of SIS size as a predictor of correctness",
      metric: .field,
      plain: PlainName(
        "How well pixels needed tell right from wrong",
        "1: always. 0.5: as well as chance."), isNullable: true),
    MeasuredField(
      "correct", .estimate(.fraction), per: .threshold, "mean SIS size of correct images",
      isNullable: true),
    MeasuredField(
      "wrong", .estimate(.fraction), per: .threshold, "mean SIS size of misclassified images",
      isNullable: true),
    MeasuredField(
      "difference", .interval(.signed), per: .threshold, "mean of correct minus mean of wrong",
      isNullable: true),
  ]

  package typealias Value = ThresholdCurves<ThresholdValue>
  package typealias ModelValue = Value.ModelCurve

  package struct ThresholdValue: Codable, Equatable, Sendable {
    package let threshold: Double
    @OrNull package var correct: MeanEstimate?
    @OrNull package var wrong: MeanEstimate?
    /// Percentage by which correct images' SIS are larger.
    @OrNull package var increase: Double?
    @OrNull package var increaseLow: Double?
    @OrNull package var increaseHigh: Double?
    /// Why there is no such percentage.
    @OrNull package var increaseReason: String?
    /// Mean of correct minus mean of wrong, fractions of the image.
    @OrNull package var difference: Double?
    @OrNull package var differenceLow: Double?
    @OrNull package var differenceHigh: Double?
    /// Correct minus wrong as fractions of the image, over pairs of nearest log-odds; the interval
    /// counts the pairs of one correct image as one.
    @OrNull package var matched: MeanEstimate?
    /// That a correct image has the larger SIS than a wrong one; 0.5 is chance.
    @OrNull package var areaUnderROC: Double?
    /// Weighted by strata, from DeLong's placements.
    @OrNull package var areaLow: Double?
    @OrNull package var areaHigh: Double?

    package enum CodingKeys: String, CodingKey {
      case threshold, correct, wrong, increase, difference, matched
      case increaseLow = "increase_low"
      case increaseHigh = "increase_high"
      case increaseReason = "increase_reason"
      case differenceLow = "difference_low"
      case differenceHigh = "difference_high"
      case areaUnderROC = "auroc"
      case areaLow = "auroc_low"
      case areaHigh = "auroc_high"
    }
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    let models = results.models.indices.map { model in
      ModelValue(
        model: results.models[model].name,
        thresholds: results.thresholds.map { threshold in
          compare(results, model, threshold)
        })
    }
    guard models.contains(where: { $0.thresholds.contains { $0.difference != nil } }) else {
      return .notRun(
        "no model has \(MeanEstimate.fewest) correct and \(MeanEstimate.fewest) misclassified audited "
          + "images that reach a threshold; audit more images (--limit)")
    }
    return .measured(Value(models: models))
  }

  private static func compare(
    _ results: AuditResults, _ model: Int, _ threshold: Double
  ) -> ThresholdValue {
    let sized = results.records[model].enumerated().compactMap { position, record in
      record.sisSize(threshold).map { (record, results.fraction($0), results.unit(position)) }
    }
    let correct = sized.filter(\.0.isCorrect)
    let wrong = sized.filter { !$0.0.isCorrect }
    func weighted(_ group: [(ImageSummary, Double, SampleUnit)]) -> [(Double, SampleUnit)] {
      group.map { ($0.1, $0.2) }
    }
    let difference = MeanDifference(shares: weighted(correct), minus: weighted(wrong))
    let ratio = RatioEstimate(weighted(correct), over: weighted(wrong))
    let controls = NearestInOrder(correct.map { logOdds($0.0) })
    let pairs = wrong.compactMap { member -> (difference: Double, control: Int)? in
      controls.nearest(to: logOdds(member.0)).map {
        (correct[$0].1 - member.1, correct[$0].0.image)
      }
    }
    let area = AreaEstimate(positives: weighted(correct), negatives: weighted(wrong))
    return ThresholdValue(
      threshold: threshold, correct: MeanEstimate(shares: weighted(correct)),
      wrong: MeanEstimate(shares: weighted(wrong)),
      increase: ratio.map { 100 * ($0.ratio - 1) },
      // Sizes are not negative.
      increaseLow: ratio.map { max(-100, 100 * ($0.low - 1)) },
      increaseHigh: ratio.map { 100 * ($0.high - 1) },
      increaseReason: ratio == nil ? reasonAgainstRatio(correct.count, wrong.count) : nil,
      difference: difference?.difference, differenceLow: difference?.low,
      differenceHigh: difference?.high, matched: MeanEstimate(pairs: pairs),
      areaUnderROC: area?.area, areaLow: area?.low, areaHigh: area?.high)
  }

  private static func reasonAgainstRatio(_ correct: Int, _ wrong: Int) -> String {
    min(correct, wrong) < RatioEstimate.fewest
      ? "fewer than \(RatioEstimate.fewest) right or wrong images are that sure; audit more (--limit)"
      : "the \(levelText) interval of the mean of misclassified images includes 0, or all sizes of a group are alike"
  }

  private static func logOdds(_ record: ImageSummary) -> Double {
    let confidence = min(max(record.confidence, 1e-9), 1 - 1e-9)
    return log(confidence / (1 - confidence))
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let distributions = distributions(value, results)
    let increases = value.models.flatMap(\.thresholds).contains(where: \.isTelling)
    return [
      .finding(finding(value)), .figure(distributions),
      .details(
        notes: [distributions.note],
        (increases ? [.figure(figure(value, results))] : []) + [.table(table(value))]),
    ]
  }

  /// Fewer misclassified images than this are not put into words.
  private static let fewestForWords = 5

  /// The threshold with the most misclassified images that some model has.
  private static func mostWrong(_ thresholds: [ThresholdValue]) -> ThresholdValue? {
    thresholds.max { ($0.wrong?.n ?? 0, $0.threshold) < ($1.wrong?.n ?? 0, $1.threshold) }
  }

  private static func finding(_ value: Value) -> Finding {
    let sentences = value.models.compactMap { model -> String? in
      guard let best = mostWrong(model.thresholds), let wrong = best.wrong,
        let correct = best.correct
      else { return nil }
      guard wrong.n >= fewestForWords else {
        return "\(model.model) has too few misclassified images to compare (n = \(wrong.n))"
      }
      let isCertain = (best.differenceLow ?? 0) > 0 || (best.differenceHigh ?? 0) < 0
      return
        "\(model.model) \(percent(correct.mean)) when right, \(percent(wrong.mean)) when wrong "
        + "(n = \(correct.n) and \(wrong.n)\(isCertain ? "" : "; may be chance"))"
    }
    return Finding(
      .neutral,
      "Pixels needed, in the mean: "
        + (sentences.count > 4 ? briefly(sentences) : sentences.joined(separator: "; ")) + ".")
  }

  private static func increaseText(_ value: ThresholdValue) -> String {
    guard value.isTelling, let increase = value.increase, let low = value.increaseLow,
      let high = value.increaseHigh
    else { return "–" }
    return number(increase, decimals: 0) + "% [\(number(low, decimals: 0)), "
      + number(high, decimals: 0) + "]"
  }

  private static func table(_ value: Value) -> Table {
    func mean(_ estimate: MeanEstimate?) -> String {
      estimate.map { "\(percent($0.mean)) (n = \($0.n))" } ?? "–"
    }
    func difference(_ value: ThresholdValue) -> String {
      value.difference.map {
        pointsText(
          MeanEstimate(
            n: 0, mean: $0, std: nil, low: value.differenceLow, high: value.differenceHigh))
      } ?? "–"
    }
    func area(_ value: ThresholdValue) -> String {
      guard let area = value.areaUnderROC else { return "–" }
      let text = number(area, decimals: 2)
      guard let low = value.areaLow, let high = value.areaHigh else { return text }
      return text + " [\(number(low, decimals: 2)), \(number(high, decimals: 2))]"
    }
    return Table(
      name: key,
      caption:
        "Increase: of the weighted mean, percent, \(levelText) interval by Fieller; – where a group has fewer "
        + "than \(RatioEstimate.fewest) images or the interval is wider than \(Int(widestTelling)) points. Difference: points of the image, \(levelText) interval of both means’ Wilson intervals put together "
        + "(MOVER). Matched: each misclassified image against the correct one of nearest log-odds, points; "
        + "\(levelText) interval by Student’s t, all pairs of one correct image counting as one; none for too few "
        + "correct images. AUROC: chance that a correct image has the larger SIS, weighted by strata; \(levelText) "
        + "interval by DeLong’s variance in Wilson’s form, none for groups of fewer than "
        + "\(AreaEstimate.fewest).",
      columns: [
        Table.Column("Model"), Table.Column("τ", numeric: true),
        Table.Column("Correct", numeric: true), Table.Column("Misclassified", numeric: true),
        Table.Column("Increase", numeric: true), Table.Column("Difference", numeric: true),
        Table.Column("Matched", numeric: true),
        Table.Column("AUROC", numeric: true),
      ],
      rows: value.models.flatMap { model in
        model.thresholds.map { value in
          [
            Table.Cell(model.model), Table.Cell(thresholdText(value.threshold)),
            Table.Cell(mean(value.correct)), Table.Cell(mean(value.wrong)),
            Table.Cell(increaseText(value)),
            Table.Cell(difference(value)), Table.Cell(value.matched.map(pointsText) ?? "–"),
            Table.Cell(area(value)),
          ]
        }
      })
  }
}

/// Finds of some numbers the nearest to another; of several equally near ones the first.
private struct NearestInOrder {
  private let sorted: [(value: Double, place: Int)]

  init(_ values: [Double]) {
    sorted = values.enumerated().map { (value: $1, place: $0) }
      .sorted { ($0.value, $0.place) < ($1.value, $1.place) }
  }

  /// Its place among the numbers; nil where there is none.
  ///
  /// - Complexity: O(log *n*).
  func nearest(to target: Double) -> Int? {
    let above = first(from: target)
    let right = above < sorted.count ? sorted[above] : nil
    // The first of those that equal the largest below.
    let left = above > 0 ? sorted[first(from: sorted[above - 1].value)] : nil
    guard let left, let right else { return (left ?? right)?.place }
    let (below, beyond) = (abs(left.value - target), abs(right.value - target))
    return below == beyond
      ? min(left.place, right.place) : below < beyond ? left.place : right.place
  }

  /// The first that is not below a value.
  private func first(from value: Double) -> Int { sorted.partition { $0.value >= value } }
}
