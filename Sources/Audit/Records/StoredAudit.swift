import Foundation
import SharedWork
import Statistics

/// An audit as its folder has it, read part by part: what is known, and what is missing.
package struct StoredAudit: Sendable {
  package let folder: RunFolder
  package let plan: AuditPlan
  package let parts: PlannedParts
  /// Parts that no record can be read of.
  package let missing: [Int]
  /// Of those the ones whose record is damaged.
  package let damaged: [Int]
  /// Pieces of the random baseline that no record can be read of.
  package let missingBaseline: [Int]
  /// What computed the parts; several where machines of different kinds shared them.
  package let processors: [String]
  private let read: ReadParts
  private let predictions: Predictions
  private let baseline: RandomBaseline?

  /// Parts that are in memory at once.
  private static let block = 256

  /// - Throws: `AuditError` when there is no plan, or predictions of another one.
  package init(_ folder: RunFolder) throws {
    let contents = RecordFile.contents(AuditPlan.self, of: folder.planPath)
    if case .damaged = contents {
      throw AuditError.record(path: folder.planPath, reason: "is damaged or of another version")
    }
    guard let plan = contents.value, plan.version == AuditPlan.currentVersion
    else { throw AuditError.notARunDirectory(path: folder.path) }
    let predictions = RecordFile.read(Predictions.self, from: folder.predictionsPath)
    guard let predictions, predictions.version == Predictions.currentVersion,
      predictions.planDigest == (try plan.storedDigest)
    else {
      throw AuditError.record(
        path: folder.predictionsPath, reason: "is damaged or of another audit")
    }
    try self.init(folder, plan: plan, predictions: predictions)
  }

  /// Of a plan that is not stored.
  ///
  /// - Throws: `AuditError`.
  package init(_ folder: RunFolder, plan: AuditPlan, predictions: Predictions) throws {
    guard let parts = plan.parts else { throw AuditError.notARunDirectory(path: folder.path) }
    self.folder = folder
    self.plan = plan
    self.parts = parts
    self.predictions = predictions
    let wanted = try StoredAudit.parts(parts, of: plan.sample)
    let workers = ProcessInfo.processInfo.activeProcessorCount
    var read = ReadParts(plan)
    var (missing, damaged): ([Int], [Int]) = ([], [])
    for start in stride(from: 0, to: wanted.count, by: StoredAudit.block) {
      let block = wanted[start..<min(start + StoredAudit.block, wanted.count)]
      let found = try concurrentMap(
        count: block.count, workers: workers, makeState: {},
        body: { index, _ in
          let part = try parts.part(block[start + index])
          return (part, folder.part(part, of: plan))
        })
      for (index, (part, contents)) in zip(block, found) {
        switch contents {
        case .value(let record): read.add(record, part)
        case .absent: missing.append(index)
        case .damaged:
          missing.append(index)
          damaged.append(index)
        }
      }
    }
    self.read = read
    self.missing = missing
    self.damaged = damaged
    processors = read.processors.sorted()
    missingBaseline = try (plan.baseline?.pieces ?? 0..<0).filter {
      try folder.baselinePiece($0, of: plan).value == nil
    }
    baseline =
      missingBaseline.isEmpty
      ? try plan.baseline.map { planned in
        RandomBaseline(
          try planned.pieces.compactMap { try folder.baselinePiece($0, of: plan).value })
      } : nil
  }

  /// Those that are still in the sample, whole as they are; `--time` leaves some out.
  private static func parts(_ parts: PlannedParts, of sample: AuditSample) throws -> [Int] {
    guard sample.images.count < parts.images.values.count else { return Array(0..<parts.count) }
    let images = Set(sample.images.map { UInt32($0) })
    return (0..<parts.count).filter { images.contains(parts.images.values[$0 * parts.size]) }
  }

  /// Whether there is a record of everything that was planned.
  package var isComplete: Bool { missing.isEmpty && missingBaseline.isEmpty }

  /// How many images a part has.
  package func images(ofPart part: Int) -> Int {
    min(parts.size, parts.images.values.count - part * parts.size)
  }

  /// Images of which something is missing.
  package var missingImages: Int { plan.sample.images.count - read.count }

  /// The audit of the images that are there.
  ///
  /// `ended`: said of the sample where some are not.
  ///
  /// Throws `AuditError.nothingFinished`, and what reading features throws.
  package func results(
    ended: (_ finished: Int, _ planned: Int) -> String = {
      "The audit was stopped at \($0) of \($1) images."
    }
  ) throws -> AuditResults {
    guard read.count > 0 else { throw AuditError.nothingFinished(path: folder.path) }
    guard !missing.isEmpty else { return try results(plan, read) }
    let positions = read.known.indices.filter { read.known[$0] }
    let sample = plan.sample.keeping(
      Set(positions), ended: ended(positions.count, plan.sample.images.count))
    let kept = plan.keeping(sample, labels: predictions.labels.values.map { Int($0) })
    return try results(kept, read.keeping(positions))
  }

  private func results(_ plan: AuditPlan, _ read: ReadParts) throws -> AuditResults {
    let images = AuditedImages(
      images: plan.sample.images,
      identifiers: plan.sample.images.map { predictions.identifiers[$0] },
      labels: plan.sample.images.map { predictions.labels.values[$0] })
    let folder = folder
    return AuditResults(
      plan: plan, records: read.summaries.map { RecordSummaries($0, images) },
      totals: read.totals, evaluations: read.evaluations, baseline: baseline,
      predictions: predictions, features: try folder.features(plan),
      wholeRecords: WholeRecords { model, position in
        folder.record(plan.models[model], image: plan.sample.images[position])
      })
  }
}

