import Figures
import Foundation
import Testing

@Suite struct FigureTests {
  private var figure: Figure {
    let points = [Mark.Point(0, 1), Mark.Point(1, 3), Mark.Point(2, 2)]
    let image = PixelImage(
      width: 2, height: 2, pixels: [.black, .white, Color(0xff0000), Color(0x0000ff)])
    return Figure(
      name: "test", caption: "A caption.", altText: "Three points.", height: 2, columns: 2,
      panels: [
        Panel(
          title: "lines", x: .linear(label: "x", range: 0...2),
          y: .linear(label: "y (%)", range: 0...4),
          marks: [
            .band(points.map { .init($0.x, $0.y - 0.5, $0.y + 0.5) }, Color(0x0072b2)),
            .line(points, .series(0)), .points(points, .series(1)),
            .errorBars([.init(1, 1, 2)], .series(2)), .bars(points, width: 0.3, .muted),
            .rule(y: 2, label: "chance"),
          ]),
        Panel(marks: [.picture(image)]),
        Panel(
          x: .categories(label: "", ["a", "b"]), y: .categories(label: "", ["c", "d"]),
          marks: [
            .cells(
              rows: 2, columns: 2, values: [0, 1, nil, 0.5], map: .viridis, 0...1,
              ["0", "1", "", "½"])
          ],
          colorBar: ColorBar(map: .viridis, range: 0...1, label: "share")),
      ],
      legend: [LegendEntry("a series", .series(0))],
      data: DataTable(columns: ["name", "value"], rows: [["a, \"b\"", "1"]]))
  }

  @Test(arguments: zip(FigureFormat.allCases, ["%PDF-1.", "<?xml", "\u{89}PNG"]))
  func `Renders every format, the same bytes each time`(
    _ format: FigureFormat, _ signature: String
  ) throws {
    let data = try figure.render(format)
    let start = String(decoding: data.prefix(8), as: UTF8.self)
    #expect(start.hasPrefix(signature) || data.prefix(4) == Data([0x89, 0x50, 0x4e, 0x47]))
    #expect(data.count > 2000)
    #expect(try figure.render(format) == data)
  }

  @Test func `Draws something in every panel`() throws {
    let blank = Figure(
      name: "blank", caption: "", altText: "", height: 2, panels: [],
      data: DataTable(columns: [], rows: []))
    #expect(try figure.render(.svg).count > blank.render(.svg).count * 5)
  }

  @Test(arguments: FigureStyle.all)
  func `Has a style's width, and panels no narrower than they can be read`(
    _ style: FigureStyle
  ) throws {
    let panel = Panel(
      x: .linear(label: "x", range: 0...1), y: .linear(label: "y", range: 0...1), marks: [])
    let wide = Figure(
      name: "wide", caption: "", altText: "", height: 2, columns: 3,
      panels: [panel, panel, panel], data: DataTable(columns: [], rows: []))
    let fitted = wide.fitted(to: style)
    #expect(fitted.width == style.width)
    #expect(fitted.width / Double(fitted.columns) >= 1.6)
    // Rows keep their height.
    let rows = (3 + fitted.columns - 1) / fitted.columns
    #expect(fitted.height == 2 * Double(rows))
    let pdf = String(decoding: try fitted.render(.pdf), as: UTF8.self)
    let box = try #require(pdf.firstMatch(of: #/MediaBox \[ 0 0 ([0-9.]+)/#))
    #expect(abs((Double(box.1) ?? 0) - style.width * 72) < 0.01)
  }

  @Test func `A LaTeX float escapes what LaTeX would read`() {
    let figure = Figure(
      name: "a-b", caption: "5% of τ_x & {y} ≥ “1”", altText: "", height: 1, panels: [],
      data: DataTable(columns: [], rows: []))
    #expect(figure.latex.contains("\\caption{5\\% of $\\tau$\\_x \\& \\{y\\} $\\geq$ ``1''}"))
    #expect(figure.latex.contains("\\includegraphics{a-b.pdf}"))
  }

  @Test func `Quotes CSV fields`() {
    #expect(figure.data.csv == "name,value\r\n\"a, \"\"b\"\"\",1\r\n")
  }

