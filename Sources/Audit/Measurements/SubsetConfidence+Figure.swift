import Figures
import Statistics

/// Accuracy on full images, on subsets and on random pixels, beside each other.
extension SubsetConfidence {
  static func figure(_ value: Value, _ results: AuditResults) -> Figure {
    let random = results.value(of: RandomSubsetBaseline.self)
    let all = value.models.indices.map { rows(value, random, results, $0) }
    let columns = min(3, max(1, all.count))
    let height = AccuracyBars.rowHeight * Double(all.first?.rows.count ?? 0) + 0.36
    return Figure(
      name: "subset-accuracy",
      caption:
        "As long a bar for chosen pixels as for whole images, and a short one for random pixels: a few specks "
        + "carry the decision.",
      note:
        "Accuracy on whole images (all \(results.plan.data.images), Wilson’s interval), on the \(results.subsetText) of "
        + "pixels that BackSelect keeps longest and on \(results.subsetText) drawn at random "
        + "(n = \(results.plan.sample.images.count) images). Lines: \(results.intervalText)"
        + (random.map {
          "; for random pixels over \($0.models[0].n) images of \($0.draws) draws each"
        } ?? "") + ". Chance is \(percent(1 / Double(results.plan.classCount), decimals: 1)).",
      altText: zip(value.models, all).map { "\($0.model): \($1.text)." }.joined(separator: " "),
      height: height * Double((all.count + columns - 1) / columns), columns: columns,
      panels: all.enumerated().map { $1.panel(title: value.models[$0].model, model: $0) },
      data: DataTable(
        columns: ["model", "shown", "accuracy", "low", "high"],
        rows: zip(value.models, all).flatMap { model, bars in
          zip(["full", "backselect", "random"], bars.rows).map { name, row in
            [model.model, name, field(row.value), field(row.low), field(row.high)]
          }
        }))
  }

  private static func rows(
    _ value: Value, _ random: RandomSubsetBaseline.Value?, _ results: AuditResults, _ index: Int
  ) -> AccuracyBars {
    let model = value.models[index]
    let subset = model.subsetAccuracy
    let q = results.subsetText
    return AccuracyBars(
      rows: [
        .init(
          "whole image", model.fullAccuracy, model.fullAccuracyLow, model.fullAccuracyHigh,
          isOwn: true),
        .init("its \(q)", subset.mean, subset.low, subset.high, isOwn: true),
      ]
        + (random.map { random in
          let own = random.models[index]
          return [.init("random \(q)", own.mean, own.low, own.high, isOwn: false)]
        } ?? []))
  }
}
