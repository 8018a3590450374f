import Foundation
import Statistics

/// What people said of components: part of the class, or not.
package struct FeatureLabels: Codable, Equatable, Sendable {
  /// What one person said.
  package struct Sheet: Codable, Equatable, Sendable {
    package struct Entry: Codable, Equatable, Sendable {
      package let classIndex: Int
      package let component: Int
      package let label: FeatureFindings.Label

      package init(classIndex: Int, component: Int, label: FeatureFindings.Label) {
        self.classIndex = classIndex
        self.component = component
        self.label = label
      }
    }

    /// The name of its file.
    package let name: String
    package let entries: [Entry]

    package init(name: String, entries: [Entry]) {
      self.name = name
      self.entries = entries
    }
  }

  /// How people labelled components, in numbers.
  package struct Summary: Codable, Equatable, Sendable {
    /// Names of the sheets.
    package let annotators: [String]
    /// Components by what most people said.
    package let core: Int
    package let spurious: Int
    /// Components that as many people called core as spurious.
    package let tied: Int
    /// Krippendorff's α over components that two people or more labelled, and how many these are.
    @OrNull package var agreement: Double?
    package let agreementCount: Int

    package enum CodingKeys: String, CodingKey {
      case annotators, core, spurious, tied, agreement
      case agreementCount = "agreement_n"
    }
  }

  package let sheets: [Sheet]

  package init(sheets: [Sheet]) {
    self.sheets = sheets
  }

  /// Reads sheets about an analysis.
  ///
  /// Throws `AuditError.labels` naming file and line.
  package init(contentsOf paths: [String], about findings: FeatureFindings) throws {
    try self.init(sheets: paths.map { try Sheet(contentsOf: $0, about: findings) })
    let names = sheets.map(\.name)
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw AuditError.labels(
        place: twice, reason: "two files have this name, which stands for who wrote them")
    }
  }

  private struct Place: Hashable {
    let classIndex: Int
    let component: Int
  }

  /// Labels by component; who could not say is left out.
  private var votes: [Place: [FeatureFindings.Label]] {
    sheets.flatMap(\.entries).filter { $0.label != .unknown }.reduce(into: [:]) { votes, entry in
      votes[Place(classIndex: entry.classIndex, component: entry.component), default: []]
        .append(entry.label)
    }
  }

  /// What most people said; unknown without them.
  private static func majority(_ votes: [FeatureFindings.Label]) -> FeatureFindings.Label {
    let spurious = votes.count { $0 == .spurious }
    let core = votes.count - spurious
    return spurious == core ? .unknown : spurious > core ? .spurious : .core
  }

  /// Labels components as most people did.
  package func apply(to findings: inout FeatureFindings) {
    let votes = votes
    for (index, known) in findings.classes.enumerated() {
      for (place, component) in known.components.enumerated() {
        findings.classes[index].components[place].label = FeatureLabels.majority(
          votes[Place(classIndex: known.classIndex, component: component.index)] ?? [])
      }
    }
    let decided = votes.values.map(FeatureLabels.majority)
    findings.labelling = Summary(
      annotators: sheets.map(\.name), core: decided.count { $0 == .core },
      spurious: decided.count { $0 == .spurious }, tied: decided.count { $0 == .unknown },
      agreement: krippendorffAlpha(Array(votes.values)),
      agreementCount: votes.values.count { $0.count > 1 })
  }
}
