import Figures
import Foundation
import Reports
import Testing

/// The page that a report opens with, in every format.
@Suite struct CoverTests {
  private let templates = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../templates").standardizedFileURL.path

  private func subject(_ name: String) -> Cover.Subject {
    let image = PixelImage(width: 2, height: 2, pixels: [.black, .white, .white, .black])
    let pair = Cover.Evidence(
      image: image, subset: image, imageText: "Coat 99.1%", subsetText: "99.0% from 2.0%",
      shortTexts: ("99.1%", "2.0%"), altText: "A coat, and two of its pixels.")
    let chart = Figure(
      name: "chart", caption: "", altText: "Right on: whole image 92%.", width: 2, height: 0.8,
      panels: [
        Panel(
          x: .linear(label: "", range: 0...1, ticks: []),
          y: .categories(label: "", ["whole image"]),
          marks: [
            .barsAcross([.init(0.9, 0)], thickness: 0.6, .muted, labels: ["92%"]),
            .errorBarsAcross([.init(0, 0.8, 0.95)], .ink),
          ])
      ], data: DataTable(columns: [], rows: []))
    return Cover.Subject(
      name: name, link: "evidence",
      finding: Finding(.bad, "Right on 92% of images from 5% of pixels.", word: "overinterprets"),
      evidence: [pair, pair, pair], charts: [chart, chart])
  }

  private func document(_ names: [String]) -> Document {
    Document(
      title: "An audit", subtitle: "", date: "2026-01-02T03:04:05Z",
      cover: Cover(
        question: "May it go?", answer: Finding(.bad, "Specks decide.", word: "Not yet"),
        certainty: "How sure: certain.", facts: [Cover.Fact("Data", "images")],
        subjects: names.map(subject), legend: "How to read it.", nextTitle: "What next",
        next: ["Audit more.", "Set limits."]),
      sections: [
        Section(
          id: "evidence", title: "Evidence", isSummary: true,
          blocks: [
            .table(
              Table(
                name: "rows", caption: "", columns: [Table.Column("Row")],
                rows: (1...12).map { [Table.Cell("row \($0)", link: $0 == 1 ? "nowhere" : nil)] })),
            .details("More of it", notes: ["A note.", ""], [.paragraph("A detail.")]),
          ]),
        Section(
          id: "signed", title: "For signature", audience: .print, blocks: [.paragraph("Sign.")]),
      ])
  }

  private func html(_ document: Document, brand: Brand? = nil) throws -> String {
    let files = try HTML(templates: templates, packaging: .inline, brand: brand).render(document)
    return String(decoding: files["report.html"] ?? Data(), as: UTF8.self)
  }

  private func pages(_ pdf: Data) -> Int {
    String(decoding: pdf, as: UTF8.self).matches(of: /\/Type \/Page\b[^s]/).count
  }

  @Test func `HTML has the answer, the evidence and what comes next`() throws {
    let text = try html(document(["net"]))
    #expect(text.contains("<section id=\"verdict\"") && text.contains("May it go?"))
    #expect(text.contains("Not yet.</strong> Specks decide."))
    #expect(text.contains("alt=\"A coat, and two of its pixels.\""))
    #expect(text.contains("99.0% from 2.0%") && text.contains("<li>Set limits.</li>"))
    #expect(text.contains("<a href=\"#evidence\">net</a>"))
    // Many are shown with numbers alone.
    let compact = try html(document((1...6).map { "net \($0)" }))
    #expect(compact.contains("subjects compact") && !compact.contains("99.0% from 2.0%"))
  }

  @Test func `Details are folded, and what is printed alone is not in HTML`() throws {
    let text = try html(document(["net"]))
    #expect(text.contains("<details><summary>More of it</summary>"))
    #expect(text.contains("<p>A detail.</p>") && text.contains("<p>A note.</p>"))
    #expect(!text.contains("For signature"))
  }

  @Test func `The head says whose report it is`() throws {
    let logo = PixelImage(width: 1, height: 1, pixels: [.black])
    let text = try html(document(["net"]), brand: Brand(title: "A <company>", logo: logo))
    #expect(text.contains("A &lt;company&gt;</p>") && text.contains("<p class=\"brand\"><img src="))
    #expect(try html(document(["net"])).contains("<p class=\"brand\">overinterp</p>"))
  }

  @Test(arguments: [1, 3, 4, 5, 10])
  func `In PDF it is one page, whatever is on it`(_ count: Int) throws {
    let name = String(repeating: "a-long-name-", count: 5)
    for names in [(1...count).map { "net \($0)" }, (1...count).map { "\(name)\($0)" }] {
      let whole = document(names)
      let (pdf, again) = (try PDF.render(whole), try PDF.render(whole))
      #expect(pages(pdf) == 2 && again == pdf)
    }
  }

  @Test func `A link in PDF to what is not there is none`() throws {
    let text = String(decoding: try PDF.render(document(["net"])), as: UTF8.self)
    #expect(text.contains("/Link") && !text.contains("nowhere"))
  }

  @Test func `Markdown fits a screen`() throws {
    let text = Markdown.render(document(["net"]))
    #expect(text.contains("**✗ Not yet.** Specks decide. How sure: certain."))
    #expect(text.contains("| net | ✗ **Overinterprets.** Right on 92%"))
    #expect(text.contains("- Audit more.\n") && text.contains("row 8"))
    #expect(text.contains("4 more rows are in the report") && !text.contains("row 9"))
    #expect(Markdown.render(document(["net"]), isWhole: true).contains("row 12"))
  }

  @Test func `Tables have files, all their rows in them`() throws {
    var files: [String: Data] = [:]
    try ReportWriter(templates: templates, packaging: .inline).write(document(["net"])) {
      files[$0] = $1
    }
    let rows = String(decoding: try #require(files["tables/rows.csv"]), as: UTF8.self)
    #expect(rows.hasPrefix("Row\r\nrow 1\r\n") && rows.hasSuffix("row 12\r\n"))
  }

  @Test func `A long report has a table of contents, which a short one has not`() throws {
    func pages(ofSections count: Int) throws -> Int {
      let document = Document(
        title: "Long", subtitle: "", date: "2026-01-02T03:04:05Z",
        sections: (1...count).map { number in
          Section(
            id: "s\(number)", title: "Section \(number)",
            blocks: (0..<40).map { _ in .paragraph("A line.") })
        })
      return self.pages(try PDF.render(document))
    }
    let counts = try (1...24).map(pages)
    // The contents of many sections take room; the first report of more than ten pages has them.
    #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 <= $1 })
    let first = try #require(counts.firstIndex { $0 > 10 })
    #expect(counts[first - 1] <= 10)
  }
}
