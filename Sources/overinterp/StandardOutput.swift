import Audit
import Foundation

/// Where data goes; what cannot be written there is an error, not a loss.
enum StandardOutput {
  /// Writes one line.
  ///
  /// - Throws: `AuditError.write`.
  static func write(_ line: String) throws {
    guard fputs(line + "\n", stdout) >= 0, fflush(stdout) == 0 else {
      throw AuditError.write(path: "standard output")
    }
  }
}
