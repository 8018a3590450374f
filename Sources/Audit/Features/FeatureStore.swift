import Foundation
import SharedWork

/// Where the features found of one model are kept: a plan, a record a class, and what people said of them.
package struct FeatureStore: Sendable {
  package let path: String

  package init(_ path: String) {
    self.path = path
  }

  private var planPath: String { "\(path)/plan.json" }
  private var labelsPath: String { "\(path)/labels.json" }
  private var scoresPath: String { "\(path)/scores.json" }
  private var leadingPath: String { "\(path)/leading.json" }

  private func recordPath(_ classIndex: Int) -> String { "\(path)/class-\(classIndex).json" }

  /// Of the analysis kept here; nil when there is none that can be read.
  package var plan: FeaturePlan? {
    RecordFile.read(FeaturePlan.self, from: planPath).flatMap {
      $0.version == FeaturePlan.currentVersion ? $0 : nil
    }
  }

  /// Begins an analysis, or continues the same one; labels stay, records of another one are made anew.
  ///
  /// Returns whether labels of another analysis were dropped.
  ///
  /// Throws `AuditError`.
  @discardableResult package func begin(_ plan: FeaturePlan) throws -> Bool {
    guard plan != self.plan else { return false }
    let dropsLabels = labels != nil
    // They speak of other components.
    unlink(labelsPath)
    unlink(scoresPath)
    unlink(leadingPath)
    try RecordFile.write(plan, to: planPath)
    return dropsLabels
  }

  /// Of one class; nil when it has to be made.
  package func record(_ classIndex: Int, plan digest: String) -> FeatureRecord? {
    RecordFile.read(FeatureRecord.self, from: recordPath(classIndex)).flatMap {
      $0.plan == digest ? $0 : nil
    }
  }

  /// Throws `AuditError`.
  package func write(_ record: FeatureRecord) throws {
    try RecordFile.write(record, to: recordPath(record.known.classIndex))
  }

  /// Keeps what people said of components.
  ///
  /// Throws `AuditError`.
  package func write(_ labels: FeatureLabels) throws {
    try RecordFile.write(labels, to: labelsPath)
    // What labelled components cost is of earlier labels.
    unlink(scoresPath)
  }

  /// Keeps what labelled components cost.
  ///
  /// Throws `AuditError`.
  package func write(_ scores: FeatureScores) throws {
    try RecordFile.write(scores, to: scoresPath)
  }

  /// Keeps which components lead in audited images.
  ///
  /// `asked`: all images that were looked at, also those without one.
  ///
  /// Throws `AuditError`.
  package func write(_ leading: [LeadingComponent], asked: [Int]) throws {
    try RecordFile.write(Leading(components: leading, asked: asked), to: leadingPath)
  }

  private struct Leading: Codable {
    let components: [LeadingComponent]
    let asked: [Int]
  }

  private var leading: Leading? { RecordFile.read(Leading.self, from: leadingPath) }

  /// Images whose leading component was looked for.
  package var asked: [Int] { leading?.asked ?? [] }

  package var labels: FeatureLabels? { RecordFile.read(FeatureLabels.self, from: labelsPath) }

  /// Everything that was found; nil where features were not looked for, or not to the end.
  ///
  /// Throws `AuditError.record` when what is there is damaged, rather than forgetting it.
  package func finishedResults() throws -> FeatureResults? {
    let files = FileManager.default
    guard files.fileExists(atPath: planPath) else { return nil }
    if let plan, !plan.classes.allSatisfy({ files.fileExists(atPath: recordPath($0)) }) {
      return nil
    }
    return try results()
  }

  /// Everything that was found.
  ///
  /// Throws `AuditError.record` when classes are missing or damaged.
  package func results() throws -> FeatureResults {
    guard let plan else {
      throw AuditError.record(path: planPath, reason: "is missing or damaged")
    }
    let digest = try plan.digest
    let records = try plan.classes.map { classIndex in
      guard let record = record(classIndex, plan: digest) else {
        throw AuditError.record(
          path: recordPath(classIndex), reason: "is missing, damaged or of another analysis")
      }
      return record
    }
    return FeatureResults(
      plan: plan, records: records, labels: labels,
      scores: RecordFile.read(FeatureScores.self, from: scoresPath),
      leading: leading?.components ?? [])
  }
}

/// What was found of a model's features, with labels and scores.
package struct FeatureResults: Sendable {
  package let plan: FeaturePlan
  package let findings: FeatureFindings
  /// By class of the findings.
  package let records: [FeatureRecord]
  /// By audited image; none where no audit asked.
  package let leading: [Int: LeadingComponent]

  package init(
    plan: FeaturePlan, records: [FeatureRecord], labels: FeatureLabels? = nil,
    scores: FeatureScores? = nil, leading: [LeadingComponent] = []
  ) {
    self.plan = plan
    self.records = records
    self.leading = Dictionary(
      leading.map { ($0.image, $0) }, uniquingKeysWith: { first, _ in first })
    var findings = FeatureFindings(plan, classes: records.map(\.known))
    if let labels { labels.apply(to: &findings) }
    findings.scores = scores
    self.findings = findings
  }

  /// By class, then by component, in the order of the findings.
  package var pictures: [[ComponentPictures]] { records.map(\.pictures) }

  /// Places of a class's components that carry a label.
  package func places(_ label: FeatureFindings.Label, ofClassAt index: Int) -> [Int] {
    let components = findings.classes[index].components
    return components.indices.filter { components[$0].label == label }
  }
}
