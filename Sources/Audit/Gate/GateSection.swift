import Foundation
import Reports

extension Gate {
  /// The outcome as the report's first finding.
  var finding: Finding {
    let status: Status =
      switch outcome {
      case .failed: .bad
      case .inconclusive: .inconclusive
      case .passed: isWhollyPassed ? .good : .concern
      }
    let word =
      switch outcome {
      case .failed: "failed"
      case .inconclusive: "inconclusive"
      case .passed:
        isWhollyPassed ? "passed" : hasWarnings ? "passed with warnings" : "passed in part"
      }
    return Finding(status, sentence, word: word)
  }

  private var hasWarnings: Bool {
    rows.contains { $0.status == .failed && $0.severity != .info }
  }

  private var isWhollyPassed: Bool {
    rows.allSatisfy { $0.status == .passed || $0.severity == .info }
  }

  /// Every check with its numbers; each row leads to its evidence.
  var table: Table {
    let models = models
    let isWide = models.count > Gate.mostColumns
    let results = isWide ? Gate.statusColumns : models.map { $0 ?? "All models" }
    return Table(
      caption: (isBuiltIn
        ? "Limits of the built-in policy, which warns and does not fail; --policy sets your own. "
        : "Limits of \(policy). ")
        + "Brackets: \(levelText) interval. A limit inside it is inconclusive: audit more images (--limit). "
        + "What did not run is not passed.",
      columns: [Table.Column("Check"), Table.Column("Limit")] + results.map { Table.Column($0) },
      rows: checks.map { rows in
        let first = rows[0]
        let cells =
          isWide
          ? Gate.statusColumns.map { word in
            Table.Cell(
              listed(rows.filter { statusWord($0) == word }.map { $0.model ?? "all" }))
          }
          : models.map { model in
            (rows.first { $0.model == model } ?? rows.first { $0.model == nil }).map(cell)
              ?? Table.Cell("–")
          }
        return [
          Table.Cell(first.title, link: Metric.section(of: first.metric)),
          Table.Cell(first.limit.replacing(" ", with: "\u{a0}", maxReplacements: 1)),
        ] + cells
      })
  }

  /// More models than this are listed by status.
  private static let mostColumns = 4
  private static let statusColumns = ["Passed", "Not passed", "Inconclusive", "Not run"]

  private func statusWord(_ row: Row) -> String {
    switch row.status {
    case .passed: "Passed"
    case .failed: "Not passed"
    case .inconclusive: "Inconclusive"
    case .notRun: "Not run"
    }
  }

  /// Why the checks that did not pass matter.
  var reasons: [Block] {
    let open = checks.filter { rows in
      rows.contains { $0.status != .passed } && !rows[0].why.isEmpty
    }
    guard !open.isEmpty else { return [] }
    return [
      .table(
        Table(
          caption: "", columns: [Table.Column("Not passed"), Table.Column("Why it matters")],
          rows: open.map { rows in
            [
              Table.Cell(rows[0].title, link: Metric.section(of: rows[0].metric)),
              Table.Cell(rows[0].why),
            ]
          }))
    ]
  }

  /// Models that any row names, in order; nil stands for all.
  private var models: [String?] {
    var found: [String?] = []
    for row in rows where row.model != nil && !found.contains(row.model) { found.append(row.model) }
    return found.isEmpty ? [nil] : found
  }

  /// Rows that are one check of one threshold.
  private var checks: [[Row]] {
    var found: [[Row]] = []
    for row in rows {
      let index = found.firstIndex { members in
        members[0].check == row.check && members[0].threshold == row.threshold
      }
      if let index { found[index].append(row) } else { found.append([row]) }
    }
    return found
  }

  private func cell(_ row: Row) -> Table.Cell {
    let word = row.word(decides: decides(row))
    return Table.Cell(
      row.value == nil ? word : "\(word): \(row.valueText)", status: status(row))
  }

  /// The outcome and its table alone.
  package var markdown: String {
    Markdown.render(
      Document(
        title: "overinterp gate", subtitle: "", date: "",
        sections: [
          Section(
            id: "verdict", title: "Verdict", isSummary: true,
            blocks: [.finding(finding), .table(table)])
        ]))
  }

  private func status(_ row: Row) -> Status {
    switch row.status {
    case .passed: .good
    case .failed: decides(row) ? .bad : row.severity == .info ? .neutral : .concern
    case .inconclusive: .inconclusive
    case .notRun: .notRun
    }
  }

  /// As cases of JUnit: only what decides the outcome can fail a build.
  package var junit: Data {
    JUnit.render(
      "overinterp \(policy)",
      rows.map { row in
        let details = "\(row.title): \(row.valueText), limit \(row.limit). \(row.why)"
        let result: JUnit.Case.Result =
          switch (row.status, decides(row)) {
          case (.passed, _): .passed
          case (.failed, true): .failed(row.reason)
          case (_, true): .error("\(row.word(decides: true)): \(row.reason)")
          case (_, false): .skipped("\(row.word(decides: false)): \(row.reason)")
          }
        return JUnit.Case(
          suite: row.model ?? "all models", name: "\(row.title) \(row.limit)", result: result,
          details: details)
      })
  }

  /// One line per check for a terminal; with `all` those that passed as well.
  package func lines(all: Bool) -> [String] {
    rows.filter { all || $0.status != .passed }.map { row in
      let word = row.word(decides: decides(row))
      return
        "  \(word.uppercased()): \(row.title), \(row.model ?? "all models"): \(row.valueText), "
        + "limit \(row.limit)" + (row.reason.isEmpty ? "" : " (\(row.reason))")
    }
  }
}

extension String {
  var firstUppercased: String { prefix(1).uppercased() + dropFirst() }
}

/// What `gate --json` prints.
package struct GateReport: Encodable {
  let policy: String
  let outcome: Gate.Outcome
  let exitCode: Int32
  let checks: [Gate.Row]

  private enum CodingKeys: String, CodingKey {
    case policy, outcome, checks
    case exitCode = "exit_code"
  }

  package init(_ gate: Gate) {
    policy = gate.policy
    outcome = gate.outcome
    exitCode = gate.outcome.exitCode
    checks = gate.rows
  }
}
