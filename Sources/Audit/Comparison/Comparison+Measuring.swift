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
        let changes = reason == nil ? both.changes : []
        let (now, then) = (current.models[pair.current], baseline.models[pair.baseline])
        return ModelChange(
          model: now.name, baselineModel: then.name, isUnchanged: now.digest == then.digest,
          accuracy: flips?.accuracy, flips: flips?.flips,
          subsetAccuracy: changes.first { $0.metric == SubsetConfidence.metrics.first?.name }?
            .change,
          thresholds: reason == nil ? both.thresholds : [],
          changes: changes,
          changedMost: reason == nil ? both.changedMost(Comparison.mostShown) : [],
          sufficient: SufficientSince(
            current.foundFeatures(pair.current), baseline: baseline.foundFeatures(pair.baseline)))
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
    guard let then = baseline.records.first, let now = current.records.first,
      let thenPictures = baseline.predictions?.pictures.values,
      let nowPictures = current.predictions?.pictures.values
    else { return [] }
    let positions = Dictionary(
      then.enumerated().map { ($1.identifier, $0) }, uniquingKeysWith: { first, _ in first })
    return now.enumerated().compactMap { position, record in
      guard let other = positions[record.identifier], then[other].label == record.label,
        thenPictures[then[other].image] == nowPictures[record.image]
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
