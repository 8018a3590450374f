/// Parts of a path, by its text alone.
///
/// Foundation's own crash on paths of one character.
extension String {
  /// The last part, without slashes; "/" for the root.
  package var fileName: String {
    let parts = split(separator: "/")
    return parts.last.map(String.init) ?? (hasPrefix("/") ? "/" : "")
  }

  /// Everything before the last part: "" where there is nothing, "/" below the root.
  package var parentFolder: String {
    let trimmed = withoutTrailingSlashes
    guard let slash = trimmed.lastIndex(of: "/") else { return "" }
    let before = String(trimmed[..<slash]).withoutTrailingSlashes
    return before.isEmpty ? "/" : before
  }

  /// What follows the last dot of the last part; empty when nothing does.
  package var fileSuffix: String {
    let name = fileName
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return String(name[name.index(after: dot)...])
  }

  /// The same without that suffix and its dot.
  package var withoutSuffix: String {
    let suffix = fileSuffix
    return suffix.isEmpty ? self : String(withoutTrailingSlashes.dropLast(suffix.count + 1))
  }

  /// The path of something in this folder.
  package func appending(pathPart name: String) -> String {
    if isEmpty { return name }
    return hasSuffix("/") ? self + name : "\(self)/\(name)"
  }

  private var withoutTrailingSlashes: String {
    var text = self[...]
    while text.count > 1, text.last == "/" { text = text.dropLast() }
    return String(text)
  }
}
