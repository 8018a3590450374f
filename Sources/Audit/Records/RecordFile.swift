import Datasets
import Foundation

/// A file that is whole or absent: written to a temporary name, then renamed, with its checksum in
/// the first line.
package enum RecordFile {
  /// Writes a value.
  ///
  /// - Throws: `AuditError.outputFolder` when the folder cannot be written.
  package static func write(_ value: some Encodable, to path: String) throws {
    let body = try CanonicalJSON.encode(value, pretty: false)
    try replace(path, with: Data((Digest.sha256(body) + "\n").utf8) + body)
  }

  /// Reads a value; nil when there is no file, or when it is damaged and must be made again.
  package static func read<Value: Decodable>(_ type: Value.Type, from path: String) -> Value? {
    guard let data = FileManager.default.contents(atPath: path),
      let end = data.firstIndex(of: 0x0a)
    else { return nil }
    let body = Data(data[data.index(after: end)...])
    guard String(decoding: data[..<end], as: UTF8.self) == Digest.sha256(body) else { return nil }
    return try? JSONDecoder().decode(type, from: body)
  }

  /// Replaces a file as a whole.
  ///
  /// - Throws: `AuditError.outputFolder`.
  package static func replace(_ path: String, with data: Data) throws {
    let parent = path.parentFolder
    let folder = parent.isEmpty ? "." : parent
    let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier).tmp"
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      try data.write(to: URL(fileURLWithPath: temporary))
      guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    } catch {
      unlink(temporary)
      throw reason(folder).map { AuditError.outputFolder(path: folder, reason: $0) }
        ?? AuditError.write(path: path)
    }
  }

  /// What is wrong with a folder; nil when it is not the folder's fault.
  private static func reason(_ folder: String) -> String? {
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory) {
      if !isDirectory.boolValue { return "it is a file" }
      if !FileManager.default.isWritableFile(atPath: folder) { return "permission denied" }
      return nil
    }
    return "it cannot be created"
  }
}

/// JSON that is the same bytes for the same value: sorted keys, no escaped slashes.
package enum CanonicalJSON {
  /// UTF-8; `pretty` for files that people read.
  ///
  /// - Throws: What encoding throws, also for NaN and infinity, which JSON does not have.
  package static func encode(_ value: some Encodable, pretty: Bool) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty
      ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
      : [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }
}