  @Test func `Enlarges pixels by whole factors`() throws {
    let image = PixelImage(width: 2, height: 1, pixels: [.black, .white])
    // The header of a PNG holds its size: 6 × 3 for a longer side of 5 or more.
    let header = try image.png(side: 5).dropFirst(16).prefix(8)
    #expect(Array(header) == [0, 0, 0, 6, 0, 0, 0, 3])
  }

  @Test func `Marks and masks pixels`() {
    let image = PixelImage(width: 2, height: 1, channels: 1, bytes: [0, 255])
    #expect(image.masked(visible: [1], with: Color(0x808080)).pixels[1] == .white)
    #expect(image.marking([0], Color(0xff0000)).pixels[0] == Color(0xff0000))
  }

  @Test func `Colour maps run from dark to light`() {
    let luminances = stride(from: 0.0, through: 1, by: 0.1).map {
      ColorMap.viridis.color($0).luminance
    }
    #expect(zip(luminances, luminances.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test func `Neighbouring series differ in colour, marker and dash`() {
    for index in 0..<5 {
      let (a, b) = (SeriesStyle.series(index), SeriesStyle.series(index + 1))
      #expect(a.color != b.color && a.marker != b.marker && a.dash != b.dash)
    }
  }
}

@Suite struct DataTableTests {
  @Test func `Text that a spreadsheet would run stays text, and numbers stay numbers`() {
    let table = DataTable(
      columns: ["class", "value"],
      rows: [
        ["=HYPERLINK(\"http://x\")", "-0.25"], ["+cmd", "1e-05"], ["-1+1", "12"], ["@sum", ""],
        ["\ttab", "nan"], ["\rreturn", "-inf"], ["shirt", "–"],
      ])
    #expect(
      table.csv.components(separatedBy: "\r\n") == [
        "class,value", "\"'=HYPERLINK(\"\"http://x\"\")\",-0.25", "'+cmd,1e-05", "'-1+1,12",
        "'@sum,", "'\ttab,nan", "\"'\rreturn\",-inf", "shirt,–", "",
      ])
  }
}

@Suite struct ReducedImageTests {
  @Test func `A pixel that may not vanish is seen in a reduced image`() {
    var pixels = [Color](repeating: .white, count: 64)
    pixels[9] = .black
    let image = PixelImage(width: 8, height: 8, pixels: pixels)
    let plain = image.reduced(toSide: 4)
    #expect(plain.width == 4 && plain.height == 4)
    #expect(abs(plain.pixels[0].red - 0.75) < 1e-9 && plain.pixels[5] == .white)
    let kept = image.reduced(toSide: 4, keeping: [9])
    #expect(kept.pixels[0] == .black && kept.pixels[5] == .white)
    #expect(image.reduced(toSide: 8) == image)
  }

  @Test func `Sides that do not divide keep their last rows`() {
    let image = PixelImage(width: 5, height: 3, pixels: .init(repeating: .muted, count: 15))
    let reduced = image.reduced(toSide: 2)
    #expect(reduced.width == 2 && reduced.height == 1)
    #expect(reduced.pixels.allSatisfy { abs($0.red - Color.muted.red) < 1e-9 })
  }
}

@Suite struct LongNameTests {
  /// A figure with one long name along each axis.
  private func figure(_ name: String) -> Figure {
    Figure(
      name: "names", caption: "", altText: "", width: 3.25, height: 2,
      panels: [
        Panel(
          title: name, x: .categories(label: "", Array(repeating: name, count: 8)),
          y: .categories(label: "", [name, "b"]),
          marks: [
            .cells(
              rows: 2, columns: 8, values: .init(repeating: 0.5, count: 16), map: .blues, 0...1, [])
          ])
      ], legend: [LegendEntry(name, .series(0), key: .bar)],
      data: DataTable(columns: [], rows: []))
  }

  @Test func `Long names leave room for what they name`() throws {
    // Names give way in their middle, so that twice as long a name changes nothing but a few letters.
    let long = String(repeating: "a long name ", count: 5)
    let (once, twice) = (try figure(long).render(.svg), try figure(long + long).render(.svg))
    #expect(abs(once.count - twice.count) < once.count / 10)
  }
}
