import Figures
import Reports
import Statistics

/// Mean SIS size over images with f_c ≥ τ, for each τ (Figure 5); and over the *common set*, the
/// images that reach the highest τ, because otherwise every τ averages other images.
package enum SISSizeByThreshold: Measurement {
  package static let key = "sis_size"
  package static let title = "How few pixels are enough?"
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "size", .estimate(.fraction), per: .threshold, "mean SIS size, fraction of the image",
      metric: .named("mean"),
      plain: PlainName(
        "Pixels needed, mean",
        "High: decisions rest on much of the image. Low: on a few pixels, which seldom hold the object."
      ), isMain: true, isNullable: true,
      pairing: .auditedImages { image in
        image.threshold.flatMap { image.record.sisSize($0) }.map(image.results.fraction)
      }),
    MeasuredField(
      "median", .interval(.fraction), per: .threshold, "median SIS size, fraction of the image",
      metric: .field,
      plain: PlainName(
        "Pixels needed, median",
        "High: half of the decisions rest on more of the image than this. Low: a few pixels are enough for half of them."
      ), isNullable: true, trend: 3),
    MeasuredField(
      "common", .estimate(.fraction), per: .threshold,
      "mean SIS size over images that reach the highest τ", metric: .field,
      plain: PlainName(
        "Pixels needed, mean over the surest images",
        "As the mean, over the same images at every confidence."), isNullable: true),
    MeasuredField(
      "n", .exact(.count), per: .threshold, "audited images that reach τ", metric: .field,
      plain: PlainName(
        "Images that are sure enough",
        "High: the model is often that confident. Low: numbers at this confidence are of few images."
      )),
    MeasuredField(
      "degenerate", .exact(.count), per: .threshold,
      "images whose SIS is empty: blank is already their class", metric: .field,
      plain: PlainName(
        "Images that need no pixel",
        "High: the blank image already is their class, so their subsets say nothing.")),
  ]

  package typealias Value = ThresholdCurves<ThresholdValue>
  package typealias ModelValue = Value.ModelCurve

  /// Sizes are fractions of the image.
  package struct ThresholdValue: Codable, Equatable, Sendable {
    package let threshold: Double
    /// Images with f_c ≥ τ.
    package let n: Int
    /// Images whose SIS is empty because the fully masked image already reaches τ.
    package let degenerate: Int
    @OrNull package var size: MeanEstimate?
    @OrNull package var median: Double?
    /// Woodruff's 95% interval of the median.
    @OrNull package var medianLow: Double?
    @OrNull package var medianHigh: Double?
    /// Over the images that reach the highest τ.
    @OrNull package var common: MeanEstimate?

    package enum CodingKeys: String, CodingKey {
      case threshold, n, degenerate, size, median, common
      case medianLow = "median_low"
      case medianHigh = "median_high"
    }
  }

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    let highest = results.thresholds.max() ?? 1
    let models = results.models.indices.map { model in
      let records = results.records[model]
      let thresholds = results.thresholds.map { threshold in
        func size(_ record: ImageSummary) -> Double? {
          record.sisSize(threshold).map(results.fraction)
        }
        let sized = records.enumerated().compactMap { position, record in
          size(record).map { ($0, results.unit(position)) }
        }
        let median = MedianEstimate(sized)
        return ThresholdValue(
          threshold: threshold, n: sized.count,
          degenerate: records.count { $0.sisSize(threshold) == 0 },
          size: results.mean(model, size), median: median?.median,
          medianLow: median?.low, medianHigh: median?.high,
          common: results.mean(model) { $0.sisSize(highest) == nil ? nil : size($0) })
      }
      return ModelValue(model: results.models[model].name, thresholds: thresholds)
    }
    guard models.contains(where: { $0.thresholds.contains { $0.n > 0 } }) else {
      return .notRun("no audited image reaches the lowest threshold")
    }
    return .measured(Value(models: models))
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    [
      .finding(finding(value, results)), .figure(figure(value, results)),
      .details(notes: [note(value, results)], [.table(table(value))]),
    ]
  }

  private static func finding(_ value: Value, _ results: AuditResults) -> Finding {
    let threshold = shownThreshold(value)
    let parts = value.models.compactMap { model -> String? in
      let known = model.thresholds.first { $0.threshold == threshold }
      return known?.size.map { "\(model.model) \(percent($0.mean)) (n = \($0.n))" }
    }
    return Finding(
      .neutral,
      "The share of the image that is enough for \(thresholdPercent(threshold)) confidence, in the mean: "
        + briefly(parts) + ".")
  }

  private static func means(_ value: Value, _ results: AuditResults) -> Panel {
    var bands: [Mark] = []
    var marks: [Mark] = []
    for (index, model) in value.models.enumerated() {
      let known = model.thresholds.compactMap { value in
        value.size.map { (value.threshold, $0) }
      }
      let style = SeriesStyle.series(index)
      bands.append(
        .band(
          known.compactMap { threshold, estimate in
            guard let low = estimate.low, let high = estimate.high else { return nil }
            return Mark.Interval(threshold, max(0, low * 100), min(100, high * 100))
          }, style.color))
      let points = known.map { Mark.Point($0, $1.mean * 100) }
      marks += [.line(points, style), .points(points, style)]
    }
    return Panel(
      title: "Mean, by confidence",
      x: .linear(
        label: "Confidence τ", range: results.thresholdRange, ticks: results.thresholdTicks),
      y: .linear(
        label: "Pixels needed (%)", range: axisRange(upperBounds(value).map { $0 * 100 })),
      marks: bands + marks,
      endLabels: results.endLabels { model in
        value.models[model].thresholds.last { $0.size != nil }?.size.map { $0.mean * 100 }
      })
  }

  /// What the figure and the table are of.
  private static func note(_ value: Value, _ results: AuditResults) -> String {
    let highest = thresholdText(results.thresholds.max() ?? 1)
    return
      "Pixels needed: the size of the sufficient input subset (SIS), as a share of the image. Left: every audited image "
      + "that reaches τ = \(thresholdText(shownThreshold(value))). Right: means over all audited images whose confidence "
      + "reaches τ (n = \(range(value) { $0.n })); over the same images at every τ, those that reach \(highest), they are in "
      + "the table. Bands: \(results.intervalText)."
  }

  /// The highest τ that every model reaches on some images.
  private static func shownThreshold(_ value: Value) -> Double {
    let thresholds = value.models.first?.thresholds.map(\.threshold) ?? []
    func reached(by fewest: Int) -> Int? {
      thresholds.indices.last { index in
        value.models.allSatisfy { $0.thresholds[index].n >= fewest }
      }
    }
    return (reached(by: MeanEstimate.fewest) ?? reached(by: 1)).map { thresholds[$0] } ?? thresholds
      .last ?? 1
  }

  /// Every image's size, a row a model.
  private static func distributions(_ value: Value, _ results: AuditResults) -> Panel {
    let threshold = shownThreshold(value)
    let all = results.models.indices.map { results.sizes($0, threshold).map { $0 * 100 } }
    let range = 0...max((all.joined().max() ?? 0) * 1.04, 1)
    let count = results.models.count
    return Panel(
      title: "At \(thresholdPercent(threshold)) confidence",
      x: .linear(label: "Pixels needed (%)", range: range),
      y: .categories(label: "", results.models.map(\.name).reversed()),
      marks: results.models.indices.flatMap { model in
        Distribution.marks(
          all[model],
          stroke: value.models[model].thresholds.first { $0.threshold == threshold }?.median
            .map { $0 * 100 },
          center: Double(count - 1 - model), color: SeriesStyle.series(model).color, range: range)
      })
  }

  private static func figure(_ value: Value, _ results: AuditResults) -> Figure {
    Figure(
      name: "sis-size",
      caption: "Further left and lower: fewer pixels are enough. "
        + (results.models.indices.contains {
          results.sizes($0, shownThreshold(value)).count >= Distribution.fewestForHistogram
        } ? "Hills: where most images are" : "One dot an image")
        + "; upright stroke: the median.",
      note: note(value, results),
      altText: altText(value), height: 1.9 + 0.05 * Double(max(0, results.models.count - 4)),
      columns: 2,
      panels: [
        distributions(value, results),
        means(value, results),
      ],
      legend: results.lineLegend,
      data: DataTable(
        columns: [
          "model", "threshold", "n", "degenerate", "mean", "low", "high", "median", "median_low",
          "median_high",
          "common_n", "common_mean", "common_low", "common_high",
        ],
        rows: value.models.flatMap { model in
          model.thresholds.map { value in
            [
              model.model, field(value.threshold), String(value.n), String(value.degenerate),
              field(value.size?.mean), field(value.size?.low), field(value.size?.high),
              field(value.median), field(value.medianLow), field(value.medianHigh),
              String(value.common?.n ?? 0), field(value.common?.mean),
              field(value.common?.low), field(value.common?.high),
            ]
          }
        }))
  }

  /// The least and most of a count, over models and thresholds.
  private static func range(_ value: Value, _ count: (ThresholdValue) -> Int) -> String {
    countRange(value.models.flatMap(\.thresholds).map(count))
  }

  private static func upperBounds(_ value: Value) -> [Double] {
    value.models.flatMap(\.thresholds).compactMap(\.size).map { min(1, $0.high ?? $0.mean) }
  }

  private static func altText(_ value: Value) -> String {
    value.models.map { model in
      "\(model.model): "
        + model.thresholds.map { value in
          "τ \(thresholdText(value.threshold)) "
            + (value.size.map { percent($0.mean) } ?? "no image")
        }.joined(separator: ", ") + "."
    }.joined(separator: " ")
  }

  private static func table(_ value: Value) -> Table {
    Table(
      name: key,
      caption: "n: audited images whose confidence reaches τ. Empty: the fully masked image "
        + "already has confidence ≥ τ for the predicted class; they count with size 0. Means: "
        + "\(levelText) interval as in the figure. Medians are weighted as the means are; \(levelText) interval by Woodruff, "
        + "none for fewer than six images. Same images: those that reach the highest τ.",
      columns: [
        Table.Column("Model"), Table.Column("τ", numeric: true), Table.Column("n", numeric: true),
        Table.Column("Mean size [\(levelText) interval]", numeric: true),
        Table.Column("Median [\(levelText) interval]", numeric: true),
        Table.Column("Same images", numeric: true),
        Table.Column("Empty", numeric: true),
      ],
      rows: value.models.flatMap { model in
        model.thresholds.map { value in
          [
            Table.Cell(model.model), Table.Cell(thresholdText(value.threshold)),
            Table.Cell(String(value.n)), Table.Cell(value.size.map { interval($0) } ?? "–"),
            Table.Cell(
              value.median.map { interval($0, value.medianLow, value.medianHigh) } ?? "–"),
            Table.Cell(value.common.map { "\(percent($0.mean)) (n = \($0.n))" } ?? "–"),
            Table.Cell(String(value.degenerate)),
          ]
        }
      })
  }
}
