import Figures
import Reports

/// A few audited images of each model beside the pixels that suffice for its decision, chosen by a rule
/// and not for effect: those nearest the median number of pixels, each of another class.
struct EvidenceStrip {
  private let results: AuditResults
  private let perModel: Int
  /// The τ of the subsets shown; nil where no image has one.
  let threshold: Double?

  /// A picture of more pixels than this is reduced: it is shown small.
  private static let mostSide = 112

  init(_ results: AuditResults, perModel: Int) {
    self.results = results
    self.perModel = perModel
    threshold = results.shownThreshold
  }

  /// How to read the strip and how its images were chosen.
  var legend: String {
    guard let threshold else {
      return "No audited image has pixels that suffice alone: there is nothing to picture."
    }
    let isReduced = max(results.plan.height, results.plan.width) > EvidenceStrip.mostSide
    return
      "Pictures: an image as the model sees it, then the few pixels of it, all others masked in one colour, "
      + "from which it is still \(thresholdPercent(threshold)) sure"
      + (isReduced ? " (drawn larger than they are)" : "")
      + (perModel < 3 ? "; below: its confidence, and the share of pixels" : "")
      + "; chosen by rule: nearest the median, of other classes where there are enough."
      + (hasFeatures
        ? " The last pair: the region of a feature which, pasted alone, turns so many other images into its class."
        : "")
  }

  /// Of images and their pixels, and of the feature that turns most images where one decides alone.
  func pairs(_ model: Int) -> [Cover.Evidence] {
    let feature = featurePair(model).map { [$0] } ?? []
    return pixelPairs(model, most: perModel - feature.count) + feature
  }

  /// Whether some model has a pair of a feature.
  private var hasFeatures: Bool { results.models.indices.contains { featurePair($0) != nil } }

  private func featurePair(_ model: Int) -> Cover.Evidence? {
    guard let found = results.foundFeatures(model) else { return nil }
    let blocks = FeatureBlocks(results: found)
    let place = blocks.sufficient.first { blocks.component($0).label != .core }
    guard let place, let example = blocks.pictures(place).examples.first else { return nil }
    let name = blocks.known(place).name
    let turned = percent(blocks.component(place).flipRate?.mean ?? 0, decimals: 0)
    return Cover.Evidence(
      image: blocks.pictures(place).picture(example.display),
      subset: blocks.pictures(place).regionPicture(example), imageText: name,
      subsetText: "feature: turns \(turned)", shortTexts: (name, turned),
      altText:
        "An image of “\(name)”, and the region of it that shows a feature: pasted alone, such regions turn "
        + "\(turned) of other images into “\(name)”.")
  }

  private func pixelPairs(_ model: Int, most: Int) -> [Cover.Evidence] {
    guard let threshold, let median = results.medianNeeded(model, threshold) else { return [] }
    let nearest = results.needed(model, threshold).sorted { one, other in
      (abs(one.share - median), one.position) < (abs(other.share - median), other.position)
    }
    var chosen: [Int] = []
    var classes: Set<Int> = []
    for (position, _) in nearest where chosen.count < most {
      let predicted = results.records[model][position].predictedClass
      if classes.insert(predicted).inserted { chosen.append(position) }
    }
    // Where there are fewer classes than room, the next nearest whatever they are.
    for (position, _) in nearest where chosen.count < most && !chosen.contains(position) {
      chosen.append(position)
    }
    return chosen.compactMap { pair(model, $0, threshold) }
  }

  /// Nil where the whole record is gone.
  private func pair(_ model: Int, _ position: Int, _ threshold: Double) -> Cover.Evidence? {
    guard let record = results.record(model, position) else { return nil }
    let pixels = record.sufficientInputSubset(threshold) ?? []
    let predicted = results.plan.className(record.predictedClass)
    let subset = record.sisConfidence(threshold) ?? record.blankConfidence
    let image = record.picture
    let share = percent(results.fraction(pixels.count))
    let name = predicted.count > 24 ? predicted.prefix(23) + "…" : predicted[...]
    return Cover.Evidence(
      image: image.reduced(toSide: EvidenceStrip.mostSide),
      subset: image.masked(visible: pixels, with: results.maskColor(model))
        .reduced(toSide: EvidenceStrip.mostSide, keeping: pixels),
      imageText: "\(name) \(confidenceText(record.confidence))"
        + (record.isCorrect ? "" : " (wrong)"),
      subsetText: "\(confidenceText(subset)) from \(share)",
      shortTexts: (confidenceText(record.confidence), share),
      altText: "“\(predicted)” with \(confidenceText(record.confidence)) on the whole image, "
        + "\(confidenceText(subset)) on \(pixels.count) pixels (\(share)) alone; "
        + (record.isCorrect
          ? "correct" : "truly “\(results.plan.className(record.label))”")
        + ". Image \(record.identifier).")
  }
}
