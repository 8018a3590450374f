import Datasets
import Foundation

/// An earlier audit to compare with, read as a whole before any work is done.
package struct Baseline: Sendable {
  /// Its folder, as stated.
  package let path: String
  package let results: AuditResults
  package let numbers: AuditNumbers
  /// Its `audit.json`.
  let audit: Data
  /// When it ran, ISO 8601.
  package let date: String?

  /// - Throws: `AuditError` naming what is missing.
  package init(path: String) throws {
    let folder = RunFolder(path)
    self.path = path
    results = try folder.results()
    let file = folder.file("audit.json")
    guard let audit = FileManager.default.contents(atPath: file) else {
      throw AuditError.auditFile(path: file, reason: "does not exist")
    }
    self.audit = audit
    numbers = try AuditNumbers(audit, path: file)
    date = FileManager.default.contents(atPath: folder.file("run.json")).flatMap {
      try? JSONDecoder().decode(RunDescription.self, from: $0).date
    }
  }

  /// What readers know it by.
  var name: String { URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent }

  /// Refuses to compare a run with itself.
  ///
  /// - Throws: `AuditError.option`.
  package static func check(_ path: String, isNot folder: String) throws {
    func real(_ path: String) -> String {
      let folder =
        path.hasSuffix("/audit.json") || path == "audit.json"
        ? path.parentFolder : path
      return URL(fileURLWithPath: folder.isEmpty ? "." : folder).resolvingSymlinksInPath()
        .standardizedFileURL.path
    }
    guard real(path) != real(folder) else {
      throw AuditError.option(
        name: "--baseline",
        reason: "'\(path)' is the folder of this run; it would be compared with "
          + "itself")
    }
  }

  /// Refuses models of which none is in the baseline.
  ///
  /// - Throws: `AuditError.incomparable`.
  package func check(models names: [String]) throws {
    let own = results.models.map(\.name)
    guard names.count == 1 && own.count == 1 || names.contains(where: own.contains) else {
      throw AuditError.incomparable(
        "they have no model of the same name; this run has \(listed(names)), "
          + "the baseline \(listed(own))")
    }
  }
}
