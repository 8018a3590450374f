import Datasets
import Reports

/// How model and data were read, and why.
enum ReadingsTable {
  /// Nil for audits of versions that did not keep it.
  static func make(_ results: AuditResults) -> Table? {
    let plan = results.plan
    let ofData = (plan.data.readings ?? []).map { ("data", $0) }
    // What is the same for every model is said once.
    let lists = plan.models.map { $0.readings ?? [] }
    let common = lists.first?.filter { reading in lists.allSatisfy { $0.contains(reading) } } ?? []
    let ofAll = common.map { (plan.models.count > 1 ? "all models" : plan.models[0].name, $0) }
    let own = zip(plan.models, lists).flatMap { model, readings in
      readings.filter { !common.contains($0) }.map { (model.name, $0) }
    }
    let rows = ofData + ofAll + own
    guard !rows.isEmpty else { return nil }
    return Table(
      name: "readings",
      caption:
        "An audit of wrong labels, wrong pixels or a wrong output looks right. Stated: by a "
        + "flag. Evidence: what files say, or what was computed from them. Usual: nothing "
        + "spoke for it or against it. ‘overinterp doctor’ tries other readings.",
      columns: [
        Table.Column("Of"), Table.Column("What"), Table.Column("Read as"),
        Table.Column("By"), Table.Column("Why"),
      ],
      rows: rows.map { whose, reading in
        [
          Table.Cell(whose), Table.Cell(reading.question.rawValue),
          Table.Cell(reading.answer), Table.Cell(word(reading.ground)),
          Table.Cell(reading.reason.isEmpty ? "–" : reading.reason),
        ]
      })
  }

  private static func word(_ ground: Reading.Ground) -> String {
    switch ground {
    case .stated: "stated"
    case .evidence: "evidence"
    case .convention: "usual"
    }
  }
}
