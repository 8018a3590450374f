import Foundation

/// Names of classes by index, and where they come from.
package struct ClassNames: Equatable, Sendable {
  /// For each class its names: WordNet id, name, synonyms; the first is shown.
  package let aliases: [[String]]
  /// What messages call the list.
  package let source: String

  package init(_ aliases: [[String]], source: String) {
    self.aliases = aliases
    self.source = source
  }

  package var count: Int { aliases.count }

  /// One name per class.
  package var shown: [String] { aliases.map { $0.first ?? "" } }

  /// A name without what people write differently: case, spaces, `_` and `-`.
  package static func normalised(_ name: String) -> String {
    name.precomposedStringWithCanonicalMapping.lowercased().filter {
      !$0.isWhitespace && $0 != "_" && $0 != "-"
    }
  }

  /// The classes that a name may mean.
  func indices(of name: String) -> [Int] {
    let wanted = ClassNames.normalised(name)
    return aliases.indices.filter { index in
      aliases[index].contains { ClassNames.normalised($0) == wanted }
    }
  }

  /// Whether both lists name the same classes in the same order.
  package func agrees(with other: ClassNames) -> Bool {
    count == other.count
      && zip(aliases, other.aliases).allSatisfy { own, others in
        let names = Set(own.map(ClassNames.normalised))
        return others.contains { names.contains(ClassNames.normalised($0)) }
      }
  }

  /// WordNet's ids, such as n01440764, sort in ImageNet's order of classes.
  static func isWordNetID(_ name: String) -> Bool { name.wholeMatch(of: /n\d{8}/) != nil }

  /// Names in Python's notation of a dictionary by index from 0, or of a list; nil for other texts.
  package static func names(inPython text: String) -> [String]? {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if trimmed.hasPrefix("[") {
      let items = trimmed.matches(of: /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/)
        .map { String($0.1 ?? $0.2 ?? "") }
      return items.isEmpty ? nil : items
    }
    guard trimmed.hasPrefix("{") else { return nil }
    var byIndex: [Int: String] = [:]
    let entries = trimmed.matches(
      of: /(\d+)['"]?\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")/)
    for match in entries { byIndex[Int(match.1) ?? -1] = String(match.2 ?? match.3 ?? "") }
    guard !byIndex.isEmpty, byIndex.count == entries.count,
      byIndex.keys.sorted() == Array(0..<byIndex.count)
    else { return nil }
    return (0..<byIndex.count).map { byIndex[$0] ?? "" }
  }

  /// A line of a list: a WordNet id before names, and synonyms between commas, are each a name.
  static func aliases(ofLine line: String) -> [String] {
    var rest = line
    var names: [String] = []
    if let match = line.firstMatch(of: /^(n\d{8})[\s,:;]+(.+)$/) {
      names.append(String(match.1))
      rest = String(match.2)
    }
    let synonyms = rest.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let whole = synonyms.count > 1 ? [rest] : []
    return (whole + synonyms + names).filter { !$0.isEmpty }
  }
}
