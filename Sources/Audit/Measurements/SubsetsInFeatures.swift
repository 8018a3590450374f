import Reports
import Statistics

/// Whether the pixels that suffice lie where the component that decides comes from (`--features`).
///
/// A model may overinterpret within a feature, core or spurious, or outside of any.
package enum SubsetsInFeatures: Measurement {
  package static let key = "subsets_in_features"
  package static let title = "Do the pixels lie in the strongest feature?"
  package static let comparability = Comparability.sameSearch
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "inside", .estimate(.fraction), per: .model,
      "share of subset pixels where the component that adds most to the logit comes from",
      metric: .field,
      plain: PlainName(
        "Chosen pixels within the deciding feature",
        "High: the few pixels lie where the feature is. Near the feature’s own area: anywhere."),
      isMain: true, isNullable: true),
    MeasuredField(
      "area", .estimate(.fraction), per: .model,
      "share of the image that is, which pixels drawn at random would have", isNullable: true),
    MeasuredField(
      "suspect", .estimate(.fraction), per: .model,
      "share of images led by a component that suffices alone and that nobody calls part of its class",
      metric: .field,
      plain: PlainName(
        "Images led by a feature that decides alone",
        "High: a patch that is no part of the class leads the decision."), isNullable: true),
    MeasuredField("n", .exact(.count), per: .model, "audited images with such a component"),
    MeasuredField(
      "components",
      .list(
        .group([
          MeasuredField("class", .exact(.count), "its class"),
          MeasuredField("name", .text, "the class's name"),
          MeasuredField("component", .exact(.count), "its place by eigenvalue"),
          MeasuredField("n", .exact(.count), "audited images that it leads in"),
          MeasuredField(
            "share", .sampled(.fraction), "of what all components found add to the logit"),
          MeasuredField("inside", .sampled(.fraction), "of subset pixels in its region"),
          MeasuredField("area", .sampled(.fraction), "of the image that its region is"),
        ])), per: .model, "components that lead in audited images, most first"),
  ]

  package struct Value: Codable, Equatable, Sendable {
    package let models: [ModelValue]
  }

  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    package let n: Int
    @OrNull package var inside: MeanEstimate?
    @OrNull package var area: MeanEstimate?
    @OrNull package var suspect: MeanEstimate?
    package let components: [Component]
  }

  package struct Component: Codable, Equatable, Sendable {
    package let classIndex: Int
    package let name: String
    package let component: Int
    package let n: Int
    package let share: Double
    package let inside: Double
    package let area: Double

    package enum CodingKeys: String, CodingKey {
      case name, component, n, share, inside, area
      case classIndex = "class"
    }
  }

  /// One image's subset against its leading component.
  private struct Overlap {
    let leading: LeadingComponent
    let inside: Double
    let area: Double
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    let found = results.features.compactMap { $0 }
    guard found.count == results.models.count else { return .notRun("it takes --features") }
    guard found.contains(where: { !$0.leading.isEmpty }) else {
      return .notRun("no component adds to the logit of an audited image")
    }
    return .measured(
      Value(models: results.models.indices.map { modelValue(results, $0, found[$0]) }))
  }

  private static func modelValue(
    _ results: AuditResults, _ model: Int, _ found: FeatureResults
  ) -> ModelValue {
    var overlaps: [Int: Overlap] = [:]
    for (position, image) in results.plan.sample.images.enumerated() {
      guard let leading = found.leading[image], !leading.region.values.isEmpty,
        let record = results.record(model, position)
      else { continue }
      let region = Set(leading.region.values.map { Int($0) })
      let pixels = record.lastPixels(results.plan.subsetSize)
      overlaps[position] = Overlap(
        leading: leading,
        inside: Double(pixels.count(where: region.contains)) / Double(max(pixels.count, 1)),
        area: results.fraction(region.count))
    }
    let suspects = Set(
      found.findings.sufficient.filter { $0.component.label != .core }.map {
        [$0.known.classIndex, $0.component.index]
      })
    func mean(_ value: (Overlap) -> Double) -> MeanEstimate? {
      MeanEstimate(
        shares: results.records[model].indices.compactMap { position in
          overlaps[position].map { (value($0), results.unit(position)) }
        })
    }
    let groups = Dictionary(grouping: overlaps.values) {
      [$0.leading.classIndex, $0.leading.component]
    }
    let components = groups.map { key, members -> Component in
      func mean(_ value: (Overlap) -> Double) -> Double {
        members.map(value).sorted().reduce(0, +) / Double(members.count)
      }
      return Component(
        classIndex: key[0], name: results.plan.className(key[0]), component: key[1],
        n: members.count, share: mean(\.leading.share), inside: mean(\.inside), area: mean(\.area))
    }
    return ModelValue(
      model: results.models[model].name, n: overlaps.count, inside: mean(\.inside),
      area: mean(\.area),
      suspect: mean { suspects.contains([$0.leading.classIndex, $0.leading.component]) ? 1 : 0 },
      components: components.sorted {
        (-$0.n, $0.classIndex, $0.component) < (-$1.n, $1.classIndex, $1.component)
      })
  }

  /// Components of a model in the table.
  private static let mostListed = 6

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let parts = value.models.compactMap { model -> String? in
      guard let inside = model.inside, let area = model.area else { return nil }
      return
        "\(model.model) \(interval(inside, decimals: 0)) (chance \(percent(area.mean, decimals: 0)))"
    }
    return [
      .finding(
        Finding(
          .neutral,
          "Share of the chosen pixels within the feature that adds most to the decision: "
            + listed(parts)
            + ".")),
      .details(
        notes: [],
        [
          .table(
            Table(
              name: key,
              caption:
                "Components that add most to the logit of the predicted class in audited images; share of what all "
                + "components found add. Region: the hottest pixels that hold nine tenths of what its α loses when "
                + "patches show the mean image, at most 15% of the image. Inside: share of the pixels of "
                + "\(results.subsetText) subsets that lie there; pixels drawn at random would have its area. "
                + results.intervalText + ".",
              columns: [
                Table.Column("Model"), Table.Column("Class"), Table.Column("Component"),
                Table.Column("Leads in", numeric: true),
                Table.Column("Share of logit", numeric: true),
                Table.Column("Inside", numeric: true), Table.Column("Area", numeric: true),
              ],
              rows: value.models.flatMap { model in
                model.components.prefix(mostListed).map { component in
                  [
                    Table.Cell(model.model), Table.Cell(component.name),
                    Table.Cell("\(component.component)"),
                    Table.Cell("\(component.n) of \(model.n)"),
                    Table.Cell(percent(component.share, decimals: 0)),
                    Table.Cell(percent(component.inside, decimals: 0)),
                    Table.Cell(percent(component.area, decimals: 0)),
                  ]
                }
              }))
        ]),
    ]
  }
}
