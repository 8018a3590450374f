import Statistics

/// Records of one model in both runs, over the shared audited images.
struct PairedRecords {
  private struct Pair {
    let current: AuditedImage
    let baseline: AuditedImage
    let unit: SampleUnit
    /// Of the whole records.
    let pixels: PixelComparison?

    var now: ImageSummary { current.record }
    var then: ImageSummary { baseline.record }
    var isFlip: Bool { now.predictedClass != then.predictedClass }
  }

  private let pairs: [Pair]
  private let thresholdsInBoth: [Double]
  private let pixelCount: Double

  init(
    _ current: AuditResults, _ baseline: AuditResults, currentModel: Int, baselineModel: Int,
    joint: JointSample?
  ) {
    let thresholds = current.thresholds.filter { baseline.thresholds.contains($0) }
    pairs = (joint?.positions ?? []).map { position, unit in
      Pair(
        current: AuditedImage(
          results: current, model: currentModel, position: position.current, threshold: nil),
        baseline: AuditedImage(
          results: baseline, model: baselineModel, position: position.baseline, threshold: nil),
        unit: unit,
        pixels: PixelComparison(
          current.record(currentModel, position.current),
          baseline.record(baselineModel, position.baseline), thresholds))
    }
    thresholdsInBoth = thresholds
    pixelCount = Double(current.plan.pixelCount)
  }

  /// Of every metric that says what an audited image counts in it.
  var changes: [Comparison.MetricChange] {
    Metric.all.flatMap { metric -> [Comparison.MetricChange] in
      guard case .auditedImages(let count)? = metric.pairing else { return [] }
      let thresholds = metric.hasThresholds ? thresholdsInBoth.map(Optional.some) : [nil]
      return thresholds.compactMap { threshold in
        change(of: count, threshold).map {
          Comparison.MetricChange(metric: metric.name, threshold: threshold, change: $0)
        }
      }
    }
  }

  private func change(
    of count: (AuditedImage) -> Double?, _ threshold: Double?
  ) -> MeanEstimate? {
    MeanEstimate(
      differencesOf: pairs.compactMap { pair in
        guard let now = count(pair.current.at(threshold)),
          let then = count(pair.baseline.at(threshold))
        else { return nil }
        return (now, then, pair.unit)
      })
  }

  var thresholds: [Comparison.ThresholdValue] {
    thresholdsInBoth.enumerated().map { index, threshold in
      var sizes: [(first: Double, second: Double, unit: SampleUnit)] = []
      var overlaps: [(Double, SampleUnit)] = []
      var chances: [(Double, SampleUnit)] = []
      for pair in pairs {
        guard let now = pair.now.sisSize(threshold), let then = pair.then.sisSize(threshold) else {
          continue
        }
        let (a, b) = (Double(now), Double(then))
        sizes.append((a / pixelCount, b / pixelCount, pair.unit))
        // Two empty subsets have no overlap to speak of.
        guard now + then > 0, let both = pair.pixels?.common[index].map(Double.init) else {
          continue
        }
        overlaps.append((both / (a + b - both), pair.unit))
        let expected = a * b / pixelCount
        chances.append((expected / (a + b - expected), pair.unit))
      }
      return Comparison.ThresholdValue(
        threshold: threshold, n: sizes.count, change: MeanEstimate(differencesOf: sizes),
        current: MeanEstimate(shares: sizes.map { ($0.first, $0.unit) })?.mean,
        baseline: MeanEstimate(shares: sizes.map { ($0.second, $0.unit) })?.mean,
        overlap: MeanEstimate(shares: overlaps),
        overlapByChance: MeanEstimate(shares: chances)?.mean)
    }
  }

  /// Other classes first, then the largest changes of size at the highest τ that most images reach.
  func changedMost(_ count: Int) -> [Comparison.ChangedImage] {
    guard let threshold = thresholdToShow else { return [] }
    func change(_ pair: Pair) -> Int {
      abs((pair.now.sisSize(threshold) ?? 0) - (pair.then.sisSize(threshold) ?? 0))
    }
    let ordered = pairs.filter { $0.isFlip || $0.pixels?.isOtherOrder ?? false }.sorted {
      if $0.isFlip != $1.isFlip { return $0.isFlip }
      let (a, b) = (change($0), change($1))
      return a == b ? $0.now.image < $1.now.image : a > b
    }
    // Half of them other classes, when both kinds exist.
    let flips = ordered.filter(\.isFlip)
    let others = ordered.filter { !$0.isFlip }
    let flipCount = min(flips.count, max(count / 2, count - others.count))
    return (flips.prefix(flipCount) + others.prefix(count - flipCount)).compactMap {
      changedImage($0, threshold)
    }
  }

  /// Nil where a whole record is gone.
  private func changedImage(_ pair: Pair, _ threshold: Double) -> Comparison.ChangedImage? {
    func whole(_ image: AuditedImage) -> ImageRecord? {
      image.results.record(image.model, image.position)
    }
    func side(_ record: ImageRecord) -> Comparison.ChangedImage.Side {
      Comparison.ChangedImage.Side(
        predicted: record.predictedClass, confidence: record.confidence,
        pixels: record.sufficientInputSubset(threshold))
    }
    guard let now = whole(pair.current), let then = whole(pair.baseline) else { return nil }
    return Comparison.ChangedImage(
      image: now.identifier, label: now.label, threshold: threshold, height: now.height,
      width: now.width, channels: now.channels, display: now.display, current: side(now),
      baseline: side(then))
  }

  private var thresholdToShow: Double? {
    thresholdsInBoth.last { threshold in
      let reaching = pairs.count {
        $0.now.sisSize(threshold) != nil && $0.then.sisSize(threshold) != nil
      }
      return reaching * 2 >= pairs.count
    } ?? thresholdsInBoth.first
  }
}

/// What two whole records of one image have in common.
private struct PixelComparison {
  /// Pixels in both subsets, by threshold; nil where one has none.
  let common: [Int?]
  let isOtherOrder: Bool

  /// Nil where a record is gone.
  init?(_ now: ImageRecord?, _ then: ImageRecord?, _ thresholds: [Double]) {
    guard let now, let then else { return nil }
    common = thresholds.map { threshold in
      guard let one = now.sufficientInputSubset(threshold),
        let other = then.sufficientInputSubset(threshold)
      else { return nil }
      return Set(one).intersection(other).count
    }
    isOtherOrder = now.order != then.order
  }
}
