import Figures
import Foundation
import Reports
import Statistics

extension Comparison {
  static let sectionID = "comparison"

  /// The part of a report that shows what changed.
  package func section(_ results: AuditResults) -> Section {
    var blocks: [Block] = [.finding(finding)]
    if !readings.isEmpty { blocks.append(.table(readingsTable)) }
    blocks.append(.table(predictionTable))
    var notes = [design]
    var tables: [Block] = []
    if models.contains(where: { !$0.thresholds.isEmpty }) {
      let figure = figure(results)
      blocks.append(.figure(figure))
      notes.append(figure.note)
      tables.append(.table(sizeTable(results)))
    }
    for model in models where !model.changedMost.isEmpty {
      blocks.append(.imageGrid(grid(model, results)))
    }
    blocks.append(.details("How it was compared", notes: notes, tables))
    return Section(
      id: Comparison.sectionID, title: "What changed since the baseline?", isSummary: true,
      blocks: blocks)
  }

  /// A report of the comparison alone.
  package func document(_ results: AuditResults, date: String) -> Document {
    Document(
      title: "What changed in " + listed(models.map(\.model)),
      subtitle: "\(results.plan.data.name), compared with \(baselineName).", date: date,
      sections: [section(results)])
  }

  /// What changed, in a sentence per model.
  package var sentences: [String] {
    let differing = Set(readings.map(\.question)).sorted()
    return models.map(sentence)
      + (differing.isEmpty
        ? []
        : [
          "The two runs read differently: \(listed(differing)); numbers may differ for that alone."
        ])
  }

  private var readingsTable: Table {
    Table(
      caption:
        "What the two runs read differently: a reason for other numbers that is not the model.",
      columns: ["Of", "What", "Now", "Baseline"].map { Table.Column($0) },
      rows: readings.map {
        [$0.model ?? "data", $0.question, $0.current, $0.baseline].map { Table.Cell($0) }
      })
  }

  private func sentence(_ model: ModelChange) -> String {
    var parts: [String] = []
    if model.isUnchanged {
      let isSame = (model.flips?.changed ?? 0) == 0
      if isSame { return "\(model.model) is the same file as in the baseline." }
      parts.append("the same file, but not the same answers (check the preprocessing)")
    }
    if let accuracy = model.accuracy, let flips = model.flips {
      let surely = flips.p < 0.05 ? "" : "; may be chance"
      parts.append(
        "accuracy \(points(accuracy.mean)) points (\(flips.lost) images lost, \(flips.gained) gained, "
          + "McNemar p = \(probability(flips.p))\(surely))")
    }
    let usual = usual(model)
    if let usual, let change = usual.change {
      let isCertain = (change.low ?? 0) > 0 || (change.high ?? 0) < 0
      parts.append(
        "pixels needed at \(thresholdPercent(usual.threshold)) confidence \(points(change.mean)) points of the "
          + "image (n = \(usual.n)\(isCertain ? "" : "; may be chance"))")
    }
    if let overlap = usual?.overlap {
      parts.append("subsets share \(percent(overlap.mean, decimals: 0)) of their pixels")
    }
    if let sufficient = model.sufficient?.sentence { parts.append(sufficient) }
    return "\(model.model): " + (parts.isEmpty ? "nothing to compare" : listed(parts)) + "."
  }

  /// The threshold put into words, the nearest to 0.9: high ones have few images.
  private func usual(_ model: ModelChange) -> ThresholdValue? {
    model.thresholds.filter { $0.change != nil }.min {
      abs($0.threshold - 0.9) < abs($1.threshold - 0.9)
    }
  }

  private var finding: Finding {
    let isWorse = models.contains(where: isSurelyWorse)
    return Finding(isWorse ? .concern : .neutral, sentences.joined(separator: " "))
  }

  /// Whether accuracy fell or subsets shrank by more than chance, or a component suffices alone that did not.
  private func isSurelyWorse(_ model: ModelChange) -> Bool {
    if let flips = model.flips, flips.lost > flips.gained, flips.p < 0.05 { return true }
    if model.sufficient?.new.isEmpty == false { return true }
    return (usual(model)?.change?.high ?? 0) < 0
  }

