import Foundation
import Reports
import SharedWork
import Statistics

/// What auditors' catalogues ask for and an audit measured, item by item with the number and where it stands,
/// with room for a signature.
///
/// It says nothing of whether a catalogue is met: that is for the provider, and for whoever signs.
package struct AuditAppendix {
  /// Which formats have it.
  package enum Placement: String, Sendable, CaseIterable {
    case pdf, everywhere, none
  }

  private let results: AuditResults
  private let assessment: Assessment
  private let run: RunDescription

  init(_ results: AuditResults, _ assessment: Assessment, _ run: RunDescription) {
    self.results = results
    self.assessment = assessment
    self.run = run
  }

  func sections(_ placement: Placement) -> [Section] {
    guard placement != .none else { return [] }
    return [
      Section(
        id: "appendix", title: "For the auditor",
        audience: placement == .everywhere ? .all : .print,
        blocks: [
          .paragraph(
            "What catalogues ask for and this audit measured; the rest is for the provider to complete."
          ),
          .table(catalogue), .table(classes), .table(record), .table(signature),
        ])
    ]
  }

  // MARK: Catalogue

  private static let provider = "for the provider to complete"

  private var catalogue: Table {
    let links: [(asks: String, source: String, answer: String, link: String?)] = [
      (
        "Testing procedures and test data, with their main characteristics",
        "AI Act, Annex IV 2(g); NIST MEASURE 2.1; model card: evaluation data", data, "glance"
      ),
      (
        "Metrics of accuracy", "AI Act, Annex IV 2(g), 3; model card: metrics", accuracy,
        Accuracy.key
      ),
      (
        "Metrics of robustness", "AI Act, Annex IV 2(g); NIST MEASURE 2.5", fewPixels,
        SubsetConfidence.key
      ),
      (
        "Explained: what decisions rest on", "NIST MEASURE 2.9", sizes, SISSizeByThreshold.key
      ),
      (
        "Limits of performance, foreseeable unintended outcomes",
        "AI Act, Annex IV 3; NIST MEASURE 2.5; model card: caveats", limitations,
        CorrectVersusMisclassified.key
      ),
      (
        "Criteria of verification and validation", "ISO/IEC 42001, A.6.2.4", criteria,
        Gate.sectionID
      ),
      (
        "Tools of the test and the machine", "NIST MEASURE 2.1",
        "overinterp \(run.version); \(run.libraries.joined(separator: "; ")); \(run.processor), \(run.cores) cores",
        "methods"
      ),
      ("Specification of input data", "AI Act, Annex IV 3", input, "glance"),
      (
        "Test reports, dated and signed", "AI Act, Annex IV 2(g)",
        "this report, \(run.date.prefix(10)); signature below", nil
      ),
      (
        "Accuracy for persons and groups; discriminatory impacts", "AI Act, Annex IV 2(g), 3",
        AuditAppendix.provider, nil
      ),
      (
        "Intended purpose and use, human oversight, risks to health, safety and rights; training data",
        "AI Act, Annex IV 3; model card", AuditAppendix.provider, nil
      ),
    ]
    return Table(
      caption: "",
      columns: ["What is asked for", "By", "What this audit has"].map { Table.Column($0) },
      rows: links.map { item in
        [
          Table.Cell(item.asks), Table.Cell(item.source), Table.Cell(item.answer, link: item.link),
        ]
      })
  }

  /// A value of each model; with many models their range.
  private func each(_ value: (Int) -> Double?) -> String {
    let found = results.models.indices.map(value)
    guard results.models.count > 4 else {
      return zip(results.models, found).map { model, value in
        "\(model.name) \(value.map { percent($0) } ?? "–")"
      }.joined(separator: ", ")
    }
    let known = found.compactMap { $0 }
    guard let low = known.min(), let high = known.max() else { return "–" }
    return "\(percent(low)) to \(percent(high)) in \(results.models.count) models"
  }

  private var data: String {
    let plan = results.plan
    return
      "\(plan.data.name), \(plan.data.images) images of \(AuditDocument.classesText(plan)); "
      + "\(plan.sample.images.count) audited, seed \(plan.settings.seed)"
  }

  private var accuracy: String {
    "on \(results.plan.data.images) images: "
      + each { Double(results.models[$0].correct) / Double(results.plan.data.images) }
  }

  private var fewPixels: String {
    guard results.value(of: SubsetConfidence.self) != nil else { return "not measured" }
    return "to hidden pixels alone: accuracy on \(results.subsetText) of the pixels "
      + each { Verdict.sameImages(results, $0)?.subset.mean } + "; anything else is "
      + AuditAppendix.provider
  }

  private var sizes: String {
    guard let threshold = results.shownThreshold else { return "not measured" }
    return "median share of the image that suffices at \(thresholdPercent(threshold)) confidence: "
      + each { results.medianNeeded($0, threshold) }
  }

  private var limitations: String {
    let words = Dictionary(grouping: results.models.indices) { Verdict.word(results, $0) }
    return words.sorted { $0.value[0] < $1.value[0] }.map { word, models in
      "\(briefly(models.map { results.models[$0].name })): \(word)"
    }.joined(separator: "; ")
  }

  private var criteria: String {
    "\(assessment.policyName), SHA-256 \(Digest.sha256(Data(assessment.policyText.utf8)).prefix(12))…: "
      + assessment.gate.sentence
  }

  private var input: String {
    let plan = results.plan
    let preparations = Set(plan.models.map(\.preprocessing.description)).sorted()
    return "\(plan.height) × \(plan.width) pixels; \(preparations.joined(separator: "; "))"
  }

  // MARK: Data and record

  /// Classes in the table; all are in its file of predictions.
  private static let mostClasses = 20
  private static let mostModels = 4

  /// Images of each class in the data, how many were audited, and the accuracy of each model on them.
  private var classes: Table {
    let audited = results.records.first?.map(\.label) ?? []
    let known = results.predictions
    let all = known?.labels.values.map { Int($0) } ?? audited
    let positions = Dictionary(grouping: all.indices) { all[$0] }
    let shown = positions.keys.sorted().prefix(AuditAppendix.mostClasses)
    let models = results.models.prefix(AuditAppendix.mostModels)
    return Table(
      name: "classes",
      caption: "Images of each class, and accuracy on them"
        + (known == nil ? " (of audited images alone)." : ".")
        + (positions.count > shown.count ? " \(positions.count - shown.count) more classes." : "")
        + (results.models.count > models.count
          ? " \(results.models.count - models.count) more models." : ""),
      columns: [
        Table.Column("Class"), Table.Column("In the data", numeric: true),
        Table.Column("Audited", numeric: true),
      ] + models.map { Table.Column($0.name, numeric: true) },
      rows: shown.map { label in
        let members = positions[label] ?? []
        return [
          Table.Cell(results.plan.className(label)), Table.Cell(String(members.count)),
          Table.Cell(String(audited.count { $0 == label })),
        ]
          + models.indices.map { model in
            let right = members.count { isRight(model, $0) }
            return Table.Cell(percent(Double(right) / Double(max(members.count, 1))))
          }
      })
  }

  /// `position`: in the data, or in the sample where predictions were not kept.
  private func isRight(_ model: Int, _ position: Int) -> Bool {
    guard let known = results.predictions else {
      return results.records[model][position].isCorrect
    }
    return known.models[model].predicted.values[position] == known.labels.values[position]
  }

  private var record: Table {
    let plan = results.plan
    let rows =
      plan.models.map { ("SHA-256 of \($0.name)", $0.digest) }
      + [
        ("SHA-256 of labels and audited images", plan.data.digest),
        ("Sampling", plan.sample.description),
        ("SHA-256 of the policy", Digest.sha256(Data(assessment.policyText.utf8))),
        ("Test log", "results.jsonl, a line per model and image; records/, what the search found"),
      ]
    return Table(
      caption: "", columns: [Table.Column("Record"), Table.Column("Value")],
      rows: rows.map { [Table.Cell($0.0), Table.Cell($0.1)] })
  }

  private var signature: Table {
    Table(
      caption: "", columns: [Table.Column("Signed"), Table.Column("To be filled in")],
      rows: ["Name", "Role", "Date", "Signature"].map {
        [Table.Cell($0), Table.Cell(String(repeating: "\u{a0}", count: 90))]
      })
  }
}
