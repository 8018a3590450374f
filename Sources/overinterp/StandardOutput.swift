import Foundation
import SharedWork

/// Where data goes; what cannot be written there is an error, not a loss.
enum StandardOutput {
  /// Writes one line, or several.
  ///
  /// - Throws: `SharedWorkError.write`.
  static func write(_ text: String) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
    } catch {
      throw SharedWorkError.write(
        path: "standard output", reason: "it was closed, or the disk is full")
    }
  }
}
