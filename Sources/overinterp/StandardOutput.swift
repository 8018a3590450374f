import Audit
import Foundation

/// Where data goes; what cannot be written there is an error, not a loss.
enum StandardOutput {
  /// Writes one line, or several.
  ///
  /// - Throws: `AuditError.write`.
  static func write(_ text: String) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
    } catch {
      throw AuditError.write(path: "standard output")
    }
  }
}
