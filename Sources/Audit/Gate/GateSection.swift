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
        isWhollyPassed
          ? "passed"
          : hasWarnings ? (isBuiltIn ? "warnings" : "passed with warnings") : "passed in part"
      }
    let note = isBuiltIn && outcome == .passed && !isWhollyPassed ? " It only warns." : ""
    return Finding(status, sentence + note, word: word)
  }

  private var hasWarnings: Bool {
    rows.contains { $0.status == .failed && $0.severity != .info }
  }

  private var isWhollyPassed: Bool {
    rows.allSatisfy { $0.status == .passed || $0.severity == .info }
  }

  /// Every check with its numbers; each row leads to its evidence.
  ///
  /// `name`: of its file.
  func table(name: String? = nil) -> Table {
    let models = models
    let isWide = models.count > Gate.mostColumns
    let results = isWide ? Gate.statusColumns : models.map { $0 ?? "All models" }
    return Table(
      name: name,
      caption:
        "Brackets: the \(levelText) confidence interval. A limit inside it is inconclusive. What did not run "
        + "is not passed.",
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

  /// The part of a report on what the policy asks.
  func section() -> Section {
    let names = Table(
      caption: "",
      columns: ["Check", "What it says", "Why it matters", "In a policy"].map { Table.Column($0) },
      rows: metrics.map { row in
        [
          row.title, Metric.named(row.metric)?.plain.reading ?? "", row.why, row.path,
        ].map { Table.Cell($0) }
      })
    return Section(
      id: Gate.sectionID, title: "Are the limits kept?", isSummary: true,
      blocks: [
        .finding(finding), .table(table(name: Gate.sectionID)),
        .details(
          "What the checks mean",
          notes: [
            isBuiltIn
              ? "These are the limits of the built-in policy, which warns and does not fail: ‘overinterp init’ "
                + "writes it out to change, and --policy sets your own." : ""
          ], [.table(names)]),
      ])
  }

  static let sectionID = "checks"

  /// One row per check and threshold.
  private var metrics: [Row] { checks.map { $0[0] } }

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
            id: Gate.sectionID, title: "Are the limits kept?", isSummary: true,
            blocks: [.finding(finding), .table(table())])
        ]), isWhole: true)
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
        let details =
          "\(row.title) (\(row.path)): \(row.valueText), limit \(row.limit). \(row.why)"
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
