import Reports
import Statistics

// What people said, and what that means for the model.
extension FeatureBlocks {
  /// How components were labelled; none before anyone did.
  var labelling: [Block] {
    guard let labelling = findings.labelling else { return [] }
    let people =
      labelling.annotators.count == 1 ? "One person" : "\(labelling.annotators.count) people"
    let tied =
      labelling.tied == 0
      ? "" : ", as many people for one as for the other in \(labelling.tied)"
    let agreement =
      labelling.agreement.map {
        " Agreement: Krippendorff’s α \(number($0, decimals: 2)) over \(labelling.agreementCount) components."
      } ?? ""
    return [
      .paragraph(
        "\(people) labelled components (\(briefly(labelling.annotators))): \(labelling.core) core, "
          + "\(labelling.spurious) spurious\(tied).\(agreement)")
    ]
  }

  /// Spurious scores and accuracies under noise; none before they were asked for.
  var scores: [Block] {
    guard let scores = findings.scores else { return [] }
    var blocks: [Block] = []
    if !scores.spurious.isEmpty { blocks.append(.table(spuriousTable(scores))) }
    let accuracies = [
      ("Core accuracy (noise on spurious components)", scores.coreAccuracy),
      ("Spurious accuracy (noise on core components)", scores.spuriousAccuracy),
    ].compactMap { name, found in found.map { (name, $0) } }
    if !accuracies.isEmpty {
      blocks.append(
        .table(
          Table(
            caption: "Gaussian noise of standard deviation 0.25 where labelled components lie.",
            columns: [
              Table.Column("What"), Table.Column("Images", numeric: true),
              Table.Column("Right", numeric: true), Table.Column("Without noise", numeric: true),
              Table.Column("Mean over classes", numeric: true),
            ],
            rows: accuracies.map { name, found in
              [
                Table.Cell(name), Table.Cell("\(found.accuracy.n)"),
                Table.Cell(interval(found.accuracy)), Table.Cell(interval(found.clean)),
                Table.Cell("\(percent(found.meanOverClasses)) of \(found.classes)"),
              ]
            })))
    }
    if let reason = scores.noiseReason {
      blocks.append(
        .finding(Finding(.notRun, "Core and spurious accuracy: \(reason).")))
    }
    return blocks
  }

  private func spuriousTable(_ scores: FeatureScores) -> Table {
    Table(
      caption:
        "Images of the class against images that show a spurious feature of it without the class. Average "
        + "precision of scores drawn at random is chance; taken: spurious images that the model takes for the "
        + "class."
        + (scores.meanAveragePrecision.map {
          " Mean over classes: average precision \(number($0, decimals: 3)), area under the ROC curve "
            + "\(number(scores.meanArea ?? 0, decimals: 3))."
        } ?? ""),
      columns: [
        Table.Column("Class"), Table.Column("Images", numeric: true),
        Table.Column("Spurious", numeric: true), Table.Column("Average precision", numeric: true),
        Table.Column("Chance", numeric: true), Table.Column("ROC area", numeric: true),
        Table.Column("Taken", numeric: true),
      ],
      rows: scores.spurious.map { score in
        let bounds =
          score.area.low.flatMap { low in
            score.area.high.map {
              " [\(number(low, decimals: 3)), \(number($0, decimals: 3))]"
            }
          } ?? ""
        return [
          Table.Cell(score.name), Table.Cell("\(score.positives)"),
          Table.Cell("\(score.negatives)"),
          Table.Cell(number(score.averagePrecision, decimals: 3)),
          Table.Cell(number(score.chance, decimals: 3)),
          Table.Cell(number(score.area.area, decimals: 3) + bounds),
          Table.Cell(interval(score.taken)),
        ]
      })
  }
}
