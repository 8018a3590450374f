import Statistics

/// Images of both datasets, as positions in each.
struct SharedImages {
  let current: Predictions
  let baseline: Predictions
  let pairs: [(current: Int, baseline: Int)]
  let differing: Int
}

/// The images audited in two runs, as a sample of their own.
///
/// Each run takes misclassified images first, so that an image which turned wrong, or right, is seldom
/// in both samples. What was right or wrong then and now makes *joint strata*; both runs' predictions
/// tell how many images of the datasets each holds. Within one, the images audited in both runs are a
/// simple random sample, whether the runs drew with the same seed or not, because neither draw knows
/// more of an image than its stratum. So each stands for its joint stratum's images over those audited
/// in both. A joint stratum without any is left out, and named.
struct JointSample {
  /// Positions in both samples, and what the image stands for.
  let positions: [(position: (current: Int, baseline: Int), unit: SampleUnit)]
  /// Shared images of the joint strata that have one.
  let represented: Int
  /// The joint strata that have none, in words.
  let unrepresented: [String]

  init(
    _ current: AuditResults, _ baseline: AuditResults, _ shared: SharedImages,
    audited: [(current: Int, baseline: Int)]
  ) {
    let (now, then) = (
      Side(current, shared.current), Side(baseline, shared.baseline)
    )
    var strata: [Int: JointStratum] = [:]
    var counts: [JointStratum: Int] = [:]
    for pair in shared.pairs {
      let stratum = JointStratum(
        now: now.stratum(ofImage: pair.current), then: then.stratum(ofImage: pair.baseline))
      strata[pair.current] = stratum
      counts[stratum, default: 0] += 1
    }
    let known = audited.compactMap { position in
      strata[current.plan.sample.images[position.current]].map { (position, $0) }
    }
    let sampled = Dictionary(grouping: known, by: \.1).mapValues(\.count)
    let order = counts.keys.sorted { ($0.now, $0.then) < ($1.now, $1.then) }
    positions = known.map { position, stratum in
      (
        position,
        SampleUnit(
          stratum: order.firstIndex(of: stratum) ?? 0, sampled: sampled[stratum] ?? 1,
          population: counts[stratum] ?? 1)
      )
    }
    represented = order.reduce(0) { $0 + (sampled[$1] == nil ? 0 : counts[$1] ?? 0) }
    unrepresented = order.filter { sampled[$0] == nil }.map { stratum in
      let words = [now.word(stratum.now, "now"), then.word(stratum.then, "then")]
      return "\(counts[stratum] ?? 0) images \(listed(words.compactMap { $0 }))"
    }
  }
}

/// The strata of an image in two runs.
private struct JointStratum: Hashable {
  let now: Int
  let then: Int
}

/// How one run drew its images.
private struct Side {
  /// Whether some model of the run is wrong, by image; nil where one stratum holds all images.
  private let isWrong: [Bool]?
  private let hasSeveralModels: Bool

  init(_ results: AuditResults, _ predictions: Predictions) {
    hasSeveralModels = predictions.models.count > 1
    guard results.plan.sample.strata.count > 1 else {
      isWrong = nil
      return
    }
    isWrong = predictions.labels.values.indices.map { image in
      predictions.models.contains {
        $0.predicted.values[image] != predictions.labels.values[image]
      }
    }
  }

  /// As `AuditSample` numbers them.
  func stratum(ofImage image: Int) -> Int {
    isWrong.map { $0[image] ? 0 : 1 } ?? 0
  }

  func word(_ stratum: Int, _ time: String) -> String? {
    guard isWrong != nil else { return nil }
    let model = hasSeveralModels ? (stratum == 0 ? " in some model" : " in every model") : ""
    return (stratum == 0 ? "wrong" : "right") + model + " " + time
  }
}
