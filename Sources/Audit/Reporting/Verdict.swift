import Figures
import Reports
import Statistics

/// The facts in one sentence a model, and the table that leads to the evidence.
package enum Verdict {
  /// One sentence per model.
  package static func sentences(_ results: AuditResults) -> [String] {
    results.models.indices.map { sentence(results, $0) }
  }

  /// Says on how little of the image a model decides, and what a few pixels are worth to it.
  private static func sentence(_ results: AuditResults, _ model: Int) -> String {
    var text = results.models[model].name
    let sizes = results.value(of: SISSizeByThreshold.self)?.models[model].thresholds ?? []
    if let last = sizes.last(where: { $0.n > 0 }), let median = last.median {
      text +=
        " decides with \(thresholdPercent(last.threshold)) confidence on \(percent(median)) of "
        + "the image or less, for half of the \(last.n) audited images it is that sure of"
    } else {
      text += " reaches none of the thresholds on the audited images"
    }
    if let same = results.value(of: SubsetConfidence.self)?.models[model].sameImages {
      text +=
        "; shown only \(results.subsetText) of the pixels it is right on "
        + "\(interval(same.subset, decimals: 0)) of images (the same \(same.full.n) images in full "
        + "\(percent(same.full.mean, decimals: 0)), random pixels "
        + "\(percent(same.random.mean, decimals: 0)))"
    }
    if let blank = results.confidentBlank(model) {
      text +=
        ". The mask alone already is “\(results.plan.className(blank.predictedClass))” with "
        + "\(confidenceText(blank.confidence)) confidence; images of that answer are left out"
    }
    return text + "." + features(results, model)
  }

  /// Says which components of features suffice alone; empty where they were not looked for.
  private static func features(_ results: AuditResults, _ model: Int) -> String {
    guard let value = results.value(of: DecidingFeatures.self)?.models[model] else { return "" }
    let suspect = value.found.sufficient.filter { $0.component.label != .core }
    guard let first = suspect.first else {
      if !value.found.sufficient.isEmpty {
        return " All components of its features that suffice alone are called part of their class."
      }
      return " None of the \(value.tested) components of its features suffices alone."
    }
    let others =
      suspect.count == 1 ? "" : ", and so do \(suspect.count - 1) others for their classes"
    return " A component of its features suffices alone: pasted regions of component "
      + "\(first.component.index) turn \(percent(first.component.flipRate?.mean ?? 0, decimals: 0)) of other images "
      + "into “\(first.known.name)”\(others)."
  }

  /// The section that opens a report.
  static func section(_ results: AuditResults, _ assessment: Assessment) -> Section {
    let gate = assessment.gate
    let findings = results.models.indices.map { Block.finding(finding(results, $0)) }
    return Section(
      id: "verdict", title: "Verdict", isSummary: true,
      blocks: [.finding(gate.finding)]
        + (results.hasModelPages ? [] : findings)
        + [.table(gate.table)] + gate.reasons
        + [.table(table(results)), .paragraph(explanation(results))])
  }

  /// One model's sentence with how to take it.
  static func finding(_ results: AuditResults, _ model: Int) -> Finding {
    Finding(status(results, model), sentence(results, model))
  }

  /// Whether a few chosen pixels carry the accuracy of the whole image while random ones do not: the
  /// paper's sign of overinterpretation.
  ///
  /// `explanation` states the rule. Limits of one's own come with a policy.
  static func status(_ results: AuditResults, _ model: Int) -> Status {
    let isShortcut =
      (results.value(of: DecidingFeatures.self)?.models[model].sufficient ?? 0) > 0
    let least: Status = isShortcut ? .concern : .neutral
    guard let same = results.value(of: SubsetConfidence.self)?.models[model].sameImages else {
      return least
    }
    let (accuracy, full) = (same.subset.mean, same.full.mean)
    if accuracy >= full - 0.02, same.random.mean < accuracy / 2 { return .bad }
    return accuracy >= full / 2 ? .concern : least
  }

  private static func explanation(_ results: AuditResults) -> String {
    let few = results.plan.sample.images.count < 30
    return
      "A sufficient input subset (SIS) is a set of pixels, as few as the search finds, on which the "
      + "model, all others masked, still decides with confidence τ. A model that is right on a few chosen pixels, where "
      + "random pixels say nothing, decides on patterns that mean nothing to a person. Overinterprets: "
      + "accuracy on \(results.subsetText) subsets within two points of full images and twice that on "
      + "random pixels, all three over the same images, weighted (leaving out the blank image’s class). Concern: at least half of it"
      + (results.features.isEmpty || results.features.contains { $0 == nil }
        ? ". " : ", or a component of features that suffices alone. ")
      + results.plan.sample.description + " " + results.populationText
      + (few ? " That is few: intervals are wide, and models should not be ranked on them." : "")
  }

  static func intervalNote(_ results: AuditResults) -> String {
    "Brackets: \(results.intervalText); of medians Woodruff’s; of the share recovered Fieller’s. Audited "
      + "images: without those predicted as the class that the mask alone already is."
  }
}
