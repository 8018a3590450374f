import Reports
import Statistics

/// The table that leads from the verdict to its evidence.
extension Verdict {
  /// What is asked of every model, and the section that answers it at length.
  private typealias Question = (text: String, link: String, answer: (Int) -> String)

  static func table(_ results: AuditResults) -> Table {
    let questions = questions(results)
    guard results.hasModelPages else {
      return Table(
        caption: "Each row leads to its evidence. " + intervalNote(results),
        columns: [Table.Column("Question")]
          + results.models.map { Table.Column($0.name, numeric: true) },
        rows: questions.map { question in
          [Table.Cell(question.text, link: question.link)]
            + results.models.indices.map { Table.Cell(question.answer($0)) }
        })
    }
    return Table(
      caption: "Each row leads to the model’s page. " + intervalNote(results),
      columns: [Table.Column("Model"), Table.Column("Taken as")]
        + questions.map { Table.Column($0.text, numeric: true) },
      rows: results.models.indices.map { model in
        let status = status(results, model)
        return [
          Table.Cell(
            results.models[model].name, link: "model-\(fileName(results.models[model].name))"),
          Table.Cell("", status: status),
        ] + questions.map { Table.Cell($0.answer(model)) }
      })
  }

  private static func questions(_ results: AuditResults) -> [Question] {
    let sizes = results.value(of: SISSizeByThreshold.self)
    let subsets = results.value(of: SubsetConfidence.self)
    let transfer = results.value(of: Transferability.self)
    let highest = thresholdText(results.thresholds.last ?? 1)
    func same(_ model: Int) -> SubsetConfidence.SameImages? { subsets?.models[model].sameImages }
    var questions: [Question] = [
      (
        "Accuracy on full images", Accuracy.key,
        { percent(Double(results.models[$0].correct) / Double(results.plan.data.images)) }
      ),
      (
        "Median SIS at τ = \(highest), % of image", SISSizeByThreshold.key,
        { model in
          let last = sizes?.models[model].thresholds.last
          return last?.median.map { interval($0, last?.medianLow, last?.medianHigh) } ?? "–"
        }
      ),
      (
        "Audited images: accuracy in full", SubsetConfidence.key,
        { same($0).map { interval($0.full) } ?? "–" }
      ),
      (
        "… on \(results.subsetText) subsets", SubsetConfidence.key,
        { same($0).map { interval($0.subset) } ?? "–" }
      ),
      (
        "… on random \(results.subsetText) subsets", SubsetConfidence.key,
        { same($0).map { interval($0.random) } ?? "–" }
      ),
      (
        "Recovered", SubsetConfidence.key,
        { model in
          subsets.map { SubsetConfidence.recoveredText($0.models[model]) } ?? "–"
        }
      ),
    ]
    if let transfer {
      questions.append(
        (
          "Accuracy of the others on its subsets", Transferability.key,
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
