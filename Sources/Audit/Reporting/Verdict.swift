import Figures
import Reports

/// The facts in one sentence a model, and the table that leads to the evidence.
package enum Verdict {
  /// One sentence per model.
  package static func sentences(_ results: AuditResults) -> [String] {
    results.models.indices.map { sentence(results, $0) }
  }

  /// Says on how little of the image a model decides, and what a few pixels are worth to it.
  private static func sentence(_ results: AuditResults, _ model: Int) -> String {
    var text = results.models[model].name
    let sizes = SISSizeByThreshold.measure(results).value?.models[model].thresholds ?? []
    if let last = sizes.last(where: { $0.n > 0 }), let median = last.median {
      text +=
        " decides with \(thresholdPercent(last.threshold)) confidence on \(percent(median)) of "
        + "the image or less, for half of the \(last.n) audited images it is that sure of"
    } else {
      text += " reaches none of the thresholds on the audited images"
    }
    if let subsets = SubsetConfidence.measure(results).value {
      let subset = subsets.models[model]
      text +=
        "; shown only \(results.subsetText) of the pixels it is right on "
        + "\(interval(subset.subsetAccuracy, decimals: 0)) of images "
        + "(full images \(percent(subset.fullAccuracy, decimals: 0))"
      if let random = RandomSubsetBaseline.measure(results).value {
        text += ", random pixels \(percent(random.models[model].mean, decimals: 0))"
      }
      text += ")"
    }
    if let blank = results.confidentBlank(model) {
      text +=
        ". The mask alone already is “\(results.plan.className(blank.predictedClass))” with "
        + "\(confidenceText(blank.confidence)) confidence"
      if let others = SubsetConfidence.measure(results).value?.models[model].withoutBlankClass {
        text +=
          "; without that class it is right on \(percent(others.mean, decimals: 0)) of subsets"
      }
    }
    return text + "."
  }

  /// The section that opens a report.
  static func section(_ results: AuditResults, _ assessment: Assessment) -> Section {
    let sentences = sentences(results)
    let gate = assessment.gate
    return Section(
      id: "verdict", title: "Verdict",
      blocks: [.finding(gate.finding)]
        + sentences.indices.map { .finding(Finding(status(results, $0), sentences[$0])) }
        + [.table(gate.table), .table(table(results)), .paragraph(explanation(results))])
  }

  /// Whether a few chosen pixels carry the accuracy of the whole image while random ones do not: the
  /// paper's sign of overinterpretation.
  ///
  /// `explanation` states the rule. Limits of one's own come with a policy.
  private static func status(_ results: AuditResults, _ model: Int) -> Status {
    guard let subset = SubsetConfidence.measure(results).value?.models[model],
      let random = RandomSubsetBaseline.measure(results).value?.models[model],
      let subsetAccuracy = (subset.withoutBlankClass ?? subset.subsetAccuracy) as MeanEstimate?
    else { return .neutral }
    let accuracy = subsetAccuracy.mean
    if accuracy >= subset.fullAccuracy - 0.02, random.mean < accuracy / 2 { return .bad }
    return accuracy >= subset.fullAccuracy / 2 ? .concern : .neutral
  }

  private static func explanation(_ results: AuditResults) -> String {
    let few = results.plan.sample.images.count < 30
    return
      "A sufficient input subset (SIS) is a set of pixels, as few as the search finds, on which the "
      + "model, all others masked, still decides with confidence τ. A model that is right on a few chosen pixels, where "
      + "random pixels say nothing, decides on patterns that mean nothing to a person. Overinterprets: "
      + "accuracy on \(results.subsetText) subsets within two points of full images (leaving out the "
      + "blank image’s class) and twice that on random pixels. Concern: at least half of it. "
      + results.plan.sample.description
      + (few ? " That is few: intervals are wide, and models should not be ranked on them." : "")
  }

  private static func table(_ results: AuditResults) -> Table {
    let sizes = SISSizeByThreshold.measure(results).value
    let subsets = SubsetConfidence.measure(results).value
    let random = RandomSubsetBaseline.measure(results).value
    let transfer = Transferability.measure(results).value
    let highest = thresholdText(results.thresholds.last ?? 1)
    func row(_ question: String, _ link: String, _ answer: (Int) -> String) -> [Table.Cell] {
      [Table.Cell(question, link: link)] + results.models.indices.map { Table.Cell(answer($0)) }
    }
    var rows = [
      row("Accuracy on full images", Accuracy.key) { model in
        percent(Double(results.models[model].correct) / Double(results.plan.data.images))
      },
      row("Median SIS at τ = \(highest), % of image", SISSizeByThreshold.key) { model in
        sizes?.models[model].thresholds.last?.median.map { percent($0) } ?? "–"
      },
      row("Accuracy on \(results.subsetText) subsets", SubsetConfidence.key) { model in
        subsets.map { percent($0.models[model].subsetAccuracy.mean) } ?? "–"
      },
      row("… without the blank image’s class", SubsetConfidence.key) { model in
        subsets?.models[model].withoutBlankClass.map { percent($0.mean) } ?? "–"
      },
      row("Accuracy on random \(results.subsetText) subsets", RandomSubsetBaseline.key) { model in
        random.map { percent($0.models[model].mean) } ?? "–"
      },
    ]
    if let transfer {
      rows.append(
        row("Accuracy of the others on its subsets", Transferability.key) { model in
          let others = transfer.accuracy[model].enumerated().filter { $0.offset != model }
          let mean = others.reduce(0) { $0 + $1.element.mean } / Double(max(others.count, 1))
          return percent(mean)
        })
    }
    rows.append(
      row("Confidence on the blank image", MaskSanity.key) { model in
        let mask = results.models[model].mask
        return "\(confidenceText(mask.confidence)) (\(results.plan.className(mask.predictedClass)))"
      })
    return Table(
      caption: "Each row leads to its evidence.",
      columns: [Table.Column("Question")]
        + results.models.map { Table.Column($0.name, numeric: true) },
      rows: rows)
  }
}
