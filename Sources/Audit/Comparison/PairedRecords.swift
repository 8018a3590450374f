import Statistics

/// Records of one model in both runs, over the shared audited images.
struct PairedRecords {
  private struct Pair {
    let current: AuditedImage
    let baseline: AuditedImage
    let unit: SampleUnit

    var now: ImageRecord { current.record }
    var then: ImageRecord { baseline.record }
  }

  private let pairs: [Pair]
  private let thresholdsInBoth: [Double]
  private let pixelCount: Double

  init(
    _ current: AuditResults, _ baseline: AuditResults, currentModel: Int, baselineModel: Int,
    joint: JointSample?
  ) {
    pairs = (joint?.positions ?? []).map { position, unit in
      Pair(
        current: AuditedImage(
          results: current, model: currentModel, position: position.current, threshold: nil),
        baseline: AuditedImage(
          results: baseline, model: baselineModel, position: position.baseline, threshold: nil),
        unit: unit)
    }
    thresholdsInBoth = current.thresholds.filter { baseline.thresholds.contains($0) }
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
    thresholdsInBoth.map { threshold in
      var sizes: [(first: Double, second: Double, unit: SampleUnit)] = []
      var overlaps: [(Double, SampleUnit)] = []
      var chances: [(Double, SampleUnit)] = []
      for pair in pairs {
        guard let now = pair.now.sufficientInputSubset(threshold),
          let then = pair.then.sufficientInputSubset(threshold)
        else { continue }
        let (a, b) = (Double(now.count), Double(then.count))
        sizes.append((a / pixelCount, b / pixelCount, pair.unit))
        // Two empty subsets have no overlap to speak of.
        guard !now.isEmpty || !then.isEmpty else { continue }
        let both = Double(Set(now).intersection(then).count)
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
    func isFlip(_ pair: Pair) -> Bool { pair.now.predictedClass != pair.then.predictedClass }
    let ordered = pairs.filter { isFlip($0) || $0.now.order != $0.then.order }.sorted {
      if isFlip($0) != isFlip($1) { return isFlip($0) }
      let (a, b) = (change($0), change($1))
      return a == b ? $0.now.image < $1.now.image : a > b
    }
    // Half of them other classes, when both kinds exist.
    let flips = ordered.filter(isFlip)
    let others = ordered.filter { !isFlip($0) }
    let flipCount = min(flips.count, max(count / 2, count - others.count))
    return (flips.prefix(flipCount) + others.prefix(count - flipCount)).map { pair in
      func side(_ record: ImageRecord) -> Comparison.ChangedImage.Side {
        Comparison.ChangedImage.Side(
          predicted: record.predictedClass, confidence: record.confidence,
          pixels: record.sufficientInputSubset(threshold))
      }
      return Comparison.ChangedImage(
        image: pair.now.identifier, label: pair.now.label, threshold: threshold,
        height: pair.now.height, width: pair.now.width, channels: pair.now.channels,
        display: pair.now.display, current: side(pair.now), baseline: side(pair.then))
    }
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
