import Figures
import Foundation
import Reports

/// Puts the report together: cover, limits, what was audited, measurements, what did not run, methods.
package enum AuditDocument {
  /// `run`: what ran where.
  package static func make(
    _ results: AuditResults, sections measured: [MeasuredSection], assessment: Assessment,
    run: RunDescription, appendix: AuditAppendix.Placement = .pdf
  ) -> Document {
    results.withIntervalLevel {
      document(
        results, sections: measured, assessment: assessment, run: run, appendix: appendix)
    }
  }

  private static func document(
    _ results: AuditResults, sections measured: [MeasuredSection], assessment: Assessment,
    run: RunDescription, appendix: AuditAppendix.Placement
  ) -> Document {
    // Before what did not run is told: pictures whose records are gone are part of that.
    let cover = AuditCover(results: results, assessment: assessment, run: run).cover
    var sections = [Verdict.section(results), assessment.gate.section()]
    if let comparison = assessment.comparison { sections.append(comparison.section(results)) }
    if let trends = assessment.trends { sections.append(trends.section()) }
    sections.append(glance(results))
    sections += measured.filter { $0.value != nil }.map { section in
      let own = results.hasModelPages ? [] : section.modelBlocks.flatMap { $0 }
      return Section(id: section.key, title: section.title, blocks: section.blocks + own)
    }
    sections.append(notRun(measured, assessment.gate, lost: results.wholeRecords.missingCount))
    sections.append(methods(results, run.rows))
    if results.hasModelPages {
      sections += results.models.indices.flatMap {
        modelPage(results, measured, assessment.gate, $0)
      }
    }
    sections += AuditAppendix(results, assessment, run).sections(appendix)
    let models = results.models.count == 1 ? "1 model" : "\(results.models.count) models"
    let names = listed(results.models.map(\.name))
    let isLong = results.hasModelPages || names.count > mostTitle
    return Document(
      title: "Overinterpretation audit of " + (isLong && results.models.count > 1 ? models : names),
      subtitle:
        "Overinterpretation: being right, and sure, on a few specks that mean nothing to a person.",
      date: run.date, method: results.methodText + ".",
      cover: cover,
      sections: sections)
  }

  /// Longer names of several models are left to the cover.
  private static let mostTitle = 60

  /// The document of a finished audit, with the verdict it was given as far as that can be read.
  ///
  /// `libraries`: see `RunDescription.stored`.
  ///
  /// Throws `AuditError`.
  package static func stored(
    _ folder: RunFolder, libraries: [String], appendix: AuditAppendix.Placement = .pdf
  ) throws -> Document {
    let results = try folder.results()
    let sections = MeasuredSection.all(results)
    let run = try RunDescription.stored(
      folder, plan: results.plan, libraries: libraries)
    let assessment =
      try (try? Assessment.stored(folder, plan: results.plan))
      ?? Assessment(results, sections: sections)
    return make(
      results, sections: sections, assessment: assessment, run: run, appendix: appendix)
  }

  /// Where a model's page begins.
  static func pageID(_ name: String) -> String { "model-\(fileName(name))" }

  private static func glance(_ results: AuditResults) -> Section {
    let plan = results.plan
    let table = Table(
      caption:
        "Data: \(plan.data.name) (\(plan.data.format)), \(plan.data.images) labelled images of "
        + "\(classesText(plan)), \(plan.height) × \(plan.width) pixels as the models see them.",
      columns: [
        Table.Column("Model"), Table.Column("Parameters", numeric: true),
        Table.Column("Multiply-adds", numeric: true), Table.Column("Accuracy", numeric: true),
        Table.Column("Output"), Table.Column("Preprocessing"), Table.Column("Mask"),
      ],
      rows: plan.models.map { model in
        [
          Table.Cell(
            model.name, link: results.hasModelPages ? pageID(model.name) : nil),
          Table.Cell(grouped(model.parameters)),
          Table.Cell("\(number(Double(model.multiplyAdds) / 1e6, decimals: 1)) M"),
          Table.Cell(percent(Double(model.correct) / Double(plan.data.images))),
          Table.Cell(model.output), Table.Cell(model.preprocessing.description),
          Table.Cell(model.mask.name),
        ]
      })
    // Models that prepare images alike share one picture.
    let first = results.models.indices.compactMap { results.record($0, 0) }
    let groups = Dictionary(grouping: first.indices) { first[$0].imageDigest }
    let pictures = groups.values.sorted { $0[0] < $1[0] }.map { members in
      let record = first[members[0]]
      return ImageGrid.Item(
        title: briefly(members.map { plan.models[$0].name }),
        note:
          "Image \(record.identifier), “\(plan.className(record.label))”.",
        pictures: [ImageGrid.Picture(record.picture, "preprocessed")],
        altText: "the first audited image after preprocessing")
    }
    return Section(
      id: "glance", title: "What was audited, and how was it read?",
      blocks: [
        .table(table),
        .details(
          "The first image as the models see it, and how readings were decided", notes: [],
          [
            .imageGrid(
              ImageGrid(
                name: "preprocessed",
                caption:
                  "The first audited image as it goes into the models. If it looks wrong, the preprocessing is.",
                items: pictures))
          ] + (ReadingsTable.make(results).map { [.table($0)] } ?? [])),
      ])
  }

  /// Classes that the data has, beside the model's.
  static func classesText(_ plan: AuditPlan) -> String {
    guard let present = plan.data.classesPresent, present < plan.classCount else {
      return "\(plan.classCount) classes"
    }
    return
      "\(present) of the \(plan.models.count == 1 ? "model’s" : "models’") \(plan.classCount) classes"
  }

  /// One model among many, on a page of its own.
  private static func modelPage(
    _ results: AuditResults, _ measured: [MeasuredSection], _ gate: Gate, _ model: Int
  ) -> [Section] {
    let name = results.models[model].name
    let id = pageID(name)
    let own = Gate(
      policy: gate.policy, rows: gate.rows.filter { $0.model == name || $0.model == nil },
      failOn: gate.failOn)
    let verdict = Section(
      id: id, title: "\(name): verdict", page: name,
      blocks: [.finding(Verdict.finding(results, model)), .finding(own.finding)]
        + [.table(own.table())])
    return [verdict]
      + measured.filter { $0.value != nil && !$0.modelBlocks[model].isEmpty }.map { section in
        Section(
          id: "\(id)-\(section.key)", title: "\(name): \(section.title.lowercased())", page: name,
          blocks: section.modelBlocks[model])
      }
  }

  /// `lost`: whole records that pictures asked for and that are gone.
  private static func notRun(
    _ measured: [MeasuredSection], _ gate: Gate, lost: Int
  ) -> Section {
    var missing = measured.compactMap { section in
      section.reasonNotRun.map { (what: section.title, models: [String](), why: $0) }
    }
    if lost > 0 {
      missing.append(
        (
          "Pictures of \(lost) records", [],
          "their files are no longer in the folder; the same audit command makes them again"
        ))
    }
    // What is the same for several models is said once.
    for row in gate.rows where row.status == .notRun {
      let known = missing.firstIndex { $0.what == "Check: " + row.title && $0.why == row.reason }
      if let known {
        missing[known].models += row.model.map { [$0] } ?? []
      } else {
        missing.append(("Check: " + row.title, row.model.map { [$0] } ?? [], row.reason))
      }
    }
    guard !missing.isEmpty else {
      return Section(
        id: "not-run", title: "What did not run?",
        blocks: [.paragraph("Every measurement and every check ran.")])
    }
    return Section(
      id: "not-run", title: "What did not run?",
      blocks: [
        .table(
          Table(
            caption: "What did not run was not passed.",
            columns: [Table.Column("What"), Table.Column("Models"), Table.Column("Why")],
            rows: missing.map {
              [
                Table.Cell($0.what, status: .notRun),
                Table.Cell($0.models.isEmpty ? "all" : briefly($0.models)), Table.Cell($0.why),
              ]
            }))
      ])
  }

  /// What a gradient means in models that compute with quantised numbers.
  private static func quantizationNote(_ results: AuditResults) -> String {
    let names = results.plan.models.filter { $0.isQuantized ?? false }.map(\.name)
    guard !names.isEmpty, results.plan.settings.method != .exact else { return "" }
    return " Quantised models (" + listed(names) + "): rounding is flat almost everywhere, so the "
      + "gradient passes straight through it, and is 0 where a number is clamped. Confidences are "
      + "those of the quantised model."
  }

  private static func methods(
    _ results: AuditResults, _ provenance: [(String, String)]
  ) -> Section {
    let settings = results.plan.settings
    let known = [
      ("Method", settings.methodDescription),
      ("Thresholds τ", settings.thresholds.map(thresholdText).joined(separator: ", ")),
      ("Subsets", "\(results.subsetText) = \(results.plan.subsetSize) pixels"),
      ("Sample", results.plan.sample.description), ("Seed", String(settings.seed)),
    ]
    let masks = results.models.map { model in
      (
        "Mask of \(model.name)",
        model.mask.name + ": "
          + model.mask.value.map { String(format: "%g", $0) }.joined(separator: ", ")
          + " in the model’s units"
      )
    }
    let digests =
      masks + [("SHA-256 of labels and audited images", results.plan.data.digest)]
      + results.models.map { ("SHA-256 of \($0.name)", $0.digest) }
    return Section(
      id: "methods", title: "How was it measured, and with what?",
      blocks: [
        .paragraph(
          "A sufficient input subset (SIS) is a set of pixels, as few as the search finds, on which the model, all "
            + "others masked, still decides with confidence τ. BackSelect masks pixels step by step, least needed first, keeping the score of the class "
            + "predicted on the full image as high as it can. "
            + results.plan.settings.methodExplanation + " The SIS is the "
            + "smallest end of that order with which confidence still "
            + "reaches τ; chosen pixels are its last \(results.subsetText). Pixels are spatial positions with all channels; masked ones take the mask "
            + "value. Only images whose confidence reaches τ count for τ."
            + quantizationNote(results)),
        .paragraph(
          "After Carter, Jain, Mueller and Gifford, “Overinterpretation reveals image classification "
            + "model pathologies”, and Carter et al., “What made you do this? Understanding black-box "
            + "decisions with sufficient input subsets” (2019). Subset sizes of different methods are "
            + "never compared. Intervals of shares are cut at 0 and 100%, those of ratios are not."),
        .table(values(known + provenance)),
        .details("Masks and hashes", notes: [], [.table(values(digests, name: "hashes"))]),
      ])
  }

  private static func values(_ rows: [(String, String)], name: String? = nil) -> Table {
    Table(
      name: name, caption: "", columns: [Table.Column("What"), Table.Column("Value")],
      rows: rows.map { [Table.Cell($0), Table.Cell($1)] })
  }

  /// With commas between thousands.
  static func grouped(_ number: Int) -> String {
    var digits = Array(String(number))
    for position in stride(from: digits.count - 3, to: 0, by: -3) {
      digits.insert(",", at: position)
    }
    return String(digits)
  }
}
