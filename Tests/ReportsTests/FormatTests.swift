import Figures
import Foundation
import Reports
import Testing

@Suite struct FormatTests {
  private let templates = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../templates").standardizedFileURL.path

  private var document: Document {
    let image = PixelImage(width: 1, height: 1, pixels: [.black])
    let figure = Figure(
      name: "curve", caption: "The caption.", altText: "A line that rises.", height: 2,
      panels: [
        Panel(
          x: .linear(label: "x", range: 0...1), y: .linear(label: "y", range: 0...1),
          marks: [.line([.init(0, 0), .init(1, 1)], .series(0))])
      ], data: DataTable(columns: ["x"], rows: [["0"]]))
    return Document(
      title: "A <title> & more", subtitle: "Sub|title", date: "2026-01-02T03:04:05Z",
      sections: [
        Section(
          id: "verdict", title: "Verdict",
          blocks: [
            .finding(Finding(.bad, "It overinterprets.")), .paragraph("A paragraph."),
            .table(
              Table(
                caption: "Numbers.",
                columns: [Table.Column("Name"), Table.Column("Value", numeric: true)],
                rows: [[Table.Cell("first", link: "evidence"), Table.Cell("1")]])),
          ]),
        Section(
          id: "evidence", title: "Evidence",
          blocks: [
            .figure(figure),
            .imageGrid(
              ImageGrid(
                name: "grid", caption: "Pictures.",
                items: [
                  .init(
                    title: "one", note: "a note", pictures: [.init(image, "image")],
                    altText: "a black dot")
                ])),
          ]),
      ])
  }

  private func html(_ packaging: HTML.Packaging) throws -> (String, [String: Data]) {
    let files = try HTML(templates: templates, packaging: packaging).render(document)
    return (String(decoding: files["report.html"] ?? Data(), as: UTF8.self), files)
  }

  @Test func `HTML is one file that needs nothing else`() throws {
    let (text, files) = try html(.inline)
    #expect(files.count == 1)
    #expect(!text.contains("http://") && !text.contains("https://") && !text.contains("<script"))
    #expect(text.contains("data:image/svg+xml;base64,"))
    #expect(text.contains("<style>"))
  }

  @Test func `HTML escapes text and describes pictures`() throws {
    let (text, _) = try html(.inline)
    #expect(text.contains("A &lt;title&gt; &amp; more"))
    #expect(text.contains("alt=\"A line that rises.\""))
    #expect(text.contains("alt=\"image: a black dot\""))
    #expect(text.contains("lang=\"en\""))
  }

  @Test func `Links of the verdict lead to sections that exist`() throws {
    let (text, _) = try html(.inline)
    for match in text.matches(of: /href="#([a-z-]+)"/) {
      #expect(text.contains("id=\"\(match.1)\""), "\(match.1)")
    }
    #expect(text.contains("href=\"#evidence\""))
  }

  @Test func `HTML as a folder keeps styles and pictures in files`() throws {
    let (text, files) = try html(.directory)
    #expect(!text.contains("<style") && !text.contains("data:") && !text.contains("style=\""))
    for match in text.matches(of: /(?:src|href)="([^"#]+)"/) {
      #expect(files[String(match.1)] != nil, "\(match.1)")
    }
  }

  @Test func `PDF is the same bytes each time and has an outline`() throws {
    let data = try PDF.render(document)
    #expect(data.starts(with: Data("%PDF".utf8)))
    #expect(try PDF.render(document) == data)
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("/Outlines"))
    #expect(text.contains("2026"))
  }

  @Test func `Markdown keeps tables whole and stays within its limit`() {
    let text = Markdown.render(document)
    #expect(text.contains("| [first](#evidence) | 1 |"))
    #expect(text.contains("**✗ overinterprets: It overinterprets.**"))
    #expect(text.contains("Sub\\|title"))
    let short = Markdown.render(document, maxBytes: 250)
    #expect(short.utf8.count < 400 && short.contains("Further sections"))
  }

  @Test func `Says which template is missing`() {
    #expect(throws: ReportError.self) { try HTML(templates: "/nowhere", packaging: .inline) }
  }
}
