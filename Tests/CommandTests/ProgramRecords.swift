import Foundation

extension Program {
  /// Paths of the records and checkpoints that a run left, but for its plan, predictions and verdict.
  static func records(_ folder: String) -> [String] {
    let files = FileManager.default.enumerator(atPath: "\(folder)/records")?.allObjects ?? []
    return files.map { "\($0)" }.filter { $0.contains("/") && $0.hasSuffix(".json") }.sorted()
      .map { "\(folder)/records/\($0)" }
  }
}
