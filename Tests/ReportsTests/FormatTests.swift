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
          marks: [
            .line([.init(0, 0), .init(1, 1)], .series(0)),
            .errorBars([.init(1, 0.5, 1)], SeriesStyle(color: .ink)),
            .points([.init(0, 0), .init(1, 1)], .series(0)),
          ])
      ], legend: [LegendEntry("rising", .series(0))], data: DataTable(columns: ["x"], rows: [["0"]])
    )
    return Document(
      title: "A <title> & more", subtitle: "Sub|title", date: "2026-01-02T03:04:05Z",
      sections: [
        Section(
          id: "verdict", title: "Verdict", isSummary: true,
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
                items: ["one", "two", "three"].enumerated().map { index, title in
                  .init(
                    title: title, note: "a note", pictures: [.init(image, "image")],
                    altText: "a black dot", facets: [index == 1 ? "wrong" : "correct"],
                    ranks: [Double(3 - index)])
                }, filters: ["decisions"], orders: ["fewest pixels first"])),
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

  @Test func `A reader chooses and orders pictures without a script`() throws {
    let (text, _) = try html(.inline)
    #expect(!text.contains("<script") && !text.contains("onclick"))
    #expect(text.contains("<label for=\"grid-f1\">Show decisions <select id=\"grid-f1\">"))
    // Choosing "wrong", the third option, hides the first and third picture.
    #expect(
      text.contains(
        "figure:has(#grid-f1 option:nth-of-type(3):checked) :is(#grid-1,#grid-3){display:none}"))
    #expect(
      text.contains("figure:has(#grid-o option:nth-of-type(2):checked) #grid-3{order:0}"))
  }

  @Test func `Names with dots are escaped in style rules`() throws {
    let image = PixelImage(width: 1, height: 1, pixels: [.black])
    let grid = ImageGrid(
      name: "gallery-resnet50.a1", caption: "",
      items: (0..<3).map { index in
        .init(
          title: "\(index)", note: "", pictures: [.init(image, "image")], altText: "a dot",
          facets: ["\(index)"])
      }, filters: ["classes"])
    let document = Document(
      title: "T", subtitle: "", date: "2026-01-02T03:04:05Z",
      sections: [Section(id: "gallery", title: "Gallery", blocks: [.imageGrid(grid)])])
    let files = try HTML(templates: templates, packaging: .inline).render(document)
    let text = String(decoding: files["report.html"] ?? Data(), as: UTF8.self)
    #expect(text.contains("id=\"gallery-resnet50.a1-1\""))
    #expect(
      text.contains("#gallery-resnet50\\.a1-f1 option") && !text.contains("#gallery-resnet50.a1"))
  }

  @Test func `Points say their numbers under the pointer`() throws {
    let (text, _) = try html(.inline)
    #expect(text.contains("rising · x = 1.000 · y = 1.000 [0.500, 1.000]"))
    #expect(text.contains("#curve-p1{left:"))
  }

  @Test func `Sections of other pages are linked both ways`() throws {
    let document = Document(
      title: "All", subtitle: "", date: "2026-01-02T03:04:05Z",
      sections: [
        Section(
          id: "verdict", title: "Verdict",
          blocks: [
            .table(
              Table(
                caption: "", columns: [Table.Column("Model")],
                rows: [[Table.Cell("net", link: "model-net")], [Table.Cell("x", link: "none")]]))
          ]),
        Section(
          id: "model-net", title: "Its verdict", page: "net 1/2",
          blocks: [
            .table(
              Table(
                caption: "", columns: [Table.Column("Check")],
                rows: [[Table.Cell("back", link: "verdict")]]))
          ]),
      ])
    let files = try HTML(templates: templates, packaging: .directory).render(document)
    #expect(
      files.keys.sorted() == [
        "report-net_1_2.css", "report-net_1_2.html", "report.css", "report.html",
      ])
    let main = String(decoding: files["report.html"] ?? Data(), as: UTF8.self)
    let page = String(decoding: files["report-net_1_2.html"] ?? Data(), as: UTF8.self)
    #expect(main.contains("href=\"report-net_1_2.html#model-net\"") && !main.contains("#none"))
    #expect(page.contains("href=\"report.html#verdict\"") && page.contains("Overview"))
    #expect(page.contains("<h1>net 1/2</h1>"))
  }

  @Test func `Every pair of text and ground has a contrast of 4.5 or more`() throws {
    let style = try String(contentsOfFile: templates + "/report.css", encoding: .utf8)
    let themes = style.matches(of: /:root \{([^}]*)\}/).map { String($0.1) }
    #expect(themes.count == 2)
    for theme in themes {
      let colors = Dictionary(
        uniqueKeysWithValues: theme.matches(of: /--([a-z]+): #([0-9a-f]{6})/).compactMap { match in
          UInt32(match.2, radix: 16).map { (String(match.1), Color($0)) }
        })
      for ground in ["paper", "panel"] {
        for ink in ["ink", "muted", "accent", "good", "concern", "bad", "neutral"] {
          let pair = try (#require(colors[ink]), #require(colors[ground]))
          #expect(pair.0.contrast(with: pair.1) >= 4.5, "\(ink) on \(ground)")
        }
      }
    }
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
    #expect(text.contains("/Lang (en)") && text.contains("/Marked true"))
    for kind in ["H1", "H2", "P", "Table", "TR", "TH", "TD", "Figure", "Caption", "Link"] {
      #expect(text.contains("/S /\(kind)"), "\(kind)")
    }
    #expect(text.contains("/Alt (A line that rises.)"))
    #expect(!text.contains("/Type3"))
    #expect(text.contains("2026"))
  }

  @Test func `Markdown keeps tables whole and stays within its limit`() {
    let text = Markdown.render(document)
    // Its evidence is not in a summary.
    #expect(text.contains("| first | 1 |"))
    #expect(text.contains("**✗ Overinterprets: It overinterprets.**"))
    #expect(text.contains("Sub\\|title"))
    let short = Markdown.render(document, maxBytes: 100)
    #expect(!short.contains("overinterprets") && short.contains("report.html"))
    // Evidence stays in the report.
    #expect(!text.contains("Evidence") && !text.contains("figures/"))
  }

  @Test func `Says which template is missing`() {
    #expect(throws: ReportError.self) { try HTML(templates: "/nowhere", packaging: .inline) }
  }
}
