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

  @Test func `Quotes CSV fields`() {
    #expect(figure.data.csv == "name,value\r\n\"a, \"\"b\"\"\",1\r\n")
  }

  @Test func `Enlarges pixels by whole factors`() {
    let image = PixelImage(width: 2, height: 1, pixels: [.black, .white])
    let large = image.enlarged(toSide: 5)
    #expect(large.width == 6 && large.height == 3)
    #expect(large.pixels[2] == .black && large.pixels[3] == .white)
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
