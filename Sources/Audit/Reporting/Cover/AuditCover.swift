import Figures
import Foundation
import Reports
import Statistics

/// The page that the report of an audit opens with.
struct AuditCover {
  let results: AuditResults
  let assessment: Assessment
  let run: RunDescription

  var cover: Cover {
    let order = subjectOrder
    let shown = order.prefix(Cover.mostSubjects)
    let isCompact = shown.count > Cover.mostRoomy
    let pairs = shown.count > Cover.mostRoomy ? 2 : shown.count == 1 ? 4 : 3
    let evidence = EvidenceStrip(results, perModel: pairs)
    let charts = CoverCharts(results, threshold: evidence.threshold)
    let omitted = order.count - shown.count
    return Cover(
      question: "May it go to production?", answer: Verdict.answer(results, assessment.gate),
      certainty: Verdict.certainty(results),
      facts: facts,
      subjects: shown.map { model in
        Cover.Subject(
          name: results.models[model].name,
          link: results.hasModelPages
            ? AuditDocument.pageID(results.models[model].name) : Gallery.key,
          finding: isCompact
            ? Verdict.shortFinding(results, model) : Verdict.finding(results, model),
          evidence: evidence.pairs(model), charts: charts.charts(model, isCompact: isCompact))
      },
      omitted: omitted > 0
        ? "Shown are the \(shown.count) models with the most to say against them; the other \(omitted) are in the "
          + "table of “What was measured”." : "",
      legend: legend(evidence),
      nextTitle: "What next", next: NextSteps(results, assessment, run).sentences)
  }

  /// Worst first when not all have room, otherwise as they were given.
  private var subjectOrder: [Int] {
    let all = Array(results.models.indices)
    guard all.count > Cover.mostSubjects else { return all }
    let severity: [Status: Int] = [.bad: 0, .concern: 1]
    return all.sorted { one, other in
      let (a, b) = (
        severity[Verdict.status(results, one)] ?? 2, severity[Verdict.status(results, other)] ?? 2
      )
      return (a, one) < (b, other)
    }
  }

  /// How to read marks, charts and pictures.
  private func legend(_ evidence: EvidenceStrip) -> String {
    let q = results.subsetText
    let hasOthers = results.value(of: Transferability.self) != nil
    let isCompact = results.models.count > Cover.mostRoomy
    let isHistogram =
      evidence.threshold.map { threshold in
        results.models.indices.contains {
          results.needed($0, threshold).count >= Distribution.fewestForHistogram
        }
      } ?? false
    return [
      "✗: chosen pixels do within two points as well as whole images, ▲: at least half as well, either far better than "
        + "random ones; •: neither; ?: cannot be said.",
      "Bars: right on whole images, on the \(q) of pixels that count most for it, on \(q) at random"
        + (hasOthers ? "; other models, shown its \(q)" : "") + ".",
      isCompact
        ? "" : "\(isHistogram ? "Hills" : "Dots"): pixels that images need, and their median.",
      results.plan.sample.strata.count > 1
        ? "All are weighted by how images were drawn." : "",
      evidence.legend, Verdict.blankNote(results), Verdict.intervalNote,
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }

  private var facts: [Cover.Fact] {
    let plan = results.plan
    let outputs = Set(plan.models.map(\.output)).sorted()
    let preparations = Set(plan.models.map(\.preprocessing.description)).sorted()
    let hashes = plan.models.map(\.digest).prefix(4).map { String($0.prefix(8)) }
    return [
      Cover.Fact(
        "Data",
        "\(plan.data.name), \(AuditDocument.grouped(plan.data.images)) images, \(AuditDocument.classesText(plan)), "
          + "\(plan.height) × \(plan.width)"),
      Cover.Fact(
        "Audited",
        "\(AuditDocument.grouped(plan.sample.images.count)) images"
          + (plan.sample.strata.count > 1
            ? " (up to half errors, reweighted)" : "")),
      Cover.Fact("Date", "\(run.date.prefix(10)), overinterp \(run.version)"),
      Cover.Fact(
        "Read as",
        (preparations.count == 1 ? preparations[0] : "\(preparations.count) preparations") + "; "
          + outputs.joined(separator: " or ")),
      Cover.Fact(
        "SHA-256",
        (results.models.count == 1 ? "model " : "models ") + hashes.joined(separator: ", ")
          + (plan.models.count > hashes.count ? ", …" : "") + "; data "
          + String(plan.data.digest.prefix(8))),
    ]
  }
}
