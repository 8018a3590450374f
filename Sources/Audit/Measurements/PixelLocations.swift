import Figures
import Reports
import Statistics

/// Where subset pixels lie: the fraction of images whose q% subset contains each pixel, and the share
/// of subset pixels in the outer border beside that border's share of the area (Figure 2).
package enum PixelLocations: Measurement {
  package static let key = "pixel_locations"
  package static let title = "Where are the pixels?"
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "border_share", .estimate(.fraction), per: .model,
      "share of subset pixels in the outer border", metric: .field,
      plain: PlainName(
        "Chosen pixels at the border",
        "High: it looks at the edge, where objects seldom are."), isMain: true),
    MeasuredField(
      "border_ratio", .estimate(.plain), per: .model,
      "that share over the border’s share of the area", metric: .field,
      plain: PlainName(
        "Chosen pixels at the border, against chance",
        "1: as many as chance puts there. Above: it looks at the edge, where objects seldom are.")),
    MeasuredField(
      "mean_confidence", .sampled(.fraction), per: .model, "mean confidence on q% subsets"),
    MeasuredField(
      "frequency", .list(.sampled(.fraction)), per: .model,
      "share of the subsets that contain each pixel, row by row"),
    MeasuredField("height", .exact(.count), per: .audit, "rows of the image"),
    MeasuredField("width", .exact(.count), per: .audit, "columns of the image"),
    MeasuredField("border_width", .exact(.count), per: .audit, "pixels of the border on each side"),
    MeasuredField("border_area", .exact(.fraction), per: .audit, "its share of the area"),
  ]

  package struct Value: Codable, Equatable, Sendable {
    package let height: Int
    package let width: Int
    /// Pixels on each side: a tenth of the shorter side, at least one.
    package let borderWidth: Int
    package let borderArea: Double
    package let models: [ModelValue]

    package enum CodingKeys: String, CodingKey {
      case height, width, models
      case borderWidth = "border_width"
      case borderArea = "border_area"
    }
  }

  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    /// Share of subset pixels within the border.
    package let borderShare: MeanEstimate
    /// The same over the border's share of the area: 1 where pixels are spread evenly.
    package let borderRatio: MeanEstimate
    package let meanConfidence: Double
    /// Row-major, one per pixel.
    package let frequency: [Double]

    package enum CodingKeys: String, CodingKey {
      case model, frequency
      case borderShare = "border_share"
      case borderRatio = "border_ratio"
      case meanConfidence = "mean_confidence"
    }
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    guard let evaluations = results.evaluations else { return .notRun(AuditResults.notCompared) }
    let border = ImageBorder(height: results.plan.height, width: results.plan.width)
    let area = border.area
    let models = results.models.indices.compactMap { model -> ModelValue? in
      let total = results.records[model].indices.reduce(0) { $0 + results.unit($1).weight }
      let confidence = results.records[model].indices.reduce(0) { sum, position in
        let answer = evaluations.transferred[model][model][position]
        return sum + results.unit(position).weight * answer.confidence
      }
      let share = results.mean(model) {
        Double($0.borderPixels) / Double(results.plan.subsetSize)
      }
      guard total > 0, let share else { return nil }
      var frequency = [Double](repeating: 0, count: results.plan.pixelCount)
      for (stratum, totals) in zip(results.plan.sample.strata, results.totals[model]) {
        for (pixel, count) in totals.locations.counts.enumerated() {
          frequency[pixel] += Double(count) * stratum.weight
        }
      }
      return ModelValue(
        model: results.models[model].name, borderShare: share,
        borderRatio: share.scaled(by: 1 / area), meanConfidence: confidence / total,
        frequency: frequency.map { $0 / total })
    }
    return .measured(
      Value(
        height: border.height, width: border.width, borderWidth: border.thickness, borderArea: area,
        models: models))
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let parts = value.models.map { "\($0.model) \(percent($0.borderShare.mean, decimals: 0))" }
    let figure = figure(value, results)
    return [
      .finding(
        Finding(
          .neutral,
          looking(value)
            + " Share of the chosen pixels in the outer \(value.borderWidth) rows and columns, where chance puts "
            + "\(percent(value.borderArea, decimals: 0)): \(briefly(parts)).")),
      .figure(figure),
      .details(
        notes: [figure.note],
        [
          .table(
            Table(
              name: key,
              caption:
                "Border: the outer \(value.borderWidth) pixels on each side. Only an interval "
                + "wholly above the area says that the model looks at the edge more than chance would. "
                + "\(results.intervalText).",
              columns: [
                Table.Column("Model"), Table.Column("Border share", numeric: true),
                Table.Column("Border area", numeric: true),
                Table.Column("Mean confidence on subsets", numeric: true),
              ],
              rows: value.models.map {
                [
                  Table.Cell($0.model), Table.Cell(interval($0.borderShare)),
                  Table.Cell(percent(value.borderArea)),
                  Table.Cell(confidenceText($0.meanConfidence)),
                ]
              }))
        ]),
    ]
  }

  /// Says which models look at the edge more than chance would.
  private static func looking(_ value: Value) -> String {
    let surely = value.models.filter { ($0.borderShare.low ?? 0) > value.borderArea }.map(\.model)
    return surely.isEmpty
      ? "No model surely looks at the border more than chance would."
      : "\(briefly(surely)) \(surely.count == 1 ? "looks" : "look") at the border more than chance would."
  }

  private static func figure(_ value: Value, _ results: AuditResults) -> Figure {
    let highest = value.models.flatMap(\.frequency).max() ?? 1
    let range = 0...max(highest, 1e-6)
    let columns = min(3, max(1, value.models.count))
    let panels = value.models.map { model in
      Panel(
        title: model.model,
        marks: [
          .cells(
            rows: value.height, columns: value.width, values: model.frequency.map { $0 },
            map: .viridis, range, [])
        ],
        colorBar: ColorBar(map: .viridis, range: range, label: "fraction of subsets"))
    }
    return Figure(
      name: "pixel-locations",
      caption: "Bright: pixels that count in many images. A bright rim is no object.",
      note: "Locations of \(results.subsetText) subsets: fraction of subsets that contain each "
        + "pixel, all panels on one scale. Mean confidence is for the predicted class on the subset. "
        + "n = \(results.plan.sample.images.count) images.",
      altText: value.models.map {
        "\($0.model): \(percent($0.borderShare.mean)) of subset pixels in the border, which has "
          + "\(percent(value.borderArea)) of the area."
      }.joined(separator: " "),
      height: 1.45 * Double((panels.count + columns - 1) / columns), columns: columns,
      panels: panels,
      data: DataTable(
        columns: ["model", "row", "column", "fraction"],
        rows: value.models.flatMap { model in
          model.frequency.enumerated().map { pixel, fraction in
            [
              model.model, String(pixel / value.width), String(pixel % value.width),
              field(fraction),
            ]
          }
        }))
  }
}
