import Foundation
import Testing

/// A folder whose model is retrained from night to night.
@Suite struct NightlyTests {
  private let models = ["resnet20-a", "resnet20-b", "vgg8"]

  /// Puts a fixture model where the nightly job finds it, always under the same name.
  private func train(_ name: String, in folder: String) throws {
    let source = Program.root.appendingPathComponent("fixtures/models").path
    let target = "\(folder)/models"
    try? FileManager.default.removeItem(atPath: target)
    try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
    for ending in ["onnx", "preprocess.json"] {
      try FileManager.default.copyItem(
        atPath: "\(source)/\(name).\(ending)", toPath: "\(target)/classifier.\(ending)")
    }
    let external = "\(name).onnx.data"
    if FileManager.default.fileExists(atPath: "\(source)/\(external)") {
      try FileManager.default.copyItem(
        atPath: "\(source)/\(external)", toPath: "\(target)/\(external)")
    }
  }

  private func night(_ number: Int, in folder: String, policy: String) throws -> Program.Answer {
    let baseline = number > 1 ? ["--baseline", "\(folder)/night-\(number - 1)"] : []
    return try Program.run(
      [
        "audit", "\(folder)/models/classifier.onnx", "--data", "fixtures/fashion-mnist",
        "--limit", "24", "--method", "gradient", "--block", "8", "--policy", policy, "--history",
        "\(folder)/audits.sqlite", "-o", "\(folder)/night-\(number)",
      ] + baseline)
  }

  @Test func `Three nights leave history, trend, flips and the right verdicts`() throws {
    try Program.withTemporaryFolder { folder in
      let policy = "\(folder)/policy.yaml"
      try Data(
        """
        checks:
          - metric: accuracy
            min: 0.9
          - metric: accuracy
            max_drop: 0.05
          - metric: mask_sanity.blank_confidence
            max: 0.985
        """.utf8
      ).write(to: URL(fileURLWithPath: policy))

      try expectVerdicts(folder, policy)
      try expectHistory(folder)
      let report = try text("\(folder)/night-3/report.html")
      for part in ["id=\"trends\"", "id=\"comparison\"", "McNemar", "changed-classifier-1"] {
        #expect(report.contains(part), "\(part)")
      }
      let series = try text("\(folder)/night-3/figures/trends.csv").split(separator: "\r\n")
      #expect(series.count { $0.hasPrefix("accuracy,") } == 3)
      let junit = try text("\(folder)/night-1/junit.xml")
      #expect(junit.contains("failures=\"1\" errors=\"1\""))

      try expectPruning(folder)
      try expectTheSameJudgement(folder, policy)

      // Rendering again keeps verdict, comparison and trends, without baseline or history.
      for gone in ["night-2", "audits.sqlite"] {
        try FileManager.default.removeItem(atPath: "\(folder)/\(gone)")
      }
      let again = try Program.run("report", "\(folder)/night-3")
      #expect(again.code == 0)
      #expect(try text("\(folder)/night-3/report.html") == report)
    }
  }

  private func expectVerdicts(_ folder: String, _ policy: String) throws {
    // The first night has no baseline: a check that did not run is not passed. And resnet20-a is
    // surer of the blank image than allowed, which weighs more.
    try train(models[0], in: folder)
    let first = try night(1, in: folder, policy: policy)
    #expect(first.code == 1, "\(first)")
    #expect(first.output.contains("NOT RUN: Accuracy"))
    #expect(first.output.contains("FAILED: Confidence on a blank image"))

    try train(models[1], in: folder)
    let second = try night(2, in: folder, policy: policy)
    #expect(second.code == 1)
    #expect(second.output.contains("Since the baseline: classifier: accuracy −0.6 points"))

    try train(models[2], in: folder)
    let third = try night(3, in: folder, policy: policy)
    #expect(third.code == 0, "\(third)")
    #expect(third.output.contains("3 checks of the policy policy.yaml: 3 passed."))
  }

  private func expectHistory(_ folder: String) throws {
    let list = try Program.run("history", "list", "\(folder)/audits.sqlite", "--json")
    let json = try JSONSerialization.jsonObject(with: Data(list.output.utf8))
    let runs = try #require(json as? [[String: Any]])
    #expect(runs.map { $0["outcome"] as? String } == ["failed", "failed", "passed"])
    let digests = runs.compactMap { ($0["models"] as? [[String: Any]])?[0]["digest"] as? String }
    #expect(Set(digests).count == 3)

    let trend = try Program.run(
      "history", "trend", "\(folder)/audits.sqlite", "accuracy", "-o", "\(folder)/trend.svg")
    #expect(trend.code == 0)
    let values = trend.output.split(separator: "\n").compactMap {
      $0.firstMatch(of: /classifier  ([0-9.]+)%/).map { String($0.1) }
    }
    #expect(values == ["93.6", "93.0", "94.0"])
    #expect(FileManager.default.contents(atPath: "\(folder)/trend.svg")?.count ?? 0 > 3000)
  }

  /// A day is a day, and nothing goes that is not before it.
  private func expectPruning(_ folder: String) throws {
    for (day, code, left) in [
      ("2026-1-31", Int32(64), 3), ("2026-13-01", 64, 3), ("2001-01-01", 0, 3),
    ] {
      let prune = try Program.run(
        "history", "prune", "\(folder)/audits.sqlite", "--before", day)
      let rest = try Program.run("history", "list", "\(folder)/audits.sqlite")
      #expect(prune.code == code && rest.output.split(separator: "\n").count == left, "\(day)")
    }
  }

  /// Judged again after the folder of the baseline has become this run's own: still against night 2.
  private func expectTheSameJudgement(_ folder: String, _ policy: String) throws {
    try FileManager.default.moveItem(
      atPath: "\(folder)/night-3", toPath: "\(folder)/kept")
    try FileManager.default.moveItem(
      atPath: "\(folder)/night-2", toPath: "\(folder)/night-0")
    try FileManager.default.moveItem(
      atPath: "\(folder)/kept", toPath: "\(folder)/night-2")
    let rejudged = try Program.run("report", "\(folder)/night-2", "--policy", policy)
    #expect(rejudged.code == 0 && rejudged.output.contains("accuracy +1.0 points"))
    let gate = try text("\(folder)/night-2/junit.xml")
    #expect(gate.contains("change +1.0 ["), "\(gate)")
    try FileManager.default.moveItem(
      atPath: "\(folder)/night-2", toPath: "\(folder)/night-3")
    try FileManager.default.moveItem(
      atPath: "\(folder)/night-0", toPath: "\(folder)/night-2")
  }

  private func text(_ path: String) throws -> String {
    String(
      decoding: try #require(FileManager.default.contents(atPath: path), "\(path)"),
      as: UTF8.self)
  }
}
