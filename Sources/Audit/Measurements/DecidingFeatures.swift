import Reports
import Statistics

/// Which features the classes of each model rest on, and which of them suffice alone (`--features`).
package enum DecidingFeatures: Measurement {
  package static let key = "features"
  package static let title = "Which features decide?"
  package static let comparability = Comparability.always
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "sufficient", .exact(.count), per: .model,
      "components that turn images into their class when pasted alone, and that nobody calls part of it",
      metric: .field,
      plain: PlainName(
        "Features that decide alone",
        "Above 0: a pasted patch turns other images into the class. 0: none found."), isMain: true),
    MeasuredField("tested", .exact(.count), per: .model, "components tested"),
    MeasuredField(
      "flip_rate", .estimate(.fraction), per: .model,
      "highest share of images that one of those turns into its class", metric: .field,
      plain: PlainName(
        "Images that such a feature turns",
        "High: the patch alone decides for many images."),
      isNullable: true),
    MeasuredField(
      "average_precision", .sampled(.fraction), per: .model,
      "mean spurious score over classes with spurious images ('features score')", metric: .field,
      plain: PlainName(
        "Class told from images of its background alone",
        "High: the class is told from the object. Low: its background alone passes for it."),
      isNullable: true),
    MeasuredField(
      "core_accuracy", .estimate(.fraction), per: .model,
      "accuracy with noise on components labelled spurious", metric: .field,
      plain: PlainName(
        "Accuracy with the background disturbed",
        "High: it does not need what is around the object."), isNullable: true),
    MeasuredField(
      "spurious_accuracy", .estimate(.fraction), per: .model,
      "accuracy with noise on components labelled core", metric: .field,
      plain: PlainName(
        "Accuracy with the object disturbed",
        "High: it does not need the object."), isNullable: true),
    MeasuredField(
      "found", .group(FeatureFindings.fields), per: .model, "classes and their components"),
  ]

  package struct Value: Codable, Equatable, Sendable {
    package let models: [ModelValue]
  }

  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    package let sufficient: Int
    package let tested: Int
    @OrNull package var flipRate: MeanEstimate?
    @OrNull package var averagePrecision: Double?
    @OrNull package var coreAccuracy: MeanEstimate?
    @OrNull package var spuriousAccuracy: MeanEstimate?
    package let found: FeatureFindings

    package enum CodingKeys: String, CodingKey {
      case model, sufficient, tested, found
      case flipRate = "flip_rate"
      case averagePrecision = "average_precision"
      case coreAccuracy = "core_accuracy"
      case spuriousAccuracy = "spurious_accuracy"
    }

    fileprivate init(_ findings: FeatureFindings) {
      let suspect = findings.sufficient.map(\.component).filter { $0.label != .core }
      model = findings.model
      sufficient = suspect.count
      tested = findings.tested
      found = findings
      _flipRate = OrNull(wrappedValue: suspect.first?.flipRate)
      _averagePrecision = OrNull(wrappedValue: findings.scores?.meanAveragePrecision)
      _coreAccuracy = OrNull(wrappedValue: findings.scores?.coreAccuracy?.accuracy)
      _spuriousAccuracy = OrNull(wrappedValue: findings.scores?.spuriousAccuracy?.accuracy)
    }
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    let found = results.features.compactMap { $0 }
    guard found.count == results.models.count else {
      return .notRun("it takes --features")
    }
    return .measured(Value(models: found.map { ModelValue($0.findings) }))
  }

  /// Components of a model in the table, and those pictured.
  private static let mostListed = 8
  private static let mostPictured = 3

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let shown = results.features.compactMap { $0 }.map { found in
      FeatureBlocks(results: found, namesModel: true)
    }
    let sources = Set(shown.map(\.findings.featureData)).sorted()
    let without = shown.filter { $0.findings.sufficient.isEmpty }
    let none =
      without.isEmpty
      ? []
      : [
        Block.finding(
          Finding(
            .neutral,
            "No feature decides alone in \(briefly(without.map(\.findings.model))): of "
              + "\(countRange(without.map(\.findings.tested)))\(without.count == 1 ? "" : " in each"), "
              + "\(countRange(without.map(\.pastedCount))) of them strong enough to be pasted, none turns more than twice as "
              + "many images into its class as the same places of other images of the class do."))
      ]
    let explanation =
      (shown.first?.explanation ?? "")
      + " Features are found in the images of \(listed(sources))"
      + (shown.allSatisfy { $0.findings.featureData == $0.findings.auditedData }
        ? ", the audited data; --feature-data takes others, such as the training images." : ".")
    return shown.filter { !$0.findings.sufficient.isEmpty }.map { blocks in
      let finding = blocks.finding
      return .finding(Finding(finding.status, "\(blocks.findings.model): \(finding.text)"))
    } + none
      + (results.hasModelPages || without.count == shown.count
        ? [] : [.figure(FeatureBlocks.overview(shown))])
      + [
        .details(
          "How features are found and judged", notes: [explanation],
          results.hasModelPages || without.count < shown.count
            ? [] : [.figure(FeatureBlocks.overview(shown))])
      ]
  }

  package static func modelBlocks(
    _ value: Value, _ results: AuditResults, model: Int
  ) -> [Block] {
    guard let found = results.foundFeatures(model) else { return [] }
    let name = found.findings.model
    let blocks = FeatureBlocks(results: found, namesModel: true)
    let ranked = blocks.findings.labellingOrder.sorted { one, other in
      let (one, other) = (blocks.component(one), blocks.component(other))
      if one.sufficient != other.sufficient { return one.sufficient }
      return (one.flipRate?.mean ?? -1) > (other.flipRate?.mean ?? -1)
    }
    let sufficient = blocks.sufficient
    let withPictures = ranked.filter { !blocks.pictures($0).examples.isEmpty }
    let pictured = withPictures.prefix(min(sufficient.count, mostPictured))
    let more =
      sufficient.count > mostPictured
      ? [
        Block.paragraph(
          "\(sufficient.count - mostPictured) more decide alone: 'overinterp features page' shows them."
        )
      ] : []
    // Without one that decides alone the one that turns most shows what was looked at.
    let others = sufficient.isEmpty ? Array(withPictures.prefix(1)) : []
    let made =
      blocks.made(Array(pictured) + others, name: "made").map { [Block.imageGrid($0)] } ?? []
    let table = blocks.table(
      Array(ranked.prefix(mostListed)), name: "features-\(fileName(name))",
      caption: "\(name): features that decide alone, then those that turn most.", withClass: true)
    return (results.hasModelPages ? [.figure(blocks.overview)] : []) + blocks.labelling
      + blocks.scores + pictured.map { .imageGrid(blocks.grid($0)) } + more + blocks.skipped
      + [
        .details(
          "Features of \(name)", notes: [],
          others.map { .imageGrid(blocks.grid($0)) } + made + [.table(table)])
      ]
  }
}
