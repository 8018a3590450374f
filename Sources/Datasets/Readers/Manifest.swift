import Foundation
import SwiftCSV

/// A table of image files and labels: `metadata.csv` as Hugging Face's, `labels.csv` as Kaggle's.
///
/// A column of files, a column of class indices or class names. File names are relative to the
/// table's folder and may lack their extension.
package enum Manifest: DatasetReader {
  package static let format = "csv"

  private static let tableNames = [
    "metadata.csv", "labels.csv", "annotations.csv", "_classes.csv", "metadata.tsv",
  ]
  private static let fileColumns = [
    "file_name", "filename", "file", "path", "filepath", "file_path", "image", "image_name",
    "image_path", "image_id", "img", "img_name", "id", "name",
  ]
  private static let labelColumns = [
    "label", "labels", "class", "target", "category", "class_name", "label_name", "class_label",
    "class_id", "classid", "label_id", "breed", "species", "diagnosis", "dx", "y",
  ]

  package static func recognises(_ path: DatasetPath) -> Bool {
    !tables(path).isEmpty
  }

  /// The tables of a folder that name files which are there.
  private static func tables(_ path: DatasetPath) -> [DatasetPath] {
    if !path.isFolder { return ["csv", "tsv"].contains(path.fileExtension) ? [path] : [] }
    return tableNames.map(path.appending).filter { file in
      guard file.exists, let table = try? Table(file) else { return false }
      return table.rows.prefix(20).contains { row in table.image(row).map { !$0.isFolder } ?? false
      }
    }
  }

  package static func read(_ path: DatasetPath, options: DatasetOptions) throws -> Dataset {
    var root = path
    if path.isFolder, let split = options.split, path.appending(split).isFolder {
      root = path.appending(split)
    }
    let found = tables(root)
    guard let file = found.first else {
      throw DatasetError.empty(path: root.path, hint: "There is no \(tableNames[0]) in it.")
    }
    guard found.count == 1 else {
      throw DatasetError.ambiguous(
        path: root.path, readings: found.map { "labels by '\($0.name)'" },
        hint: "State the right table with --data")
    }
    let table = try Table(file)
    let rows = try table.rows(ofSplit: root.path == path.path ? options.split : nil)
    let names = rows.map { $0[table.fileColumn] ?? "" }
    let files = rows.map { table.image($0) ?? table.folder.appending($0[table.fileColumn] ?? "") }
    let (labels, classNames) = try table.labels(rows)
    try table.checkOnce(names, labels)
    return FileImages(files: files, appliesOrientation: options.appliesOrientation).dataset(
      path, format: format, identifiers: names, labels: labels, classNames: classNames,
      labelKind: classNames == nil ? .modelIndices : .ownClasses,
      readings: [
        Reading(
          .labels,
          table.labelColumn.map { "column '\($0)' of '\(file.name)'" }
            ?? (labels != nil ? "the column of each class in '\(file.name)'" : nil)
              ?? "none: call the column of the labels 'label' (there are "
              + table.header.joined(separator: ", ") + ")",
          .evidence, because: "files by column '\(table.fileColumn)'")
      ] + [unnamed(files, in: root)].compactMap { $0 })
  }

  /// Pictures in the folder that the table does not name; nil without such.
  private static func unnamed(_ files: [DatasetPath], in root: DatasetPath) -> Reading? {
    guard root.isFolder, let tree = try? ImageTree(root) else { return nil }
    let named = Set(files.map(\.realPath))
    let rest = tree.allImages.filter { !named.contains($0.realPath) }
    return Reading.passedOver(
      rest.map { ImageTree.PassedOver(reason: "pictures that the table does not name", path: $0) },
      in: root)
  }

  /// A table's rows, and which of its columns are what.
  private struct Table {
    let file: DatasetPath
    let folder: DatasetPath
    let header: [String]
    let rows: [[String: String]]
    let fileColumn: String
    let labelColumn: String?

    init(_ file: DatasetPath) throws {
      self.file = file
      folder = file.folder
      func failure(_ reason: String) -> DatasetError {
        .malformed(path: file.path, reason: reason)
      }
      var text = String(decoding: try file.bytes(), as: UTF8.self)
        .replacingOccurrences(of: "\r\n", with: "\n")
      if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
      let first = text.prefix { $0 != "\n" }
      let delimiter: CSVDelimiter =
        first.contains("\t") ? .tab : first.contains(",") ? .comma : .semicolon
      let csv: CSV<Named>
      do {
        csv = try CSV<Named>(string: text, delimiter: delimiter)
      } catch {
        throw failure("not a CSV file (\(error))")
      }
      let titles = csv.header
      header = titles
      rows = csv.rows
      func columns(_ known: [String]) -> [String] {
        known.compactMap { name in
          titles.first { $0.trimmingCharacters(in: .whitespaces).lowercased() == name }
        }
      }
      guard let column = columns(Manifest.fileColumns).first else {
        throw failure(
          "there is no column 'file_name' among " + titles.joined(separator: ", ")
            + "; name the column of the files so")
      }
      fileColumn = column
      let candidates = columns(Manifest.labelColumns).filter { $0 != column }
      let rest = titles.filter { $0 != column }
      if candidates.count > 1, !["label", "class"].contains(candidates[0].lowercased()) {
        throw failure(
          "columns \(candidates.map { "'\($0)'" }.joined(separator: " and ")) may both be the "
            + "label; call the right one 'label'")
      }
      labelColumn = candidates.first ?? (rest.count == 1 ? rest[0] : nil)
    }

    /// The file of a row, its extension added where the table leaves it out; nil when there is none.
    func image(_ row: [String: String]) -> DatasetPath? {
      guard let name = row[fileColumn], !name.isEmpty else { return nil }
      let stated = name.hasPrefix("/") ? DatasetPath(name) : folder.appending(name)
      if stated.exists { return stated }
      return imageExtensions.sorted().map { DatasetPath(stated.path + ".\($0)") }
        .first(where: \.exists)
    }

    /// The rows of a part, by a column called split.
    ///
    /// - Throws: `DatasetError.splitNeeded` when there are several and none is stated.
    func rows(ofSplit split: String?) throws -> [[String: String]] {
      guard let column = header.first(where: { ["split", "subset"].contains($0.lowercased()) })
      else {
        guard let split else { return rows }
        throw DatasetError.empty(
          path: file.path, hint: "It has no column 'split' that could say '\(split)'.")
      }
      let parts = Set(rows.compactMap { $0[column] }).sorted()
      if let split { return rows.filter { $0[column] == split } }
      guard parts.count <= 1 else {
        throw DatasetError.splitNeeded(path: file.path, splits: parts)
      }
      return rows
    }

    /// - Throws: `DatasetError.malformed` when a file has two labels.
    func checkOnce(_ names: [String], _ labels: [Int]?) throws {
      guard let labels else { return }
      var first: [String: Int] = [:]
      for (row, name) in names.enumerated() {
        if let before = first[name], labels[before] != labels[row] {
          throw DatasetError.malformed(
            path: file.path,
            reason: "rows \(before + 2) and \(row + 2) give '\(name)' different labels")
        }
        first[name] = first[name] ?? row
      }
    }

    /// A column per class with a single 1 in each row, classes in the columns' order; nil for other
    /// tables.
    private func oneHot(_ rows: [[String: String]]) -> ([Int]?, [String]?)? {
      let classes = header.filter { $0 != fileColumn }
      guard classes.count > 1 else { return nil }
      var labels: [Int] = []
      for row in rows {
        let values = classes.map { Double((row[$0] ?? "").trimmingCharacters(in: .whitespaces)) }
        guard values.allSatisfy({ $0 == 0 || $0 == 1 }), values.count(where: { $0 == 1 }) == 1,
          let place = values.firstIndex(of: 1)
        else { return nil }
        labels.append(place)
      }
      return (labels, classes.map { $0.trimmingCharacters(in: .whitespaces) })
    }

    func labels(_ rows: [[String: String]]) throws -> ([Int]?, [String]?) {
      guard let labelColumn else { return oneHot(rows) ?? (nil, nil) }
      let stated = rows.map { ($0[labelColumn] ?? "").trimmingCharacters(in: .whitespaces) }
      if let row = stated.firstIndex(of: "") {
        throw DatasetError.malformed(path: file.path, reason: "row \(row + 2) has no label")
      }
      let numbers = stated.compactMap { Int($0) }
      if numbers.count == stated.count { return (numbers, nil) }
      return Dataset.numbered(stated)
    }
  }
}

extension Dataset {
  /// Class names as indices into the distinct ones, sorted as strings.
  static func numbered(_ names: [String]) -> ([Int], [String]) {
    let distinct = Set(names).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let indices = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
    return (names.compactMap { indices[$0] }, distinct)
  }
}
