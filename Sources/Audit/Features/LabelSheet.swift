import Datasets
import Foundation
import Spelling
import SwiftCSV

extension FeatureLabels.Sheet {
  /// Columns of a sheet; what else it has is ignored.
  package static let columns = ["model", "class", "name", "component", "label"]

  /// Reads a CSV file with a row a component.
  ///
  /// Throws `AuditError.labels` for rows about what was not found, labels that are none, and two labels of
  /// one component.
  init(contentsOf path: String, about findings: FeatureFindings) throws {
    let file = path.fileName
    func failure(_ reason: String, row: Int? = nil) -> AuditError {
      // As spreadsheets count: the first row follows the line of titles.
      .labels(place: row.map { "\(file), row \($0 + 2)" } ?? file, reason: reason)
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw failure("there is no such file")
    }
    // Spreadsheets write a byte order mark, and some lands' semicolons.
    var text = String(decoding: data, as: UTF8.self)
    if text.hasPrefix("\u{feff}") { text.removeFirst() }
    let titles = text.prefix { !$0.isNewline }
    let delimiter: CSVDelimiter =
      titles.contains(",") ? .comma : titles.contains(";") ? .semicolon : .tab
    guard let csv = try? CSV<Named>(string: text, delimiter: delimiter) else {
      throw failure("it is not a CSV file")
    }
    for column in ["class", "component", "label"] where !csv.header.contains(column) {
      throw failure(
        "it has no column '\(column)'; labels.csv beside the report shows the form")
    }
    var entries: [Entry] = []
    for (row, fields) in csv.rows.enumerated() {
      func field(_ name: String) -> String {
        (fields[name] ?? "").trimmingCharacters(in: .whitespaces)
      }
      if fields.values.allSatisfy(\.isEmpty) { continue }
      let model = field("model")
      guard model.isEmpty || model == findings.model else {
        throw failure("it is about model '\(model)', not '\(findings.model)'", row: row)
      }
      let known = findings.classes.first {
        String($0.classIndex) == field("class") || $0.name == field("class")
      }
      guard let known else {
        let names = findings.classes.map(\.name)
        let near = Spelling.nearest(to: field("class"), among: names)
        throw failure(
          "class '\(field("class"))' was not looked at" + (near.map { "; meant '\($0)'?" } ?? ""),
          row: row)
      }
      guard let component = Int(field("component")),
        known.components.contains(where: { $0.index == component })
      else {
        let found = known.components.map { String($0.index) }.joined(separator: ", ")
        throw failure(
          "class '\(known.name)' has no component '\(field("component"))' among those found: \(found)",
          row: row)
      }
      let word = field("label").lowercased()
      guard let label = word.isEmpty ? .unknown : FeatureFindings.Label(rawValue: word) else {
        throw failure("'\(word)' is no label: core, spurious or unknown", row: row)
      }
      guard
        !entries.contains(where: { $0.classIndex == known.classIndex && $0.component == component })
      else {
        throw failure(
          "component \(component) of '\(known.name)' is labelled a second time", row: row)
      }
      entries.append(Entry(classIndex: known.classIndex, component: component, label: label))
    }
    self.init(name: file, entries: entries)
  }
}

extension FeatureFindings {
  /// A sheet to be filled in, with every component that was found; those called sufficient first.
  package var emptySheet: Data {
    let rows = labellingOrder.map { place -> [String] in
      let known = classes[place.known]
      return [
        model, "\(known.classIndex)", known.name, "\(known.components[place.component].index)", "",
      ]
    }
    let lines = ([FeatureLabels.Sheet.columns] + rows).map { fields in
      fields.map { field in
        field.contains { ",\"\n\r".contains($0) }
          ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
      }.joined(separator: ",")
    }
    return Data((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// Places of components: those called sufficient first, highest flip rate first, then by class and share.
  var labellingOrder: [(known: Int, component: Int)] {
    let all = classes.indices.flatMap { known in
      classes[known].components.indices.map { (known: known, component: $0) }
    }
    func component(_ place: (known: Int, component: Int)) -> Component {
      classes[place.known].components[place.component]
    }
    let sufficient = all.filter { component($0).sufficient }.sorted {
      (component($0).flipRate?.mean ?? 0) > (component($1).flipRate?.mean ?? 0)
    }
    return sufficient + all.filter { !component($0).sufficient }
  }
}
