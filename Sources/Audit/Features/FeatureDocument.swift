import Figures
import Reports
import Statistics

/// The report on the features of one model.
package enum FeatureDocument {
  /// Components that are pictured, at most.
  private static let mostPictured = 24

  /// `date`: ISO 8601.
  package static func make(_ results: FeatureResults, date: String) -> Document {
    let findings = results.findings
    let blocks = FeatureBlocks(results: results)
    let shown = shown(blocks)
    let sections = order(findings).filter { shown[$0] != nil }
    let rest = findings.classes.count - sections.count
    let more =
      rest == 0
      ? []
      : [
        Block.paragraph(
          "Pictured: \(sections.count) classes, those with features that decide alone first. The "
            + "numbers of the other \(rest) are in features.json and figures/flip-rates.csv.")
      ]
    return Document(
      title: "Features that \(findings.model) rests on",
      subtitle: "\(findings.classes.count) classes, \(findings.images) images of "
        + "\(findings.featureData); \(findings.tested) components tested; accuracy "
        + "\(percent(Double(findings.correct) / Double(max(findings.auditedImages, 1)))) on "
        + "\(findings.auditedImages) images of \(findings.auditedData).",
      date: date,
      sections: [
        Section(
          id: "features", title: "Which features decide?", isSummary: true,
          blocks: [.finding(blocks.finding), .paragraph(blocks.explanation)] + blocks.labelling
            + blocks.scores + [.figure(blocks.overview)] + more + blocks.skipped)
      ]
        + sections.map { section(blocks, $0, shown: shown[$0] ?? []) }
        + [Section(id: "methods", title: "Methods", blocks: methods(findings))])
  }

  /// Classes with components called sufficient first, highest flip rate first.
  private static func order(_ findings: FeatureFindings) -> [Int] {
    findings.labellingOrder.map(\.known).reduce(into: []) { order, known in
      if !order.contains(known) { order.append(known) }
    }
  }

  /// By class, components that are pictured: those called sufficient first, then those of the largest share.
  private static func shown(_ blocks: FeatureBlocks) -> [Int: [Int]] {
    let places = blocks.findings.labellingOrder.filter { !blocks.pictures($0).examples.isEmpty }
    var shown: [Int: [Int]] = [:]
    for place in places {
      let isSufficient = blocks.component(place).sufficient
      let own = shown[place.known] ?? []
      let all = shown.values.reduce(0) { $0 + $1.count }
      if all < mostPictured, isSufficient || own.count < 2 {
        shown[place.known] = own + [place.component]
      }
    }
    return shown
  }

  /// What was found in a line for each component that is sufficient alone, and one before.
  package static func summary(_ results: FeatureResults) -> String {
    let lines = results.findings.sufficient.map { found in
      let rates = [
        found.component.flipRate, found.component.controlMedian, found.component.controlRandom,
        found.component.controlShuffled,
      ].map { percent($0?.mean ?? 0, decimals: 0) }
      let label = found.component.label == .unknown ? "" : ", \(found.component.label.rawValue)"
      return "  \(found.known.name), component \(found.component.index)\(label): regions of "
        + "\(percent(found.component.regionArea ?? 0)) of the image turn \(rates[0]) of images of other classes; "
        + "controls: median α \(rates[1]), any image \(rates[2]), shuffled \(rates[3])"
    }
    return ([FeatureBlocks(results: results).finding.text] + lines).joined(separator: "\n")
  }

  private static func section(_ blocks: FeatureBlocks, _ index: Int, shown: [Int]) -> Section {
    let known = blocks.findings.classes[index]
    let places = known.components.indices.map { (known: index, component: $0) }
    return Section(
      id: "class-\(known.classIndex)", title: known.name,
      blocks: [.paragraph(importance(known))]
        + shown.map { .imageGrid(blocks.grid((known: index, component: $0))) }
        + [
          .table(
            blocks.table(
              places, caption: "Components of \(known.name) by number.", withClass: false))
        ]
        + (blocks.made(
          shown.map { (known: index, component: $0) }, name: "class-\(known.classIndex)-made"
        ).map { [.imageGrid($0)] } ?? []))
  }

  private static func importance(_ known: FeatureFindings.Class) -> String {
    guard !known.importance.isEmpty else {
      return "\(known.n) images. No image is predicted as \(known.name)."
    }
    let features = known.importance.map { "\($0.feature) (\(number($0.value, decimals: 2)))" }
    return
      "\(known.n) images. Units of the last layer that add most to its logit, on average over the images predicted as "
      + "it: \(features.joined(separator: ", "))."
  }

  static func methods(_ findings: FeatureFindings) -> [Block] {
    [
      .paragraph(
        "Features: input of node \(findings.featuresAt). Components: eigenvectors of the covariance of the "
          + "features times the class’s weights, over the images labelled with the class (neural PCA); α is "
          + "what a component adds to the logit. Heat: what α loses when a patch of the image, a seventh of "
          + "each side, shows the mean of ordinary images of the class, beyond the mean and two standard "
          + "deviations of what ordinary images lose there; patches cover the image, and beside one that loses more "
          + "they overlap by half. Region: the hottest "
          + "pixels that hold nine tenths of the heat, at most 15% of the image. Ordinary images, and those "
          + "that regions are pasted into, are from the audited data (\(findings.auditedData))."),
      .paragraph(
        "Decides alone: of the images of other classes that lack least for the class, the nearest "
          + "\(findings.trial.targets) of a thousand, regions turn more than twice as many as each control does (Welch’s t over "
          + "the images that regions are from, one-sided), false discovery rate 5% over all "
          + "\(findings.tested) components (Benjamini–Hochberg). Components that would turn fewer than "
          + "\(percent(findings.trial.leastRate, decimals: 0)) if all of their α were moved are not pasted, and where "
          + "their α comes from is told by the last map; those "
          + "whose regions, of \(findings.trial.firstDonors) images pasted into the \(findings.trial.firstTargets) nearest, turn fewer than that are told from those alone, without controls."
      ),
    ]
  }
}
