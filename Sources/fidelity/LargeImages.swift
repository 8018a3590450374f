import Audit
import Foundation
import SharedWork
import Statistics

/// Methods for large images, beside the first of them.
struct LargeImages {
  struct Row {
    let method: MethodUnderTest
    /// One per image.
    let trials: [Trial]
  }

  let name: String
  let pixels: Int
  let rows: [Row]
  let thresholds: [Double]

  private var images: Int { rows[0].trials.count }

  /// Cost and size of the methods.
  var table: String { markdown(cells[0], Array(cells.dropFirst())) }

  /// Where the section begins.
  private static let title = "\n## Large images\n"

  /// Writes the section anew; what stands before it stays.
  func write(to folder: String) throws {
    let page = try String(contentsOfFile: "\(folder)/FIDELITY.md", encoding: .utf8)
    let before = page.components(separatedBy: LargeImages.title)[0]
    try RecordFile.replace(
      "\(folder)/FIDELITY.md", with: Data((before + LargeImages.title + section).utf8))
  }

  /// Writes anew what stands before the section.
  static func replace(before: String, in folder: String) throws {
    let page = (try? String(contentsOfFile: "\(folder)/FIDELITY.md", encoding: .utf8)) ?? ""
    let parts = page.components(separatedBy: title)
    try RecordFile.replace(
      "\(folder)/FIDELITY.md",
      with: Data((before + (parts.count > 1 ? title + parts[1] : "")).utf8))
  }

  private var section: String {
    """

    **Version: \(FidelityReport.version).** Written by `fidelity` (`make bench`), in one run. \(name) at 224×224, on those \(images) of 20 ImageNet photographs (`make demo-photos` fetches \
    them) whose class it gives at least 50% and does not give to the blank image; single pixels are masked, with grey. Sizes are geometric means of \
    pixels, of \(pixels); *seconds* of one core while both work; the last column is over images and thresholds, with a 95% interval over images.

    \(table)

    *quick* is for networks too dear for *floating*. *no memory*: earlier gradients do not count. *ranked by gradients alone*: what evaluation says of a group does not enter the ranking. *none shown again*: fine steps only mask. *coarse only*: no groups are evaluated. \
    *ends of the order*: sufficient sets met on the way do not count. The \
    default was chosen on these very images, among some fifty settings; expect larger subsets elsewhere.

    """
  }

  /// Its head first.
  private var cells: [[String]] {
    let head =
      ["method", "evaluations", "gradients", "seconds"] + thresholds.map { "τ = \($0)" }
      + ["top-1", "SIS size ÷ \(rows[0].method.id)"]
    return [head]
      + rows.map { row in
        let sizes = thresholds.map { threshold in mean(row.trials) { $0.sizes[threshold] } }
        return [
          row.method.isLargeDefault ? "**\(row.method.id)** (default)" : row.method.id,
          average(row.trials, 0) { Double($0.evaluations) },
          average(row.trials, 0) { Double($0.gradients) },
          average(row.trials, 1, \.processorSeconds),
        ] + sizes + [mean(row.trials, \.topOneSize), ratio(row)]
      }
  }

  /// A geometric mean of pixels; empty subsets count as one pixel.
  private func mean(_ trials: [Trial], _ size: (Trial) -> Int?) -> String {
    let logarithms = trials.compactMap(size).map { log(Double(max($0, 1))) }
    guard !logarithms.isEmpty else { return "–" }
    return String(
      format: "%.0f", exp(logarithms.reduce(0, +) / Double(logarithms.count)))
  }

  private func average(_ trials: [Trial], _ digits: Int, _ value: (Trial) -> Double) -> String {
    String(
      format: "%.\(digits)f", trials.reduce(0) { $0 + value($1) } / Double(max(trials.count, 1)))
  }

  /// Over the images and the thresholds each reaches, with its interval over images.
  private func ratio(_ row: Row) -> String {
    let logarithms = zip(row.trials, rows[0].trials).map {
      $0.logRatios(to: $1, thresholds: thresholds)
    }
    guard let found = Comparison.Ratio(ofImages: logarithms) else { return "–" }
    guard let low = found.low, let high = found.high, low < high else {
      return String(format: "%.2f", found.mean)
    }
    return String(format: "%.2f [%.2f, %.2f]", found.mean, low, high)
  }
}
