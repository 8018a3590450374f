import Foundation
import Reports

extension Gate {
  /// The outcome as the report's first finding.
  var finding: Finding {
    let status: Status =
      switch outcome {
      case .failed: .bad
      case .inconclusive: .inconclusive
      case .passed:
        rows.contains { $0.status == .failed && $0.severity != .info } ? .concern : .good
      }
    let word =
      switch outcome {
      case .failed: "failed"
      case .inconclusive: "inconclusive"
      case .passed: status == .concern ? "passed with warnings" : "passed"
      }
    return Finding(status, sentence, word: word)
  }

  /// Every check with its number; each row leads to its evidence.
  var table: Table {
    let reasons = Table.Column("Why it matters, and why it did not pass")
    return Table(
      caption: (isBuiltIn
        ? "Limits of the built-in policy, which warns and does not fail; --policy sets your own. "
        : "Limits of \(policy). ")
        + "Brackets: 95% interval. A limit inside it is inconclusive; what did not run is not passed.",
      columns: [
        Table.Column("Check"), Table.Column("Model"), Table.Column("Value", numeric: true),
        Table.Column("Limit", numeric: true), Table.Column("Result"), reasons,
      ],
      rows: rows.map { row in
        [
          Table.Cell(row.title, link: Metric.section(of: row.metric)),
          Table.Cell(row.model ?? "all"), Table.Cell(row.valueText), Table.Cell(row.limit),
          Table.Cell(row.word(decides: decides(row)), status: status(row)),
          Table.Cell(
            [row.reason.isEmpty ? "" : row.reason.firstUppercased + ".", row.why]
              .filter { !$0.isEmpty }.joined(separator: " ")),
        ]
      })
  }

  /// The outcome and its table alone.
  package var markdown: String {
    Markdown.render(
      Document(
        title: "overinterp gate", subtitle: "", date: "",
        sections: [
          Section(id: "verdict", title: "Verdict", blocks: [.finding(finding), .table(table)])
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