  private var design: String {
    var text =
      "Baseline: \(baselineName)" + (baselineDate.map { " of \($0)" } ?? "") + ". "
      + "Compared image by image: \(sharedImages) images of the datasets are the same"
    if let onlyCurrent, onlyCurrent > 0 { text += ", \(onlyCurrent) are only in this run" }
    if let onlyBaseline, onlyBaseline > 0 { text += ", \(onlyBaseline) only in the baseline" }
    if differing > 0 {
      text += ", \(differing) have the same name but another picture or label and are left out"
    }
    text += "; \(sharedAudited) of them were audited in both."
    if subsetsNotCompared == nil, !unrepresented.isEmpty {
      text +=
        " Changes of subsets are of the \(represented) images that those stand for: of "
        + listed(unrepresented) + ", none was audited in both."
    }
    if let reason = subsetsNotCompared { text += " Subsets are not compared: \(reason)." }
    if !unmatched.isEmpty { text += " Without counterpart: \(listed(unmatched))." }
    return text
  }

  private var predictionTable: Table {
    Table(
      caption: "Over all shared images of the datasets. Change: accuracy now minus then with the "
        + "\(levelText) interval of paired shares (Bonett and Price). Lost: right then, wrong now. p: exact "
        + "McNemar test, two-sided.",
      columns: [
        Table.Column("Model"), Table.Column("n", numeric: true),
        Table.Column("Accuracy, points", numeric: true),
        Table.Column("Other class", numeric: true), Table.Column("Lost", numeric: true),
        Table.Column("Gained", numeric: true), Table.Column("p", numeric: true),
      ],
      rows: models.map { model in
        guard let flips = model.flips, let accuracy = model.accuracy else {
          return [
            Table.Cell(model.model),
            Table.Cell("not run", status: .notRun),
          ] + [Table.Cell](repeating: Table.Cell("–"), count: 5)
        }
        return [
          Table.Cell(model.model), Table.Cell(String(flips.n)), Table.Cell(changeText(accuracy)),
          Table.Cell(String(flips.changed)), Table.Cell(String(flips.lost)),
          Table.Cell(String(flips.gained)), Table.Cell(probability(flips.p)),
        ]
      })
  }

  private func sizeTable(_ results: AuditResults) -> Table {
    Table(
      name: "sis-size-change",
      caption: "n: audited images that reach τ in both runs. Change: mean of now minus then, in "
        + "points of the image, each image weighted by those that were as right or wrong then and now; "
        + changeIntervalText + ". Overlap: pixels in both subsets over pixels "
        + "in either (Jaccard), beside that of random subsets of the same sizes.",
      columns: [
        Table.Column("Model"), Table.Column("τ", numeric: true), Table.Column("n", numeric: true),
        Table.Column("SIS then", numeric: true), Table.Column("SIS now", numeric: true),
        Table.Column("Change, points", numeric: true), Table.Column("Overlap", numeric: true),
        Table.Column("by chance", numeric: true),
      ],
      rows: models.flatMap { model in
        model.thresholds.map { value in
          [
            Table.Cell(model.model), Table.Cell(thresholdText(value.threshold)),
            Table.Cell(String(value.n)), Table.Cell(value.baseline.map { percent($0) } ?? "–"),
            Table.Cell(value.current.map { percent($0) } ?? "–"),
            Table.Cell(value.change.map(changeText) ?? "–"),
            Table.Cell(value.overlap.map { percent($0.mean) } ?? "–"),
            Table.Cell(value.overlapByChance.map { percent($0) } ?? "–"),
          ]
        }
      })
  }

  private var changeIntervalText: String {
    "\(levelText) interval: the farther bound of Student’s t and of both means’ Wilson intervals put together "
      + "(MOVER), none where fewer than six images changed, or Bonett and Price’s where none did"
  }