/// What the parts read so far come to.
private struct ReadParts: Sendable {
  /// By position in the sample: whether it is known.
  private(set) var known: [Bool]
  private(set) var count = 0
  private(set) var summaries: [SummaryColumns]
  private(set) var totals: [[StratumTotals]]
  private(set) var evaluations: SubsetEvaluations
  private(set) var processors: Set<String> = []
  private let images: [Int]
  private let rows: Int

  init(_ plan: AuditPlan) {
    images = plan.sample.images
    rows = plan.settings.thresholds.count
    known = images.map { _ in false }
    summaries = plan.models.map { _ in
      SummaryColumns(
        count: plan.sample.images.count, thresholds: plan.settings.thresholds,
        findsMinimal: plan.settings.findsMinimal)
    }
    totals = plan.models.map { _ in
      plan.sample.strata.map { _ in StratumTotals(pixels: plan.pixelCount) }
    }
    evaluations = SubsetEvaluations(
      count: plan.sample.images.count, models: plan.models.count,
      thresholds: plan.settings.thresholds.count, draws: plan.settings.randomDraws)
  }

  mutating func add(_ record: PartRecord, _ part: PlannedParts.Part) {
    let places = part.images.map(position)
    for place in places { known[place] = true }
    count += places.count
    for model in summaries.indices {
      summaries[model].set(record.summaries[model], at: places)
      for stratum in totals[model].indices {
        totals[model][stratum].add(record.totals[model][stratum])
      }
    }
    evaluations.set(record.evaluations, at: places)
    processors.insert(record.processor)
  }

  /// Where an image lies in the sample, which is in the dataset's order.
  private func position(_ image: Int) -> Int { images.partition { $0 >= image } }

  /// The same of some positions alone; sums are of the images that are known.
  func keeping(_ positions: [Int]) -> ReadParts {
    var kept = self
    kept.summaries = summaries.map { $0.keeping(positions) }
    kept.evaluations = evaluations.keeping(positions)
    return kept
  }
}

extension RunFolder {
  /// The record of a part; damaged also where it is of another audit or of other data.
  package func part(
    _ part: PlannedParts.Part, of plan: AuditPlan
  ) -> RecordFile.Contents<PartRecord> {
    guard let parts = plan.parts else { return .absent }
    let contents = RecordFile.contents(PartRecord.self, of: partPath(parts, part))
    // One of other images or settings was whole; it is to be made again as if there were none.
    if case .value(let record) = contents, record.key != part.key { return .absent }
    if case .value(let record) = contents, !record.belongs(to: part, of: plan) { return .damaged }
    return contents
  }

  /// Where a piece of the random baseline lies.
  package func baselinePath(_ piece: Int, of parts: PlannedParts) -> String {
    file("records/\(parts.folder)/baseline/\(piece).json")
  }

  /// Absent also where it is of another audit or of other data.
  package func baselinePiece(
    _ piece: Int, of plan: AuditPlan
  ) throws -> RecordFile.Contents<RandomBaseline> {
    guard let parts = plan.parts, let planned = plan.baseline else { return .absent }
    let path = baselinePath(piece, of: parts)
    switch RecordFile.contents(RandomBaselineRecord.self, of: path) {
    case .value(let record):
      return record.key == (try planned.key(piece, plan)) ? .value(record.answers) : .absent
    case .absent: return .absent
    case .damaged: return .damaged
    }
  }

  /// The whole record of one model and image.
  package func record(
    _ model: PlannedModel, image: Int
  ) -> RecordFile.Contents<ImageRecord> {
    let contents = RecordFile.contents(
      ImageRecord.self, of: recordPath(model, image: image))
    if case .value(let record) = contents, record.version != ImageRecord.currentVersion {
      return .damaged
    }
    return contents
  }

  /// Reads an audit; of one that was stopped the images that every model has finished.
  ///
  /// - Throws: `AuditError` naming what is missing or damaged.
  package func results() throws -> AuditResults {
    let stored = try StoredAudit(self)
    if let first = stored.damaged.first {
      throw AuditError.record(
        path: partPath(stored.parts, try stored.parts.part(first)), reason: "is damaged")
    }
    return try stored.results()
  }

  /// `[model]`; nil where they were not looked for, or not to the end.
  ///
  /// - Throws: `AuditError.record`.
  package func features(_ plan: AuditPlan) throws -> [FeatureResults?] {
    try plan.models.map { try featureStore($0).finishedResults() }
  }
}
