import Audit
import AuditRun
import Foundation
import Inference
import ONNX
import SharedWork
import SufficientInputSubsets
import Synchronization
import Testing

/// Searches that are stopped between passes of the network and go on, on a network that a session
/// with a gradient computes by other kernels than one without.
@Suite struct StoppingSearchTests {
  private func settings(_ method: AuditSettings.Method) -> AuditSettings {
    var settings = AuditSettings()
    settings.method = method
    settings.block = 2
    settings.unit = .patch(height: 7, width: 7)
    settings.findsMinimal = true
    settings.thresholds = [0.5, 0.9]
    settings.limit = 2
    settings.randomDraws = 1
    return settings
  }

  private func runner(
    _ folder: String, _ method: AuditSettings.Method, workers: Int = 1
  ) throws -> AuditRunner {
    var runner = AuditRunner(
      models: [try FixtureAudit.siluModel()], dataset: try FixtureAudit.dataset(),
      settings: settings(method), folder: RunFolder(folder))
    runner.workers = workers
    return runner
  }

  /// Files of the records folder with their bytes.
  private func files(_ folder: String) -> [String: Data] {
    let names = FileManager.default.enumerator(atPath: "\(folder)/records")?.allObjects ?? []
    return names.map { "\($0)" }.filter { $0.hasSuffix(".json") }
      .reduce(into: [:]) {
        $0[$1] = FileManager.default.contents(atPath: "\(folder)/records/\($1)")
      }
  }

  @Test(arguments: AuditSettings.Method.allCases, [1, 2, 3])
  func `Stopped again and again, it ends in the same bytes for any number of workers`(
    _ method: AuditSettings.Method, _ workers: Int
  ) throws {
    try FixtureAudit.withTemporaryFolder { folder in
      _ = try runner("\(folder)/whole", method).run { _ in }
      let expected = files("\(folder)/whole")
      #expect(expected.keys.count { $0.hasPrefix("silu") } == 2)
      #expect(expected.keys.count { $0.hasPrefix("parts-") } == 2 + 16)

      // Enough for one piece of work by new sessions, whose making counts too.
      let enough = [.gradient, .quick].contains(method) ? 7 : 15
      var stops = 0
      var checkpoints = 0
      while stops < 300 {
        var runner = try runner("\(folder)/stopped", method, workers: workers)
        // So short that every piece of work is kept.
        runner.checkpointInterval = 0
        let passes = Mutex(0)
        runner.willRun = {
          try passes.withLock { passes in
            passes += 1
            if passes > enough * min(workers, 2) { throw SharedWorkError.interrupted }
          }
        }
        do {
          _ = try runner.run { _ in }
          break
        } catch SharedWorkError.interrupted {
          stops += 1
          checkpoints += files("\(folder)/stopped").keys.count { $0.contains("checkpoint") }
        }
      }
      #expect(stops > 1 && checkpoints > 1, "\(stops) stops, \(checkpoints) checkpoints")
      #expect(files("\(folder)/stopped") == expected)
    }
  }