  private func figure(_ results: AuditResults) -> Figure {
    var marks: [Mark] = []
    var bounds: [Double] = [0]
    let spread = 0.5 / Double(max(models.count, 1))
    for (index, model) in models.enumerated() {
      let style = SeriesStyle.series(index)
      let offset = (Double(index) - Double(models.count - 1) / 2) * spread
      var points: [Mark.Point] = []
      var errors: [Mark.Interval] = []
      for (position, value) in model.thresholds.enumerated() {
        guard let change = value.change?.scaled(by: 100) else { continue }
        let x = Double(position) + offset
        points.append(Mark.Point(x, change.mean))
        bounds.append(change.mean)
        guard let low = change.low, let high = change.high else { continue }
        errors.append(Mark.Interval(x, low, high))
        bounds += [low, high]
      }
      marks += [.errorBars(errors, style), .points(points, style)]
    }
    marks.append(.rule(y: 0, label: ""))
    let (low, high) = (bounds.min() ?? 0, bounds.max() ?? 0)
    let room = max((high - low) * 0.08, 0.1)
    let thresholds = models.map(\.thresholds).max { $0.count < $1.count } ?? []
    return Figure(
      name: "sis-size-change",
      caption: "Below 0: fewer pixels are enough now.",
      note:
        "Change of mean SIS size since the baseline, image by image, over images that reach τ in "
        + "both runs. Lines: \(changeIntervalText). "
        + "n = \(countRange(models.flatMap(\.thresholds).map(\.n))) images.",
      altText: sentences.joined(separator: " "), height: 2.3,
      panels: [
        Panel(
          x: .categories(
            label: "Confidence τ", thresholds.map { thresholdText($0.threshold) }),
          y: .linear(label: "Change of pixels needed (points)", range: low - room...high + room),
          marks: marks)
      ],
      legend: models.enumerated().map { LegendEntry($1.model, .series($0)) },
      data: DataTable(
        columns: [
          "model", "threshold", "n", "baseline", "current", "change", "low", "high", "overlap",
          "overlap_by_chance",
        ],
        rows: models.flatMap { model in
          model.thresholds.map { value in
            [
              model.model, field(value.threshold), String(value.n), field(value.baseline),
              field(value.current), field(value.change?.mean), field(value.change?.low),
              field(value.change?.high), field(value.overlap?.mean),
              field(value.overlapByChance),
            ]
          }
        }))
  }

  private func grid(_ model: ModelChange, _ results: AuditResults) -> ImageGrid {
    let threshold = model.changedMost.first?.threshold ?? 0
    return ImageGrid(
      name: "changed-\(fileName(model.model))", heading: "\(model.model): changed most",
      caption: "\(model.model): images that changed most, other classes first, then changes of the "
        + "pixels needed at \(thresholdPercent(threshold)) confidence: the image, its pixels then, and now.",
      items: model.changedMost.map { changed in
        let image = PixelImage(
          width: changed.width, height: changed.height, channels: changed.channels,
          bytes: changed.display.values)
        func text(_ side: ChangedImage.Side) -> String {
          "\(results.plan.className(side.predicted)) \(confidenceText(side.confidence)), "
            + (side.pixels.map { "\($0.count) pixels" } ?? "below τ")
        }
        let note =
          "Then \(text(changed.baseline)). Now \(text(changed.current)). Truly "
          + "\(results.plan.className(changed.label)). Image \(changed.image)."
        return ImageGrid.Item(
          title: results.plan.className(changed.label), note: note,
          shortNote: [changed.baseline, changed.current]
            .map { $0.pixels.map { "\($0.count) px" } ?? "below τ" }.joined(separator: " → "),
          pictures: [
            ImageGrid.Picture(image, "image"),
            ImageGrid.Picture(
              image.marking(changed.baseline.pixels ?? [], Color(0x0072b2)), "then"),
            ImageGrid.Picture(image.marking(changed.current.pixels ?? [], Color(0xd00000)), "now"),
          ],
          altText: note)
      })
  }

  private func points(_ value: Double) -> String {
    (value > 0 ? "+" : "") + number(value * 100, decimals: 1)
  }

  private func changeText(_ estimate: MeanEstimate) -> String {
    (estimate.mean > 0 ? "+" : "") + pointsText(estimate)
  }

  private func probability(_ p: Double) -> String {
    p < 0.001 ? "<0.001" : number(p, decimals: 3)
  }
}
