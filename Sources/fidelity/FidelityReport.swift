import Audit
import Figures
import Foundation
import SharedWork

/// The comparison as a page and a figure.
struct FidelityReport {
  struct Row {
    let method: MethodUnderTest
    let overall: Comparison
    let byModel: [Comparison]
  }

  let rows: [Row]
  let models: [String]
  /// Per model.
  let images: Int
  let thresholds: [Double]
  func write(to folder: String) throws {
    try RecordFile.replace("\(folder)/fidelity.png", with: figure.render(.png, dotsPerInch: 200))
    try LargeImages.replace(before: page, in: folder)
  }

  /// Cost, size and agreement of every method, all models together.
  var table: String {
    markdown(
      [
        "method", "evaluations", "gradients", "10⁹ multiply-adds", "seconds", "cost",
        "SIS size / exact", "rank correlation", "probability ties",
      ],
      rows.map { row in
        let found = row.overall
        return [
          row.method.isDefault ? "**\(row.method.id)** (default)" : row.method.id,
          number(found.evaluations, 0), number(found.gradients, 0), number(found.multiplyAdds, 0),
          number(found.seconds, 1), share(found.cost), text(found.ratio),
          number(found.rankCorrelation, 2), number(found.probabilityTies, 0),
        ]
      })
  }

  private var modelTable: String {
    markdown(
      ["method"] + models + thresholds.map { "τ = \($0)" },
      rows.map { row in
        [row.method.id] + row.byModel.map { text($0.ratio) }
          + row.overall.ratioByThreshold.map { $0.map { number($0.mean, 2) } ?? "–" }
      })
  }

  /// The last commit and its day, by which the document calls the version that printed it.
  static var version: String {
    let git = Process()
    let output = Pipe()
    git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    git.arguments = [
      "git", "log", "-1", "--format=commit %h (%cd)", "--date=format:%-d %B %Y",
    ]
    git.standardOutput = output
    guard (try? git.run()) != nil else { return "an unknown commit" }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    git.waitUntilExit()
    return text.isEmpty ? "an unknown commit" : text.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private var page: String {
    """
    # How good are the fast methods?

    **Version: \(FidelityReport.version).** Written by `fidelity --images \(images)` (`make bench` takes 20; finished trials are kept from run to run). \
    Each BackSelect method beside *exact* on \(models.count) models × \(images) Fashion-MNIST test images: the first, of every 37th of the set, whose \
    class the model gives at least 50% and does not already give to the blank image.

    ![Cost against SIS size, one point a method](fidelity.png)

    \(table)

    *evaluations*, *gradients*, *multiply-adds*, *seconds* (of one core): per image. *cost*: work relative to *exact*'s, a \
    gradient counted at the time it takes. *SIS size / exact*: geometric mean over images and thresholds, 95% interval by Student's t \
    over images; below 1 is smaller than *exact*. *rank correlation*: Spearman's, over the last 20% of *exact*'s order. \
    *probability ties*: steps per image whose best candidates Float32 probability cannot tell apart, so that `--score probability` \
    would decide by position.

    ## By model and by threshold

    \(modelTable)

    Exact greedy search takes the best step, not the best path, so its subsets are not the smallest there are: searches that step \
    differently end in other subsets, some smaller. *guided* is floating BackSelect with single pixels: *n* + *m* pixels are \
    evaluated for masking and for showing again. *ranked by gradients alone*: what evaluation says of a pixel does not enter the \
    ranking. *ends of the order*: sufficient sets met on the way do not count. The numbers of *guided* were chosen on images among \
    these; expect a few percent less elsewhere. \
    Where intervals overlap, these images do not tell which of two methods is better. Up to commit ee0e0ff *guided* was the better of two \
    searches that only mask: 0.88 of *exact*'s size at 1/26 of its cost on 20 images a model (commit 0d87e96); sizes on other images \
    are not to be held against these.

    """
  }

  private var figure: Figure {
    let families = MethodUnderTest.Family.allCases
    // The default above all others.
    let marks = families.reversed().flatMap { family -> [Mark] in
      let found = rows.filter { $0.method.family == family }.map(\.overall)
      let known = found.compactMap { comparison in
        comparison.ratio.map { (log10(comparison.cost), $0) }
      }
      let points = known.map { Mark.Point($0, $1.mean) }
      let bars = known.compactMap { x, ratio in
        ratio.low.flatMap { low in ratio.high.map { Mark.Interval(x, low, $0) } }
      }
      return [.errorBars(bars, family.style), .points(points, family.style)]
        // Only these differ in one number.
        + (family == .gradient ? [.line(points, family.style)] : [])
    }
    let ticks = [
      (-3.0, "1/1000"), (-2, "1/100"), (log10(1 / 30.0), "1/30"), (-1, "1/10"), (0, "1"),
    ]
    let highest = rows.compactMap { $0.overall.ratio?.high }.max() ?? 2
    return Figure(
      name: "fidelity", caption: "", altText: "", width: 6.5, height: 3.4,
      panels: [
        Panel(
          x: .linear(
            label: "Cost relative to exact BackSelect", range: -3.2...0.1,
            ticks: ticks.map { Axis.Tick($0, $1) }),
          y: .linear(label: "SIS size relative to exact", range: 0.6...max(1.2, highest * 1.05)),
          marks: [.rule(y: 1, label: "")] + marks)
      ],
      legend: families.map { LegendEntry($0.rawValue, $0.style) },
      data: DataTable(columns: [], rows: []))
  }

  private func text(_ ratio: Comparison.Ratio?) -> String {
    guard let ratio else { return "–" }
    guard let low = ratio.low, let high = ratio.high else { return number(ratio.mean, 2) }
    return "\(number(ratio.mean, 2)) [\(number(low, 2)), \(number(high, 2))]"
  }

  private func share(_ cost: Double) -> String {
    cost > 0.99 ? "1" : "1/" + number(1 / cost, 1 / cost < 100 ? 1 : 0)
  }

  private func number(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }
}

/// A table, its head first.
func markdown(_ head: [String], _ rows: [[String]]) -> String {
  let lines = [head, head.map { _ in "---" }] + rows
  return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
}
