import Statistics

extension Comparison {
  /// How many changed images are shown per model.
  private static let mostShown = 4

  /// Compares a run with a baseline.
  ///
  /// Models are matched by name, or as the only ones of their runs; images by name, picture and
  /// label. Means over audited images are weighted by how many images of both datasets were as right
  /// or wrong then and now (`JointSample`).
  ///
  /// - Throws: `AuditError.incomparable` when the runs share no model.
  package init(
    _ current: AuditResults, baseline: AuditResults, baselineName: String, baselineDate: String?
  ) throws {
    let pairs = Comparison.modelPairs(current, baseline)
    guard !pairs.isEmpty else {
      throw AuditError.incomparable(
        "they have no model of the same name; this run has \(listed(current.models.map(\.name))), "
          + "the baseline \(listed(baseline.models.map(\.name)))")
    }
    let images = Comparison.imagePairs(current, baseline)
    let audited = Comparison.auditedPairs(current, baseline)
    let joint = images.map { JointSample(current, baseline, $0, audited: audited) }
    let shared = images?.pairs.count ?? audited.count
    let differing = images?.differing ?? 0
    let reason =
      Comparison.reasonAgainstSubsets(current, baseline, pairs)
      ?? (joint == nil ? "a run kept no predictions, which say what each image stands for" : nil)
    let matched = (Set(pairs.map(\.current)), Set(pairs.map(\.baseline)))
    let unmatchedNow = current.models.indices.filter { !matched.0.contains($0) }
    let unmatchedThen = baseline.models.indices.filter { !matched.1.contains($0) }
    self.init(
      baselineName: baselineName, baselineDate: baselineDate, sharedImages: shared,
      onlyCurrent: images.map { _ in current.plan.data.images - shared - differing },
      onlyBaseline: images.map { _ in baseline.plan.data.images - shared - differing },
      differing: differing, audited: current.plan.sample.images.count,
      sharedAudited: joint?.positions.count ?? audited.count, represented: joint?.represented ?? 0,
      unrepresented: joint?.unrepresented ?? [],
      models: pairs.map { pair in
        let both = PairedRecords(
          current, baseline, currentModel: pair.current, baselineModel: pair.baseline,
          joint: joint)
        let flips = images.map {
          Comparison.flips(
            $0.pairs, $0.current.models[pair.current], $0.current,
            $0.baseline.models[pair.baseline])
        }
        let (now, then) = (current.models[pair.current], baseline.models[pair.baseline])
        return ModelChange(
          model: now.name, baselineModel: then.name, isUnchanged: now.digest == then.digest,
          accuracy: flips?.accuracy, flips: flips?.flips,
          subsetAccuracy: reason == nil ? both.subsetAccuracy : nil,
          thresholds: reason == nil ? both.thresholds : [],
          changedMost: reason == nil ? both.changedMost(Comparison.mostShown) : [])
      },
      readings: DifferingReading.all(current.plan, baseline.plan, models: pairs),
      unmatched: unmatchedNow.map { current.models[$0].name }
        + unmatchedThen.map { baseline.models[$0].name + " (baseline)" },
      subsetsNotCompared: reason)
  }

  private static func modelPairs(
    _ current: AuditResults, _ baseline: AuditResults
  ) -> [(current: Int, baseline: Int)] {
    if current.models.count == 1, baseline.models.count == 1 { return [(0, 0)] }
    return current.models.indices.compactMap { index in
      baseline.models.firstIndex { $0.name == current.models[index].name }.map { (index, $0) }
    }
  }

  /// Positions in both samples that hold the same picture with the same label.
  private static func auditedPairs(
    _ current: AuditResults, _ baseline: AuditResults
  ) -> [(current: Int, baseline: Int)] {
    guard let then = baseline.records.first, let now = current.records.first else { return [] }
    let positions = Dictionary(
      then.enumerated().map { ($1.identifier, $0) }, uniquingKeysWith: { first, _ in first })
    return now.enumerated().compactMap { position, record in
      guard let other = positions[record.identifier], then[other].label == record.label,
        then[other].display == record.display
      else { return nil }
      return (position, other)
    }
  }

