import Audit
import AuditRun
import Datasets
import Foundation
import Inference
import ONNX
import SharedWork
import Synchronization
import Testing

/// Audits of real models, small enough for a test: gradient BackSelect in blocks on a few images.
@Suite struct AuditRunnerTests {
  private func settings(limit: Int = 4) -> AuditSettings {
    var settings = AuditSettings()
    settings.method = .gradient
    settings.block = 56
    settings.limit = limit
    settings.randomDraws = 2
    return settings
  }

  private func runner(
    _ folder: String, models: [String] = ["resnet20-a", "vgg8"], workers: Int = 1
  ) throws -> AuditRunner {
    var runner = AuditRunner(
      models: try models.map(FixtureAudit.model), dataset: try FixtureAudit.dataset(),
      settings: settings(), folder: RunFolder(folder))
    runner.workers = workers
    return runner
  }

  private func report(_ results: AuditResults) throws -> Data {
    try CanonicalJSON.encode(
      AuditJSON(results, sections: MeasuredSection.all(results)), pretty: true)
  }

  @Test func `One worker or two give the same report, byte for byte`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let one = try runner("\(folder)/one").run { _ in }
      let two = try runner("\(folder)/two", workers: 2).run { _ in }
      #expect(try one.allRecords() == two.allRecords())
      #expect(try report(one) == report(two))
    }
  }

  @Test(arguments: [MaskUnit.pixel, .patch(height: 8, width: 8), .superpixels(30)])
  func `Threads within one image change nothing`(_ unit: MaskUnit) throws {
    try FixtureAudit.withTemporaryFolder { folder in
      var settings = AuditSettings()
      settings.method = unit == .pixel ? .guided : .exact
      settings.unit = unit
      settings.findsMinimal = true
      settings.limit = 1
      var one = AuditRunner(
        models: [try FixtureAudit.model("vgg8")], dataset: try FixtureAudit.dataset(),
        settings: settings, folder: RunFolder("\(folder)/one"))
      let alone = try one.run { _ in }
      one = AuditRunner(
        models: one.models, dataset: one.dataset, settings: settings,
        folder: RunFolder("\(folder)/three"))
      one.workers = 3
      #expect(try one.run { _ in }.allRecords() == alone.allRecords())
      let record = try alone.allRecords()[0][0]
      #expect(record.pixelOrder.sorted() == Array(0..<784))
      for (threshold, minimal) in zip(settings.thresholds, record.minimal ?? []) {
        let subset = record.sufficientInputSubset(threshold)
        let kept = (minimal?.values ?? []).map { Int($0) }
        #expect((minimal == nil) == (subset == nil))
        #expect(Set(kept).isSubset(of: Set(subset ?? [])))
      }
    }
  }

  @Test
  func `Exact for few units, guided where affordable, floating and quick beyond, with the reason`()
  {
    let small = MethodChoice.method(units: 784, multiplyAdds: [41_000_000, 31_000_000])
    #expect(small.method == .guided && small.reason.contains("784 units, 41 million"))
    for (units, cost) in [(50_176, 385_000_000), (1024, 556_000_000), (4096, 300_000_000)] {
      let large = MethodChoice.method(units: units, multiplyAdds: [1_000_000, cost])
      #expect(large.method == .floating && large.reason.contains("\(units) units"))
    }
    let dear = MethodChoice.method(units: 50_176, multiplyAdds: [4_100_000_000])
    #expect(dear.method == .quick && dear.reason.contains("floating BackSelect would take"))
    // Superpixels of a large network and of one a hundred times as dear.
    let few = MethodChoice.method(units: 40, multiplyAdds: [385_000_000])
    #expect(few.method == .exact && few.reason.contains("40 units, 390 million"))
    #expect(MethodChoice.method(units: 40, multiplyAdds: [38_500_000_000]).method == .quick)
    #expect(MethodChoice.method(units: 196, multiplyAdds: [41_000_000]).method == .guided)
  }

  @Test func `Floating finds subsets that suffice, and what is left without them is known`() throws
  {
    try FixtureAudit.withTemporaryFolder { folder in
      var settings = settings()
      settings.method = .floating
      let results = try AuditRunner(
        models: [FixtureAudit.model("vgg8")], dataset: FixtureAudit.dataset(), settings: settings,
        folder: RunFolder(folder)
      ).run { _ in }
      let model = try FixtureAudit.model("vgg8")
      let predictor = Predictor(model.network, batchSize: 1)
      for (position, record) in try results.allRecords()[0].enumerated() {
        #expect(record.pixelOrder.sorted() == Array(0..<784))
        let image = try model.image(record.image, of: FixtureAudit.dataset())
        func outputs(_ isVisible: (Int) -> Bool) throws -> [Float] {
          try predictor.outputs(count: 1) { _, target in
            for (pixel, value) in image.enumerated() {
              target[pixel] = isVisible(pixel) ? value : 0
            }
          }
        }
        let top = Set(try #require(record.topOneSubset))
        #expect(top.count == record.topOneSize)
        #expect(
          ClassScore.predictedClass(try outputs(top.contains)) == record.predictedClass)
        for (index, threshold) in results.thresholds.enumerated() {
          let answer = try #require(results.evaluations).withoutSIS[0].ifAny(
            position * results.thresholds.count + index)
          guard let subset = record.sufficientInputSubset(threshold), !subset.isEmpty else {
            #expect(answer == nil)
            continue
          }
          let alone = try outputs(Set(subset).contains)
          let score = ClassScore(classIndex: record.predictedClass, outputKind: .logits)
          #expect(score.confidence(alone) >= threshold - 1e-5)
          let without = try outputs { !subset.contains($0) }
          #expect(answer?.predicted == ClassScore.predictedClass(without))
          #expect(abs((answer?.confidence ?? -1) - score.confidence(without)) < 1e-4)
        }
      }
    }
  }

  @Test func `Mean confidence curves go straight between the steps that were evaluated`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let results = try runner(folder, models: ["vgg8"]).run { _ in }
      let curve = try #require(RemovalOrder.measure(results).value?.models[0])
      #expect(curve.visible.count == 51 && curve.visible.last == 1)
      let records = try results.allRecords()[0]
      // Images count as many times as they stand for.
      let weights = records.indices.map { results.plan.sample.weight($0) }
      let total = weights.reduce(0, +)
      func mean(_ size: Int) -> Double {
        zip(records, weights).reduce(0) { $0 + Double($1.0.confidences.values[size]) * $1.1 }
          / total
      }
      #expect(abs((curve.meanConfidence.first ?? 9) - mean(0)) < 1e-9)
      #expect(abs((curve.meanConfidence.last ?? 9) - mean(784)) < 1e-9)
      // Entry 46 of 50 is 721 pixels, which lies between two steps.
      let expected = zip(records, weights).reduce(0.0) { sum, weighted in
        let (record, weight) = weighted
        let values = record.confidences.values
        let known = (0...784).filter { !values[$0].isNaN }
        let left = known.last { $0 <= 721 } ?? 0
        let right = known.first { $0 >= 721 } ?? 784
        let part = right == left ? 0 : Double(721 - left) / Double(right - left)
        return sum
          + weight * (Double(values[left]) * (1 - part) + Double(values[right]) * part)
      }
      #expect(records.contains { $0.confidences.values[721].isNaN })
      #expect(abs(curve.meanConfidence[46] - expected / total) < 1e-9)
    }
  }

  @Test func `Progress counts the work of all searches up to one`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let fractions = Mutex<[Double]>([])
      _ = try runner(folder).run { event in
        if case .searching(let progress) = event {
          fractions.withLock { $0.append(progress.fraction) }
        }
      }
      let found = fractions.withLock { $0 }
      #expect(found == found.sorted())
      #expect(found.last.map { abs($0 - 1) < 1e-9 } == true)
      // 8 searches: the start, 14 blocks, and the end of each.
      #expect(found.count == 8 * 16)
    }
  }

  @Test func `Continues from stored records, and makes damaged or missing ones again`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let first = try runner(folder).run { _ in }
      let images = first.plan.sample.images
      let removed = RunFolder(folder).recordPath(first.models[0], image: images[0])
      let damaged = RunFolder(folder).recordPath(first.models[0], image: images[1])
      try FileManager.default.removeItem(atPath: removed)
      var bytes = try #require(FileManager.default.contents(atPath: damaged))
      bytes[200] ^= 1
      try bytes.write(to: URL(fileURLWithPath: damaged))

      let planned = try runner(folder).prepare { _ in }
      #expect(planned.remaining.reduce(0, +) == 2 && planned.storedCount == 6)
      let second = try planned.run { _ in }
      #expect(try report(first) == report(second))
      #expect(try report(RunFolder(folder).results()) == report(first))
    }
  }

  @Test func `The estimate counts what is left to search, which is nothing in the end`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let planned = try runner(folder, models: ["vgg8"]).prepare { _ in }
      let cost = try planned.estimatedCost()
      // 784 pixels in blocks of 56, of four images.
      #expect(planned.remaining == [4] && cost.gradients == 4 * 14 && cost.seconds > 0)
      _ = try planned.run { _ in }
      let rest = try runner(folder, models: ["vgg8"]).prepare { _ in }.estimatedCost()
      #expect(rest.evaluations == 0 && rest.gradients == 0 && rest.seconds == 0)
    }
  }

  @Test func `Other settings do not take over records`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let first = try runner(folder, models: ["vgg8"]).run { _ in }
      var other = try runner(folder, models: ["vgg8"])
      var changed = settings()
      changed.mask = .zero
      other = AuditRunner(
        models: other.models, dataset: other.dataset, settings: changed, folder: other.folder)
      let second = try other.run { _ in }
      #expect(first.models[0].recordFolder != second.models[0].recordFolder)
      #expect(try first.allRecords() != second.allRecords())
    }
  }

  @Test func `Records keep what the measurements need`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let results = try runner(folder).run { _ in }
      for record in try results.allRecords().joined() {
        #expect(record.pixelOrder.sorted() == Array(0..<784))
        #expect(record.confidences.values.count == 785)
        for threshold in results.thresholds {
          guard let size = record.sisSize(threshold) else {
            #expect(record.confidence < threshold)
            continue
          }
          // To the rounding of Float32, in which confidence is stored.
          let confidence = try #require(record.sisConfidence(threshold))
          #expect(confidence >= threshold - 1e-7)
          #expect(record.sufficientInputSubset(threshold)?.count == size)
          #expect(
            size <= record.confidences.values.firstIndex { Double($0) >= threshold } ?? .max)
        }
      }
      // The diagonal of the transfer matrix is the record's own curve at q%.
      let size = results.plan.subsetSize
      #expect(size == 40)
      for (position, record) in try results.allRecords()[0].enumerated() {
        let stored = record.confidences.values[size]
        let shown = try #require(results.evaluations).transferred[0][0][position].confidence
        if !stored.isNaN { #expect(abs(Double(stored) - shown) < 1e-5) }
      }
    }
  }

  @Test func `Every measurement runs and speaks in every block`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let results = try runner(folder).run { _ in }
      let sections = MeasuredSection.all(results)
      #expect(sections.count == MeasurementRegistry.all.count)
      #expect(Set(sections.map(\.key)).count == sections.count)
      for section in sections {
        #expect((section.value == nil) == (section.reasonNotRun != nil), "\(section.key)")
        #expect(section.value == nil || !section.blocks.isEmpty, "\(section.key)")
      }
      let json = try JSONSerialization.jsonObject(with: report(results)) as? [String: Any]
      let measurements = json?["measurements"] as? [String: Any]
      #expect(measurements?.count == sections.count)
      #expect(Verdict.sentences(results).count == 2)
    }
  }

  @Test func `Stops early when accuracy is below what was expected`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      var runner = try runner(folder, models: ["vgg8"])
      runner.expectedAccuracy = 0.99
      #expect(throws: AuditRunError.accuracy(model: "vgg8", found: 0.94, expected: 0.99)) {
        try runner.run { _ in }
      }
    }
  }

  @Test func `Refuses a dataset without labels`() throws {
    var dataset = try FixtureAudit.dataset()
    dataset.labels = nil
    let runner = AuditRunner(
      models: [try FixtureAudit.model("vgg8")], dataset: dataset, settings: settings(),
      folder: RunFolder("unused"))
    #expect(throws: AuditRunError.noLabels(path: dataset.path)) { try runner.run { _ in } }
  }

  @Test func `The lowest failing index decides the error of concurrent work`() {
    struct Failure: Error, Equatable { let index: Int }
    #expect(throws: Failure(index: 3)) {
      try concurrentMap(
        count: 100, workers: 1, makeState: {},
        body: { index, _ in
          if index >= 3 { throw Failure(index: index) }
          return index
        })
    }
  }
}
