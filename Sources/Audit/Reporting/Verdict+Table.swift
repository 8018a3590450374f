import Reports
import Statistics

/// The table that leads from the verdict to its evidence.
extension Verdict {
  /// What is asked of every model, and the section that answers it at length.
  private typealias Question = (text: String, link: String, answer: (Int) -> String)

  /// The part of a report that has every main number of every model.
  static func section(_ results: AuditResults) -> Section {
    Section(
      id: "summary", title: "What was measured",
      blocks: [
        .paragraph(words(results)), .table(table(results)),
        .details(
          "How models are judged", notes: [rule(results), SubsetConfidence.recoveredNote(results)]),
      ])
  }

  /// What the words of the report mean.
  private static func words(_ results: AuditResults) -> String {
    "Chosen pixels: the \(results.subsetText) of an image that count most for the model’s decision. Pixels needed: the "
      + "fewest found from which the model, all others masked, is still as sure as stated (a sufficient input subset, "
      + "SIS). Masked: hidden under one colour. Blank: an image that is all mask."
  }

  private static func table(_ results: AuditResults) -> Table {
    let questions = questions(results)
    guard results.hasModelPages else {
      return Table(
        name: "summary", caption: intervalNote + " " + sameImagesNote(results),
        columns: [Table.Column("Measure")]
          + results.models.map { Table.Column($0.name, numeric: true) },
        rows: questions.map { question in
          [Table.Cell(question.text, link: question.link)]
            + results.models.indices.map { Table.Cell(question.answer($0)) }
        })
    }
    return Table(
      name: "summary", caption: intervalNote + " " + sameImagesNote(results),
      columns: [Table.Column("Model"), Table.Column("Taken as")]
        + questions.map { Table.Column($0.text, numeric: true) },
      rows: results.models.indices.map { model in
        let status = status(results, model)
        return [
          Table.Cell(
            results.models[model].name, link: AuditDocument.pageID(results.models[model].name)),
          Table.Cell(word(results, model), status: status),
        ] + questions.map { Table.Cell($0.answer(model)) }
      })
  }

  /// What the accuracies are of.
  private static func sameImagesNote(_ results: AuditResults) -> String {
    results.value(of: SubsetConfidence.self) == nil
      ? ""
      : "Accuracy on chosen and random pixels, and on whole images beside it, is of the audited images without those "
        + "of the blank image’s class."
  }

  private static func questions(_ results: AuditResults) -> [Question] {
    let sizes = results.value(of: SISSizeByThreshold.self)
    let subsets = results.value(of: SubsetConfidence.self)
    let transfer = results.value(of: Transferability.self)
    let highest = thresholdPercent(results.thresholds.last ?? 1)
    func same(_ model: Int) -> SubsetConfidence.SameImages? { subsets?.models[model].sameImages }
    var questions: [Question] = [
      (
        "Accuracy, all images", Accuracy.key,
        { percent(Double(results.models[$0].correct) / Double(results.plan.data.images)) }
      ),
      (
        "Pixels needed at \(highest) confidence, median (blank image’s class: 0)",
        SISSizeByThreshold.key,
        { model in
          let last = sizes?.models[model].thresholds.last
          return last?.median.map { interval($0, last?.medianLow, last?.medianHigh) } ?? "–"
        }
      ),
      (
        "Audited images: right on the whole image", SubsetConfidence.key,
        { same($0).map { interval($0.full) } ?? "–" }
      ),
      (
        "… on the \(results.subsetText) of pixels that count most", SubsetConfidence.key,
        { same($0).map { interval($0.subset) } ?? "–" }
      ),
      (
        "… on \(results.subsetText) of pixels at random", SubsetConfidence.key,
        { same($0).map { interval($0.random) } ?? "–" }
      ),
      (
        "Accuracy that chosen pixels keep", SubsetConfidence.key,
        { model in
          subsets.map { SubsetConfidence.recoveredText($0.models[model]) } ?? "–"
        }
      ),
    ]
    if let transfer {
      questions.append(
        (
          "Other models’ accuracy on its pixels, all audited images", Transferability.key,
          { interval(transfer.models[$0].others) }
        ))
    }
    questions.append(
      (
        "Confidence on the blank image", MaskSanity.key,
        { model in
          let mask = results.models[model].mask
          return
            "\(confidenceText(mask.confidence)) (\(results.plan.className(mask.predictedClass)))"
        }
      ))
    return questions
  }
}
