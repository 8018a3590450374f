import Foundation

/// What a reader of the first page can do about it: what would decide what is undecided, what helps
/// against what was found, and how to set limits.
struct NextSteps {
  private let results: AuditResults
  private let gate: Gate
  private let run: RunDescription

  /// More would not be read.
  private static let most = 4

  init(_ results: AuditResults, _ assessment: Assessment, _ run: RunDescription) {
    self.results = results
    gate = assessment.gate
    self.run = run
  }

  var sentences: [String] {
    Array((lowAccuracy + undecided + found + limits).prefix(NextSteps.most))
  }

  /// Models that are wrong more often than right are seldom meant.
  private var lowAccuracy: [String] {
    let images = Double(results.plan.data.images)
    let low = results.models.filter { Double($0.correct) / images < 0.5 }
    guard let worst = low.map(\.correct).min() else { return [] }
    return [
      "Accuracy is low (\(low.count == 1 ? low[0].name : "down to") \(percent(Double(worst) / images))): if that is not "
        + "what is known of it, data or preprocessing are read wrongly. ‘overinterp doctor’ tries other readings."
    ]
  }

  /// Checks that are one question, in their order.
  private func grouped(_ rows: [Gate.Row]) -> [[Gate.Row]] {
    var groups: [[Gate.Row]] = []
    for row in rows {
      let known = groups.firstIndex {
        $0[0].title == row.title && $0[0].limit == row.limit
          && ($0[0].reason == row.reason || row.status == .inconclusive)
      }
      if let index = known {
        groups[index].append(row)
      } else {
        groups.append([row])
      }
    }
    return groups
  }

  private func names(_ rows: [Gate.Row]) -> String {
    let models = rows.compactMap(\.model)
    if models.isEmpty || models.count == results.models.count { return "" }
    return models.count > 2 ? " for \(models.count) models" : " for \(listed(models))"
  }

  private var undecided: [String] {
    let open = grouped(gate.rows.filter { $0.status == .inconclusive }).map(sentence)
    let missing = grouped(gate.rows.filter { $0.status == .notRun && $0.model != nil })
    guard !missing.isEmpty else { return open }
    let parts = missing.map { "“\($0[0].title)”\(names($0)): \($0[0].reason)" }
    return open + ["Not measured: \(parts.joined(separator: "; "))."]
  }

  /// What would decide checks of one question.
  private func sentence(_ rows: [Gate.Row]) -> String {
    let left = results.plan.data.images - results.plan.sample.images.count
    let limit = rows[0].limit.replacing(" ", with: "\u{a0}", maxReplacements: 1)
    let start = "Undecided: “\(rows[0].title)” (limit \(limit)): \(values(rows)). "
    let wanted = rows.compactMap(\.moreImages)
    guard let most = wanted.filter({ $0 <= left }).max() else {
      return start
        + (wanted.isEmpty
          ? (left == 0 || rows.contains { !Metric.isOfAuditedImages($0.metric) }
            ? "Only more data can decide it." : "More images may decide it (--limit).")
          : "All \(AuditDocument.grouped(results.plan.data.images)) images of this data would not decide it.")
    }
    let time = run.secondsPerImage.map { ", \(NextSteps.duration($0 * Double(most))) more" } ?? ""
    let far = wanted.count < rows.count || wanted.contains { $0 > left }
    return start
      + "About \(most) more images should settle it\(far ? " where that is possible" : "") (--limit "
      + "\(results.plan.sample.images.count + most)\(time))."
  }

  /// What each model has; of many the range.
  private func values(_ rows: [Gate.Row]) -> String {
    if rows.count <= NextSteps.mostNamed {
      return listed(
        rows.map { row in (row.model.map { "\($0) " } ?? "") + row.valueText })
    }
    let known = rows.compactMap(\.value)
    func text(_ value: Double) -> String { Metric.text(value, of: rows[0].metric) }
    return "\(text(known.min() ?? 0)) to \(text(known.max() ?? 0)) in \(rows.count) models"
  }

  /// Models that are named with their values.
  private static let mostNamed = 3

  private static func duration(_ seconds: Double) -> String {
    if seconds < 90 { return "\(max(1, Int((seconds / 10).rounded(.up)) * 10)) seconds" }
    let minutes = Int((seconds / 60).rounded(.up))
    return minutes < 120 ? "\(minutes) minutes" : "\(Int((seconds / 3600).rounded(.up))) hours"
  }

  private var found: [String] {
    let statuses = results.models.indices.map { Verdict.status(results, $0) }
    guard statuses.contains(.bad) || statuses.contains(.concern) else { return [] }
    return [
      "What helps: better training data and, in part, input dropout and ensembles. Then audit again with --baseline, "
        + "which tells image by image whether it did."
    ]
  }

  private var limits: [String] {
    gate.isBuiltIn
      ? [
        "Set limits of your own: ‘overinterp init’ writes a policy; with --policy the audit fails where one is not "
          + "kept."
      ] : []
  }
}

extension String {
  /// With its first letter small, unless its second is a capital too.
  var firstLowercased: String {
    dropFirst().first?.isUppercase ?? false ? self : prefix(1).lowercased() + dropFirst()
  }
}
