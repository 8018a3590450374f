import Foundation

/// What a file of labels or class names says, told by its contents.
package struct LabelsFile: Sendable {
  package enum Content: Sendable {
    /// One name per class, in order of class.
    case names([[String]])
    /// Whole numbers, a line each: class names that are numerals, or one class index per image.
    case numbers([Int])
    /// A file and its class on each line: an index or a name.
    case files([File])
    /// Labels of images, by an array.
    case array(NPYArray)

    /// Whether it can only be class names.
    package var holdsNames: Bool {
      if case .names = self { return true }
      return false
    }
  }

  package struct File: Equatable, Sendable {
    package let name: String
    package let label: String
  }

  package let path: String
  package let content: Content

  /// The file's name: a reading is the same wherever the file lies.
  package var name: String { DatasetPath(path).name }

  /// - Throws: `DatasetError`.
  package init(_ path: String) throws {
    self.path = path
    let location = DatasetPath(path)
    let bytes = try location.bytes()
    if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) {
      content = .array(try NPYArray(bytes, path: path))
      return
    }
    guard bytes.count <= LabelsFile.mostBytes, let text = LabelsFile.text(bytes) else {
      throw DatasetError.malformed(
        path: path,
        reason:
          "neither text in UTF-8 or UTF-16 nor a NumPy array. Save text as UTF-8, an archive's "
          + "labels as .npy")
    }
    guard !text.contains("\0") else {
      throw DatasetError.malformed(path: path, reason: "text with zero bytes in it")
    }
    let trimmed = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    if location.fileExtension == "json" || trimmed.first == "{" || trimmed.first == "[" {
      content = try LabelsFile.json(Data(trimmed.utf8), path: path)
    } else {
      content = try LabelsFile.lines(trimmed, path: path)
    }
  }

  /// UTF-8, or UTF-16 where the mark at the start says so.
  private static func text(_ bytes: Data) -> String? {
    let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    return String(data: bytes, encoding: isWide ? .utf16 : .utf8)
  }

  /// More than any list of labels.
  private static let mostBytes = 1 << 28

  // MARK: Lines

  private static func lines(_ text: String, path: String) throws -> Content {
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    while lines.last?.isEmpty ?? false { lines.removeLast() }
    guard !lines.isEmpty else { throw DatasetError.malformed(path: path, reason: "it is empty") }
    if let blank = lines.firstIndex(of: "") {
      throw DatasetError.malformed(
        path: path,
        reason: "line \(blank + 1) is blank, which would shift every class after it. Remove it, or "
          + "name the class")
    }
    if lines.count == 1, files(lines) == nil, let parts = separated(lines[0]) {
      return .names(parts.map { [$0] })
    }
    let numbers = lines.compactMap { Int($0) }
    if numbers.count == lines.count { return .numbers(numbers) }
    // A table may have a line of titles.
    for rows in [lines, Array(lines.dropFirst())] where rows.count > 1 || rows.count == lines.count
    {
      if let names = try indexed(rows, path: path) { return .names(names) }
    }
    if let files = files(lines) { return .files(files) }
    return .names(lines.map(ClassNames.aliases(ofLine:)))
  }

  /// Names in one line, between semicolons or commas; nil for a single name.
  private static func separated(_ line: String) -> [String]? {
    let separator: Character = line.contains(";") ? ";" : ","
    let parts = line.split(separator: separator, omittingEmptySubsequences: false)
      .map { unquoted($0.trimmingCharacters(in: .whitespaces)) }
    return parts.count > 1 && !parts.contains("") ? parts : nil
  }

  /// `index name` or `name index`, each index once; nil when lines are not so.
  private static func indexed(_ lines: [String], path: String) throws -> [[String]]? {
    let before = lines.compactMap { line -> (Int, String)? in
      guard let match = line.firstMatch(of: /^(\d+)(?:\s*[:,;\t]\s*|\s+)(.*\S)$/),
        let index = Int(match.1)
      else { return nil }
      return (index, String(match.2))
    }
    let after = lines.compactMap { line -> (Int, String)? in
      guard let match = line.firstMatch(of: /^(.*\S)(?:\s*[:,;\t]\s*|\s+)(\d+)$/),
        let index = Int(match.2), !hasImageExtension(String(match.1))
      else { return nil }
      return (index, String(match.1))
    }
    // Names such as 'class 1' end in a number that is a part of them.
    for pairs in [before, after]
    where pairs.count == lines.count && Set(pairs.map(\.1)).count == pairs.count {
      let indices = pairs.map(\.0).sorted()
      if indices == Array(0..<pairs.count) {
        return pairs.sorted { $0.0 < $1.0 }.map { ClassNames.aliases(ofLine: unquoted($0.1)) }
      }
      if indices == Array(1...pairs.count) {
        throw DatasetError.ambiguous(
          path: path,
          readings: ["class names counted from 1", "names that begin or end with a number"],
          hint: "Count the classes from 0, or leave the numbers out")
      }
    }
    return nil
  }

  /// `file label`; nil when a line's first part is no picture's name.
  private static func files(_ lines: [String]) -> [File]? {
    let pairs = lines.compactMap { line -> File? in
      guard
        let match = line.firstMatch(of: /^(.*?)\s*[,;\t]\s*(.*\S)$/)
          ?? line.firstMatch(of: /^(\S+)\s+(.*\S)$/)
      else { return nil }
      let name = unquoted(String(match.1))
      return hasImageExtension(name) ? File(name: name, label: unquoted(String(match.2))) : nil
    }
    if !pairs.isEmpty, pairs.count == lines.count - 1, let first = lines.first,
      !first.contains("/"),
      !hasImageExtension(String(first.prefix { !",;\t ".contains($0) }))
    {
      return pairs
    }
    return pairs.count == lines.count ? pairs : nil
  }

  private static func hasImageExtension(_ name: String) -> Bool {
    let suffix = DatasetPath(name).fileExtension
    return imageExtensions.contains(suffix) || undecodableImageExtensions.contains(suffix)
  }

  private static func unquoted(_ text: String) -> String {
    text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
      ? String(text.dropFirst().dropLast()) : text
  }
}

