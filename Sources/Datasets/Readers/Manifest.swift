import Foundation
import SwiftCSV

/// A `metadata.csv` with columns `file_name` and `label`: a class index or a class name.
///
/// File names are relative to the CSV's folder. Class names are numbered in string order.
package enum Manifest: DatasetReader {
  package static let format = "csv"

  package static func recognises(_ path: DatasetPath) -> Bool {
    path.isFolder ? path.appending("metadata.csv").exists : path.fileExtension == "csv"
  }

  package static func read(_ path: DatasetPath, options: DatasetOptions) throws -> Dataset {
    let file = path.isFolder ? path.appending("metadata.csv") : path
    let rows: [[String: String]]
    do {
      let text = String(decoding: try file.bytes(), as: UTF8.self)
      let csv = try CSV<Named>(string: text.replacingOccurrences(of: "\r\n", with: "\n"))
      guard csv.header.contains("file_name") else {
        throw DatasetError.malformed(
          path: file.path,
          reason: "there is no column 'file_name' among " + csv.header.joined(separator: ", "))
      }
      rows = csv.rows
    } catch let error as DatasetError {
      throw error
    } catch {
      throw DatasetError.malformed(path: file.path, reason: "not a CSV file (\(error))")
    }
    let names = rows.map { $0["file_name"] ?? "" }
    let (labels, classNames) = try labels(rows, file: file)
    let files = names.map { $0.hasPrefix("/") ? DatasetPath($0) : file.folder.appending($0) }
    return Dataset(
      path: path.path, format: format, identifiers: names, labels: labels,
      classNames: classNames, decode: { try decodeImageFile(files[$0]) })
  }

  private static func labels(
    _ rows: [[String: String]], file: DatasetPath
  ) throws -> ([Int]?, [String]?) {
    guard rows.first?["label"] != nil else { return (nil, nil) }
    let stated = rows.map { ($0["label"] ?? "").trimmingCharacters(in: .whitespaces) }
    if let row = stated.firstIndex(of: "") {
      throw DatasetError.malformed(path: file.path, reason: "row \(row + 2) has no label")
    }
    let numbers = stated.compactMap { Int($0) }
    if numbers.count == stated.count { return (numbers, nil) }
    let names = Set(stated).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let indices = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    return (stated.compactMap { indices[$0] }, names)
  }
}