  @Test
  func `An audit that was stopped is reported as far as it got, and time that is over ends one`()
    throws
  {
    try FixtureAudit.withTemporaryFolder { folder in
      let whole = try runner("\(folder)/whole", .floating).run { _ in }
      // Stopped once one image is finished.
      var stopped = try runner("\(folder)/stopped", .floating)
      let finished = Mutex(0)
      stopped.willRun = {
        if finished.withLock({ $0 }) > 0 { throw SharedWorkError.interrupted }
      }
      #expect(throws: SharedWorkError.interrupted) {
        try stopped.run { event in
          if case .searching(let progress) = event { finished.withLock { $0 = progress.finished } }
        }
      }
      let partly = try RunFolder("\(folder)/stopped").results()
      let image = try #require(partly.plan.sample.images.first)
      #expect(partly.plan.sample.images.count == 1 && partly.evaluations != nil)
      #expect(partly.plan.sample.description.contains("stopped at 1 of 2 images"))
      #expect(partly.records[0].map(\.image) == [image])
      #expect(try whole.allRecords()[0].contains(partly.allRecords()[0][0]))
      #expect(partly.value(of: SISSizeByThreshold.self) != nil)
      for section in MeasuredSection.all(partly) where section.value == nil {
        #expect(section.reasonNotRun?.isEmpty == false)
      }
      try ResultLine.write(partly, to: "\(folder)/lines")
      #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/lines")).count { $0 == 10 } == 1)

      // No time is left: what was finished before is all there is, compared as ever.
      var late = try runner("\(folder)/stopped", .floating)
      late.timeLimit = TimeLimit(0, from: .now, text: "0s")
      let ended = try late.run { _ in }
      #expect(ended.plan.sample.images == [image])
      #expect(ended.records == partly.records && ended.evaluations == partly.evaluations)
      #expect(ended.plan.sample.description.contains("--time 0s ended the search after 1"))
      #expect(try RunFolder("\(folder)/stopped").results().plan == ended.plan)
      // With time it goes on to the same end.
      let again = try runner("\(folder)/stopped", .floating).run { _ in }
      #expect(again.records == whole.records && again.evaluations == whole.evaluations)

      var empty = try runner("\(folder)/empty", .floating)
      empty.timeLimit = TimeLimit(0, from: .now, text: "0s")
      #expect(throws: AuditRunError.noTime(limit: "0s")) { try empty.run { _ in } }
      #expect(throws: AuditError.nothingFinished(path: "\(folder)/empty")) {
        try RunFolder("\(folder)/empty").results()
      }
    }
  }

  @Test
  func
    `An audit until all is decided ends at the first look that decides, wherever it was stopped`()
    throws
  {
    try FixtureAudit.withTemporaryFolder { folder in
      func sequential(_ name: String, limit: Int, _ least: Double) throws -> AuditRunner {
        var settings = AuditSettings()
        settings.limit = limit
        settings.method = .gradient
        settings.randomDraws = 2
        var runner = AuditRunner(
          models: [try FixtureAudit.model("vgg8")], dataset: try FixtureAudit.dataset(),
          settings: settings, folder: RunFolder("\(folder)/\(name)"))
        let policy = try Policy(
          yaml: "checks:\n  - metric: sis_size\n    threshold: 0.9\n    min: \(least)\n",
          name: "test")
        runner.judge = {
          try Assessment(
            $0, sections: MeasuredSection.all($0), Assessment.Criteria(policy: policy)
          ).gate
        }
        return runner
      }
      // No image's subset is so large: the first look of three decides.
      let looks = Mutex<[Int]>([])
      let decided = try sequential("decided", limit: 40, 0.99).run { event in
        if case .looked(let images, _) = event { looks.withLock { $0.append(images) } }
      }
      #expect(decided.plan.looks == 3 && decided.plan.sample.images.count == 10)
      #expect(looks.withLock { $0 }.isEmpty)
      #expect(decided.plan.sample.description.contains("--until-decided ended the search after 10"))
      let size = try #require(
        decided.value(of: SISSizeByThreshold.self)?.models[0].thresholds[2].size)
      let low = try #require(size.low)
      // Wider than at 95%, and the report says so.
      let plain = AuditResults(
        plan: { plan in
          var plan = plan
          plan.looks = 1
          return plan
        }(decided.plan), records: try decided.allRecords(), evaluations: decided.evaluations)
      let usual = try #require(
        plain.value(of: SISSizeByThreshold.self)?.models[0].thresholds[2].size?.low)
      #expect(low < usual)
      let numbers = try AuditNumbers(decided, sections: MeasuredSection.all(decided))
      guard case .found(let level) = numbers.find("settings.interval_level") else {
        Issue.record("no level")
        return
      }
      let stated = try #require(level.first?.value)
      #expect(abs(stated - (1 - 0.05 / 3)) < 1e-12)
      #expect(try RunFolder("\(folder)/decided").results().plan == decided.plan)

      // A limit that is the mean itself is never decided.
      let mean = size.mean
      let open = try sequential("open", limit: 20, mean).run { event in
        if case .looked(let images, _) = event { looks.withLock { $0.append(images) } }
      }
      #expect(open.plan.sample.images.count == 20 && open.plan.looks == 2)
      #expect(looks.withLock { $0 } == [10])
      // Stopped after the first look, it goes on to the same end.
      var stopped = try sequential("stopped", limit: 20, mean)
      let isLooked = Mutex(false)
      stopped.willRun = { if isLooked.withLock({ $0 }) { throw SharedWorkError.interrupted } }
      #expect(throws: SharedWorkError.interrupted) {
        try stopped.run { event in if case .looked = event { isLooked.withLock { $0 = true } } }
      }
      #expect(try RunFolder("\(folder)/stopped").results().plan.sample.images.count == 10)
      let resumed = try sequential("stopped", limit: 20, mean).run { _ in }
      #expect(resumed.records == open.records && resumed.evaluations == open.evaluations)
    }
  }

  @Test func `A checkpoint of other settings, or a damaged one, is not taken`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let first = try runner(folder, .exact).run { _ in }
      let expected = files(folder)
      var stopped = try runner(folder, .exact)
      stopped.resumes = false
      let passes = Mutex(0)
      stopped.willRun = {
        try passes.withLock { passes in
          passes += 1
          if passes > 20 { throw SharedWorkError.interrupted }
        }
      }
      for name in expected.keys where name.contains("/") && !name.contains("baseline") {
        try FileManager.default.removeItem(atPath: "\(folder)/records/\(name)")
      }
      #expect(throws: SharedWorkError.interrupted) { try stopped.run { _ in } }
      let name = try #require(files(folder).keys.first { $0.contains("checkpoint") })
      #expect(name.hasPrefix(first.models[0].recordFolder))
      let path = "\(folder)/records/\(name)"
      var bytes = try #require(FileManager.default.contents(atPath: path))
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: URL(fileURLWithPath: path))
      _ = try runner(folder, .exact).run { _ in }
      #expect(files(folder) == expected)
    }
  }

  @Test func `Answers do not depend on what was asked before`() throws {
    let model = try FixtureAudit.siluModel()
    let dataset = try FixtureAudit.dataset()
    func decision(_ sessions: SearchSessions, _ image: Int) throws -> NetworkClassifier {
      NetworkClassifier(
        sessions, image: try model.image(image, of: dataset), imageName: "\(image)",
        maskValue: [0], score: ClassScore(classIndex: 3, outputKind: .logits), kind: .logOdds)
    }
    let visible = PixelSet(0..<400, of: 784)
    let candidates = Array(0..<50)
    func ask(_ decision: inout NetworkClassifier, gradientFirst: Bool) throws -> [Evaluation] {
      if gradientFirst { _ = try decision.maskGradient(visible: visible) }
      let evaluations =
        try decision.evaluate([visible])
        + decision.evaluateToggling(eachOf: candidates, visible: visible)
      if !gradientFirst { _ = try decision.maskGradient(visible: visible) }
      return evaluations
    }
    var found: [[Evaluation]] = []
    for gradientFirst in [true, false] {
      for others in [[], [5], [7, 5]] {
        let sessions = try SearchSessions(model.network, batchSize: 8, gradient: true)
        for other in others {
          var decision = try decision(sessions, other)
          _ = try ask(&decision, gradientFirst: !gradientFirst)
        }
        var decision = try decision(sessions, 2)
        found.append(try ask(&decision, gradientFirst: gradientFirst))
      }
    }
    #expect(found.allSatisfy { $0 == found[0] })
  }

  @Test func `NaN is looked for in the image that was shown`() throws {
    let path = "\(FixtureAudit.root)/engine/nan-when-masked.onnx"
    let network = try Network(Model(contentsOf: path), name: "roots")
    func decision() throws -> NetworkClassifier {
      try NetworkClassifier(
        SearchSessions(network, batchSize: 4), image: [Float](repeating: 1, count: 784),
        imageName: "17", maskValue: [0],
        score: ClassScore(classIndex: 0, outputKind: .logits), kind: .logOdds)
    }
    let expected = AuditRunError.notFinite(
      model: "roots", image: "17 (1 of 784 units masked)", node: "root")
    var edited = try decision()
    _ = try edited.evaluate([.all(of: 784)])
    #expect(throws: expected) {
      try edited.evaluateToggling(eachOf: [3, 4], visible: .all(of: 784))
    }
    var whole = try decision()
    var visible = PixelSet.all(of: 784)
    visible.remove(4)
    #expect(throws: expected) { try whole.evaluate([.all(of: 784), visible]) }
  }
}
