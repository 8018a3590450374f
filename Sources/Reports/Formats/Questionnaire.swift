import Figures
import Foundation
import Mustache

/// A page that asks people the same question about several things, and gives their answers as a CSV file.
///
/// One file that needs no server and no network, for mouse, keyboard and screen reader. The script that counts
/// and saves answers is the only one that the program writes; without it the sheet can be filled in by hand.
package struct Questionnaire: Sendable {
  /// One thing to be asked about.
  package struct Item: Sendable {
    package let title: String
    package let note: String
    package let pictures: [ImageGrid.Item]
    /// What its row of the CSV file begins with.
    package let fields: [String]

    package init(title: String, note: String, pictures: [ImageGrid.Item], fields: [String]) {
      self.title = title
      self.note = note
      self.pictures = pictures
      self.fields = fields
    }
  }

  /// An answer.
  package struct Choice: Sendable {
    /// What the file says.
    package let value: String
    package let text: String

    package init(_ value: String, _ text: String) {
      self.value = value
      self.text = text
    }
  }

  package let title: String
  package let subtitle: String
  package let instructions: [String]
  package let choices: [Choice]
  package let items: [Item]
  /// Titles of the CSV file's columns; the last is the answer's.
  package let columns: [String]
  /// What a reader without scripts can do.
  package let withoutScript: String

  package init(
    title: String, subtitle: String, instructions: [String], choices: [Choice], items: [Item],
    columns: [String], withoutScript: String
  ) {
    self.title = title
    self.subtitle = subtitle
    self.instructions = instructions
    self.choices = choices
    self.items = items
    self.columns = columns
    self.withoutScript = withoutScript
  }

  /// The page, from `labels.mustache`, `labels.css`, `labels.js` and `report.css`.
  ///
  /// Throws `ReportError` or `FigureError`.
  package func render(templates: String) throws -> Data {
    func read(_ name: String) throws -> String {
      let path = "\(templates)/\(name)"
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
        throw ReportError.template(path: path, reason: "cannot be read")
      }
      return text
    }
    let template: MustacheTemplate
    do {
      template = try MustacheTemplate(string: read("labels.mustache"))
    } catch let error as ReportError {
      throw error
    } catch {
      throw ReportError.template(path: "\(templates)/labels.mustache", reason: "\(error)")
    }
    let content: [String: Any] = [
      "title": title, "subtitle": subtitle, "instructions": instructions,
      "withoutScript": withoutScript, "style": try read("report.css") + read("labels.css"),
      "script": try read("labels.js"), "count": String(items.count),
      "columns": try json(columns),
      "keys": choices.enumerated().map { ["key": String($0 + 1), "text": $1.text] },
      "items": try items.enumerated().map { try values($1, number: $0 + 1) },
    ]
    return Data(template.render(content).utf8)
  }

  private func values(_ item: Item, number: Int) throws -> [String: Any] {
    let options = choices.enumerated().map { index, choice in
      [
        "value": choice.value, "text": choice.text, "key": String(index + 1),
        "id": "item-\(number)-\(index + 1)", "name": "answer-\(number)",
      ]
    }
    let examples: [[String: Any]] = try item.pictures.map { example in
      [
        "title": example.title,
        "pictures": try example.pictures.map { picture in
          [
            "source": "data:image/png;base64,"
              + (try picture.image.png(side: 112)).base64EncodedString(),
            "label": picture.label, "alt": "\(picture.label): \(example.altText)",
          ]
        },
      ]
    }
    return [
      "id": "item-\(number)", "title": item.title, "note": item.note,
      "fields": try json(item.fields),
      "options": options, "examples": examples,
    ]
  }

  private func json(_ texts: [String]) throws -> String {
    String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
  }
}