  /// Images of both datasets; nil when a run is of a version that kept no predictions.
  private static func imagePairs(
    _ current: AuditResults, _ baseline: AuditResults
  ) -> SharedImages? {
    guard let now = current.predictions, let then = baseline.predictions else { return nil }
    let positions = Dictionary(
      then.identifiers.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    var pairs: [(current: Int, baseline: Int)] = []
    var differing = 0
    for (index, identifier) in now.identifiers.enumerated() {
      guard let other = positions[identifier] else { continue }
      if now.labels.values[index] == then.labels.values[other],
        now.pictures.values[index] == then.pictures.values[other]
      {
        pairs.append((index, other))
      } else {
        differing += 1
      }
    }
    return SharedImages(current: now, baseline: then, pairs: pairs, differing: differing)
  }

  private static func flips(
    _ pairs: [(current: Int, baseline: Int)], _ now: ModelPredictions, _ labels: Predictions,
    _ then: ModelPredictions
  ) -> (flips: Flips, accuracy: MeanEstimate?) {
    var (lost, gained, changed) = (0, 0, 0)
    for pair in pairs {
      let label = labels.labels.values[pair.current]
      let (new, old) = (now.predicted.values[pair.current], then.predicted.values[pair.baseline])
      if new != old { changed += 1 }
      if old == label, new != label { lost += 1 }
      if old != label, new == label { gained += 1 }
    }
    return (
      Flips(
        n: pairs.count, changed: changed, lost: lost, gained: gained,
        p: mcNemar(lost: lost, gained: gained)),
      MeanEstimate(lost: lost, gained: gained, of: pairs.count)
    )
  }

  /// Sizes of different methods are never compared.
  private static func reasonAgainstSubsets(
    _ current: AuditResults, _ baseline: AuditResults, _ pairs: [(current: Int, baseline: Int)]
  ) -> String? {
    let (now, then) = (current.plan.settings, baseline.plan.settings)
    if now.methodDescription != then.methodDescription {
      return "the methods differ: \(now.methodDescription) now, \(then.methodDescription) then"
    }
    for pair in pairs {
      // 'auto' and a data mean can choose otherwise from run to run.
      let (mask, before) = (current.models[pair.current].mask, baseline.models[pair.baseline].mask)
      if mask.name != before.name || mask.value != before.value {
        return "the masks of \(current.models[pair.current].name) differ: "
          + "\(mask.name) \(mask.value) now, \(before.name) \(before.value) then"
      }
    }
    if now.subsetFraction != then.subsetFraction {
      return "the sizes of subsets differ (--subset)"
    }
    if current.plan.height != baseline.plan.height || current.plan.width != baseline.plan.width {
      return "the models take images of different sizes"
    }
    return nil
  }
}

/// Records of one model in both runs, over the shared audited images.
private struct PairedRecords {
  private struct Pair {
    let now: ImageRecord
    let then: ImageRecord
    let unit: SampleUnit
    /// Whether the model is right on the q% subset: 1 or 0.
    let rightNow: Double
    let rightThen: Double
  }

  private let pairs: [Pair]
  private let thresholdsInBoth: [Double]
  private let pixelCount: Double

  init(
    _ current: AuditResults, _ baseline: AuditResults, currentModel: Int, baselineModel: Int,
    joint: JointSample?
  ) {
    pairs = (joint?.positions ?? []).map { position, unit in
      let now = current.records[currentModel][position.current]
      let then = baseline.records[baselineModel][position.baseline]
      func isRight(_ results: AuditResults, _ model: Int, _ position: Int) -> Double {
        let answer = results.evaluations.transferred[model][model][position]
        return answer.predicted == now.label ? 1 : 0
      }
      return Pair(
        now: now, then: then, unit: unit,
        rightNow: isRight(current, currentModel, position.current),
        rightThen: isRight(baseline, baselineModel, position.baseline))
    }
    thresholdsInBoth = current.thresholds.filter { baseline.thresholds.contains($0) }
    pixelCount = Double(current.plan.pixelCount)
  }

  var subsetAccuracy: MeanEstimate? {
    MeanEstimate(differencesOf: pairs.map { ($0.rightNow, $0.rightThen, $0.unit) })
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