// MARK: - JSON

extension LabelsFile {
  /// `id2label` of a model's `config.json`, an object of indices and names either way round, or a list.
  private static func json(_ data: Data, path: String) throws -> Content {
    func failure(_ reason: String) -> DatasetError { .malformed(path: path, reason: reason) }
    guard let value = try? JSONSerialization.jsonObject(with: data) else {
      let text = String(decoding: data, as: UTF8.self)
      guard let names = ClassNames.names(inPython: text) else {
        throw failure("it is neither JSON nor Python's notation of names by index from 0")
      }
      return .names(names.map(ClassNames.aliases(ofLine:)))
    }
    if let list = value as? [Any] {
      let names = list.compactMap { $0 as? String }
      if names.count == list.count, !list.isEmpty {
        return .names(names.map(ClassNames.aliases(ofLine:)))
      }
      let numbers = list.compactMap { $0 as? Int }
      if numbers.count == list.count, !list.isEmpty { return .numbers(numbers) }
      throw failure("its list holds neither names nor whole numbers alone")
    }
    guard let object = value as? [String: Any] else { throw failure("it is no object nor list") }
    for key in ["id2label", "label2id", "class_to_idx", "label_names", "classes", "names"] {
      if let inner = object[key] as? [String: Any] { return .names(try names(inner, path: path)) }
      if let list = object[key] as? [String] {
        return .names(list.map(ClassNames.aliases(ofLine:)))
      }
    }
    return .names(try names(object, path: path))
  }

  /// `{"0": "cat"}`, `{"0": ["n02123045", "tabby"]}` or `{"cat": 0}` in order of index.
  private static func names(_ object: [String: Any], path: String) throws -> [[String]] {
    var byIndex: [Int: [String]] = [:]
    for (key, value) in object {
      if let index = Int(key), let name = value as? String {
        byIndex[index] = ClassNames.aliases(ofLine: name)
      } else if let index = Int(key), let names = value as? [String] {
        byIndex[index] = names.reversed()
      } else if let index = value as? Int {
        byIndex[index] = ClassNames.aliases(ofLine: key)
      }
    }
    guard !byIndex.isEmpty, byIndex.count == object.count,
      byIndex.keys.sorted() == Array(0..<byIndex.count)
    else {
      throw DatasetError.malformed(
        path: path,
        reason: "it is no list of classes: expected names by index from 0, such as id2label")
    }
    return (0..<byIndex.count).map { byIndex[$0] ?? [] }
  }
}
