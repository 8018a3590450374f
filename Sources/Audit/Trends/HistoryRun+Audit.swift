import Foundation
import History

extension HistoryRun {
  /// A finished audit as a history keeps it.
  package init(
    _ results: AuditResults, numbers: AuditNumbers, gate: Gate, run: RunDescription, folder: String
  ) {
    var metrics: [Metric] = []
    for metric in Audit.Metric.all {
      guard case .found(let found) = numbers.find(metric.name) else { continue }
      metrics += found.compactMap { found in
        found.value.map {
          Metric(
            name: metric.name, model: found.model, threshold: found.threshold, value: $0,
            low: found.low, high: found.high)
        }
      }
    }
    self.init(
      date: run.date, version: run.version, data: results.plan.data.name,
      method: results.plan.comparableMethod, plan: run.plan,
      audited: results.plan.sample.images.count, folder: folder, outcome: gate.outcome.rawValue,
      models: results.models.map { AuditedFile(name: $0.name, digest: $0.digest) },
      metrics: metrics,
      checks: gate.rows.map {
        Check(
          metric: $0.metric, model: $0.model, threshold: $0.threshold, limit: $0.limit,
          severity: $0.severity.rawValue, status: $0.status.rawValue, reason: $0.reason)
      })
  }
}

extension RunFolder {
  /// Adds the finished audit in this folder to a history, with the verdict it was given.
  ///
  /// - Returns: The number of the run.
  /// - Throws: `AuditError` or `HistoryError`.
  package func add(to history: History) throws -> Int64 {
    let results = try results()
    guard let data = FileManager.default.contents(atPath: file("run.json")),
      let run = try? JSONDecoder().decode(RunDescription.self, from: data),
      let assessment = try Assessment.stored(self, plan: results.plan)
    else {
      throw AuditError.record(path: file("run.json"), reason: "or the verdict is missing")
    }
    return try history.add(
      HistoryRun(
        results, numbers: AuditNumbers(path: path), gate: assessment.gate, run: run, folder: path))
  }
}

extension AuditPlan {
  /// What two runs must agree in for their numbers to be drawn together.
  var comparableMethod: String {
    let masks = listed(
      Set(models.map { $0.mask.name == "explicit" ? "\(settings.mask)" : $0.mask.name }).sorted())
    return "\(settings.methodDescription), mask \(masks), "
      + "\(percent(settings.subsetFraction, decimals: 1)) subsets"
  }
}
