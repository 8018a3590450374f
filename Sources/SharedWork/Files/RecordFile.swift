import Foundation

/// A file that is whole or absent: written to a temporary name, then renamed, with its checksum in
/// the first line.
///
/// Several processes on several machines may write and read the same ones: a reader finds what one
/// of them wrote, or nothing.
package enum RecordFile {
  /// What a file holds.
  package enum Contents<Value> {
    case value(Value)
    case absent
    /// Cut short, changed, or of another kind.
    case damaged

    /// nil where there is none.
    package var value: Value? {
      if case .value(let value) = self { value } else { nil }
    }
  }

  /// Writes a value, and returns once the disk, or the file server, has it.
  ///
  /// - Throws: `SharedWorkError.outputFolder` or `.write`.
  package static func write(_ value: some Encodable, to path: String) throws {
    let body = try CanonicalJSON.encode(value, pretty: false)
    try replace(path, with: Data((Digest.sha256(body) + "\n").utf8) + body, lasting: true)
  }

  /// Reads a value; nil when there is no file, or when it is damaged and must be made again.
  package static func read<Value: Decodable>(_ type: Value.Type, from path: String) -> Value? {
    contents(type, of: path).value
  }

  /// Reads a value, and tells what is damaged from what is not there.
  package static func contents<Value: Decodable>(
    _ type: Value.Type, of path: String
  ) -> Contents<Value> {
    guard let data = FileManager.default.contents(atPath: path) else {
      return FileManager.default.fileExists(atPath: path) ? .damaged : .absent
    }
    guard let body = wholeBody(data), let value = try? JSONDecoder().decode(type, from: Data(body))
    else { return .damaged }
    return .value(value)
  }

  /// How long a file server may take to show what another machine wrote, in seconds: NFS keeps what it
  /// knows of a folder for up to a minute.
  private static let lag = 70.0

  /// Reads a value that another process has written, for which a file server may ask for patience.
  ///
  /// - Throws: `SharedWorkError.interrupted`.
  package static func awaited<Value: Decodable>(
    _ type: Value.Type, from path: String, seconds: Double = lag
  ) throws -> Contents<Value> {
    let end = ContinuousClock.now + .seconds(seconds)
    while true {
      let contents = contents(type, of: path)
      guard case .absent = contents, .now < end else { return contents }
      try Interruption.check()
      usleep(200_000)
    }
  }

  /// Whether a file is there as it was written.
  package static func isWhole(_ path: String) -> Bool {
    FileManager.default.contents(atPath: path).flatMap(wholeBody) != nil
  }

  /// What follows the checksum; nil where it is not what was written.
  private static func wholeBody(_ data: Data) -> Data? {
    guard let end = data.firstIndex(of: 0x0a) else { return nil }
    let body = data[data.index(after: end)...]
    let digest = body.withUnsafeBytes { Digest.sha256($0) }
    return String(decoding: data[..<end], as: UTF8.self) == digest ? body : nil
  }

  /// Replaces a file as a whole.
  ///
  /// `lasting`: whether it has to be on the disk, or the file server, before this returns.
  ///
  /// Throws `SharedWorkError.outputFolder` or `.write`.
  package static func replace(_ path: String, with data: Data, lasting: Bool = false) throws {
    var rest: Data? = data
    try replace(path, lasting: lasting) {
      defer { rest = nil }
      return rest
    }
  }

  /// Replaces a file as a whole by what is made piece by piece, and never in memory at once.
  ///
  /// `next`: the next piece; nil at the end.
  ///
  /// Throws `SharedWorkError.outputFolder` or `.write`, and what `next` throws.
  package static func replace(
    _ path: String, lasting: Bool = false, pieces next: () throws -> Data?
  ) throws {
    let folder = parent(of: path)
    // Unlike process numbers these differ between machines that share the folder.
    let temporary = "\(path).\(UUID().uuidString).tmp"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw SharedWorkError.outputFolder(
        path: folder, reason: problem(with: folder) ?? "it cannot be created")
    }
    var isRenamed = false
    defer { if !isRenamed { unlink(temporary) } }
    guard let failure = try attempt(temporary, path, lasting, next) else {
      isRenamed = true
      return
    }
    if let problem = problem(with: folder) {
      throw SharedWorkError.outputFolder(path: folder, reason: problem)
    }
    throw SharedWorkError.write(path: path, reason: String(cString: strerror(failure)))
  }

  /// Makes a file unless there is one, as one of several that try at once.
  ///
  /// Returns whether this call made it. A link is as indivisible on file servers as on disks.
  ///
  /// Throws `SharedWorkError.outputFolder` or `.write`.
  package static func create(_ path: String, with data: Data) throws -> Bool {
    let temporary = "\(path).\(UUID().uuidString)"
    try replace(temporary, with: data, lasting: true)
    defer { unlink(temporary) }
    if link(temporary, path) == 0 { return true }
    let failure = errno
    guard failure == EEXIST else {
      throw SharedWorkError.write(path: path, reason: String(cString: strerror(failure)))
    }
    return false
  }

  /// Whether a name is one under which a file is written before it has its own.
  package static func isTemporary(_ name: String) -> Bool { name.hasSuffix(".tmp") }

  /// The error number of what failed; nil when nothing did.
  private static func attempt(
    _ temporary: String, _ path: String, _ lasting: Bool, _ next: () throws -> Data?
  ) throws -> Int32? {
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { return errno }
    var failure: Int32?
    do {
      while failure == nil, let piece = try next() { failure = write(piece, to: file) }
    } catch {
      close(file)
      throw error
    }
    // A full file server says so only now.
    if lasting, failure == nil, fsync(file) != 0 { failure = errno }
    if close(file) != 0, failure == nil { failure = errno }
    if failure == nil, rename(temporary, path) != 0 { failure = errno }
    return failure
  }

  private static func write(_ data: Data, to file: Int32) -> Int32? {
    data.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Foundation.write(
          file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          return errno
        }
        rest = rest.dropFirst(count)
      }
      return nil
    }
  }

  private static func parent(of path: String) -> String {
    let parent = (path as NSString).deletingLastPathComponent
    return parent.isEmpty ? "." : parent
  }

  /// What is wrong with a folder; nil when it is not the folder's fault.
  private static func problem(with folder: String) -> String? {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory) else {
      return "it cannot be created"
    }
    if !isDirectory.boolValue { return "it is a file" }
    return FileManager.default.isWritableFile(atPath: folder) ? nil : "permission denied"
  }
}

extension RecordFile.Contents: Sendable where Value: Sendable {}
