import Figures
import Reports

/// In which order pixels were masked, as a map per image (Figure S9), and confidence along the way
/// (Figure S10).
package enum RemovalOrder: Measurement {
  package static let key = "removal_order"
  package static let title = "In which order were pixels masked?"
  package static let fields: [MeasuredField] = [
    MeasuredField(
      "tied_steps", .exact(.count), per: .model, "steps decided by a tie", metric: .field,
      plain: PlainName(
        "Steps decided by a tie",
        "High: position decided and not the model.")),
    MeasuredField(
      "evaluations", .exact(.count), per: .model, "evaluations of BackSelect", metric: .field,
      plain: PlainName(
        "Evaluations of the search",
        "What the search cost; neither good nor bad.")),
    MeasuredField("gradients", .exact(.count), per: .model, "gradients of BackSelect"),
    MeasuredField("steps", .exact(.count), per: .model, "steps of all searches"),
    MeasuredField(
      "visible", .list(.exact(.fraction)), per: .model,
      "share of pixels visible at each entry of the mean curve"),
    MeasuredField(
      "mean_confidence", .list(.sampled(.fraction)), per: .model, "mean confidence there"),
  ]

  package struct Value: Codable, Equatable, Sendable {
    package let models: [ModelValue]
  }

  package struct ModelValue: Codable, Equatable, Sendable {
    package let model: String
    /// Share of pixels visible at each entry of the mean curve.
    package let visible: [Double]
    package let meanConfidence: [Double]
    /// Evaluations, gradients and tied steps of all audited images.
    package let evaluations: Int
    package let gradients: Int
    package let tiedSteps: Int
    package let steps: Int

    package enum CodingKeys: String, CodingKey {
      case model, visible, evaluations, gradients, steps
      case meanConfidence = "mean_confidence"
      case tiedSteps = "tied_steps"
    }
  }

  /// The share of pixels at which confidence is put into words.
  private static let fewLeft = 0.1
  /// Images whose order is drawn, per model.
  private static let mapsPerModel = 4

  package static func measure(_ results: AuditResults) -> Outcome<Value> {
    .measured(
      Value(
        models: results.models.indices.map { model in
          let records = results.records[model]
          let curve = meanCurve(results, model)
          return ModelValue(
            model: results.models[model].name, visible: curve.map(\.visible),
            meanConfidence: curve.map(\.confidence),
            evaluations: records.reduce(0) { $0 + $1.evaluations },
            gradients: records.reduce(0) { $0 + $1.gradients },
            tiedSteps: records.reduce(0) { $0 + $1.tiedSteps },
            steps: records.reduce(0) { $0 + $1.steps })
        }))
  }

  /// Confidence by the share of visible pixels, over all images weighted by their strata.
  private static func meanCurve(
    _ results: AuditResults, _ model: Int
  ) -> [(visible: Double, confidence: Double)] {
    let strata = zip(results.plan.sample.strata, results.totals[model])
    let total = strata.reduce(0) { $0 + $1.0.weight * Double($1.0.sampled) }
    return (0...StratumTotals.resolution).map { point in
      let sum = strata.reduce(0) { $0 + $1.0.weight * $1.1.curve.values[point] }
      let pixels = point * results.plan.pixelCount / StratumTotals.resolution
      return (results.fraction(pixels), sum / max(total, 1e-12))
    }
  }

  package static func blocks(_ value: Value, _ results: AuditResults) -> [Block] {
    let tied = value.models.reduce(0) { $0 + $1.tiedSteps }
    let steps = value.models.reduce(0) { $0 + $1.steps }
    let left = value.models.compactMap { model in
      // The curve has a point at every fiftieth.
      model.meanConfidence.dropFirst(Int((fewLeft * Double(StratumTotals.resolution)).rounded()))
        .first
        .map { "\(model.model) \(confidenceText($0))" }
    }
    let curves = curves(value, results)
    let ties =
      tied == 0
      ? "None of the \(steps) steps was decided by a tie."
      : "\(tied) of \(steps) steps were decided by a tie, that is by position and not by the model."
    return [
      .finding(
        Finding(
          .neutral,
          "Mean confidence with the last \(percent(fewLeft, decimals: 0)) of the pixels left: \(briefly(left))."
        )),
      .figure(curves),
      .details(
        notes: [curves.note, ties],
        results.hasModelPages ? [] : [.figure(maps(results, Array(results.models.indices)))]),
    ]
  }

  package static func modelBlocks(
    _ value: Value, _ results: AuditResults, model: Int
  ) -> [Block] {
    results.hasModelPages ? [.figure(maps(results, [model]))] : []
  }

  /// Lines per panel, and in all panels; more would be a solid area, and megabytes.
  private static let mostLines = 40
  private static let mostLinesOfAll = 160

  private static func curves(_ value: Value, _ results: AuditResults) -> Figure {
    let images = results.plan.sample.images.count
    let most = max(10, min(mostLines, mostLinesOfAll / max(results.models.count, 1)))
    let step = max(1, (images + most - 1) / most)
    let drawn = Array(stride(from: 0, to: images, by: step))
    let panels = results.models.indices.map { model in
      var marks: [Mark] = drawn.compactMap { results.record(model, $0) }.map { record in
        let style = SeriesStyle(
          color: SeriesStyle.colors[model % 7].mixed(with: .white, 0.55), lineWidth: 0.5)
        return .line(curve(record), style)
      }
      let mean = value.models[model]
      marks.append(
        .line(
          zip(mean.visible, mean.meanConfidence).map { Mark.Point($0 * 100, $1) },
          SeriesStyle(color: .black)))
      return Panel(
        title: results.models[model].name,
        x: .linear(label: "Pixels visible (%)", range: 0...100),
        y: .linear(label: "Confidence", range: 0...1.02), marks: marks)
    }
    let columns = min(3, max(1, panels.count))
    return Figure(
      name: "confidence-curves",
      caption:
        "A line that stays high far to the left: few pixels carry the decision. Read from right to left.",
      note: "Confidence for the predicted class while BackSelect masks pixels (from right to "
        + "left): one line per audited image"
        + (drawn.count < images ? " (\(drawn.count) of them, evenly spread)" : "")
        + ", the weighted mean of all in black, n = \(images)"
        + (results.records.contains(where: \.hasGaps)
          ? "; straight lines between the steps that were evaluated" : "")
        + (results.records.contains(where: \.hasVisited)
          ? "; a SIS may be smaller than the line says, because sets met on the way count too" : "")
        + ".",
      altText: value.models.map { model in
        let low = zip(model.visible, model.meanConfidence).first { $0.0 >= 0.05 }
        return "\(model.model): mean confidence "
          + (low.map { "\(confidenceText($0.1)) with \(percent($0.0)) of pixels visible" } ?? "–")
          + "."
      }.joined(separator: " "),
      height: 1.7 * Double((panels.count + columns - 1) / columns), columns: columns,
      panels: panels,
      data: DataTable(
        columns: ["model", "visible", "mean_confidence"],
        rows: value.models.flatMap { model in
          zip(model.visible, model.meanConfidence).map { [model.model, field($0), field($1)] }
        }))
  }

  /// At most about 200 of the points that were evaluated, always with both ends.
  private static func curve(_ record: ImageRecord) -> [Mark.Point] {
    let values = record.confidences.values
    let last = values.count - 1
    let known = values.indices.filter { !values[$0].isNaN }
    let step = max(1, known.count / 200)
    let drawn = stride(from: 0, to: known.count - 1, by: step).map { known[$0] } + known.suffix(1)
    return drawn.map {
      Mark.Point(100 * Double($0) / Double(max(last, 1)), Double(values[$0]))
    }
  }

  private static func maps(_ results: AuditResults, _ models: [Int]) -> Figure {
    let count = min(mapsPerModel, results.plan.sample.images.count)
    var panels = (0..<count).compactMap { results.record(0, $0) }.map { record in
      Panel(
        title: "\(results.plan.className(record.label))\nimage \(record.identifier)",
        marks: [.picture(record.picture)])
    }
    var rows: [[String]] = []
    for index in models {
      let model = results.models[index]
      for record in (0..<count).compactMap({ results.record(index, $0) }) {
        var step = [Double?](repeating: nil, count: record.pixelCount)
        for (position, pixel) in record.pixelOrder.enumerated() {
          step[pixel] = Double(position + 1) / Double(record.pixelCount)
        }
        let answer = results.plan.className(record.predictedClass)
        panels.append(
          Panel(
            title: "\(model.name)\n\(record.isCorrect ? "✓" : "✗") \(answer)",
            marks: [
              .cells(
                rows: record.height, columns: record.width, values: step, map: .viridis, 0...1, [])
            ]))
        rows += record.pixelOrder.enumerated().map { position, pixel in
          [model.name, record.identifier, String(position + 1), String(pixel)]
        }
      }
    }
    let suffix =
      models.count == results.models.count ? "" : "-" + fileName(results.models[models[0]].name)
    return Figure(
      name: "removal-order" + suffix,
      caption:
        "Dark blue was masked first (needed least), yellow last (needed most); the first \(count) of \(results.plan.sample.images.count) audited images.",
      altText:
        "Maps of the order of removal for \(count) images and \(listed(models.map { results.models[$0].name })); "
        + "the numbers are in the data file.",
      height: 1.65 * Double(models.count + 1), columns: max(1, count), arrangement: .grid,
      panels: panels,
      data: DataTable(columns: ["model", "image", "step", "pixel"], rows: rows))
  }
}
