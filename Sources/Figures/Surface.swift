import CCairo
import Foundation

/// What a drawing becomes.
package enum FigureFormat: String, CaseIterable, Sendable {
  case pdf, svg, png
}

/// What cannot be drawn.
package enum FigureError: Error, CustomStringConvertible {
  case cairo(String)
  case pdf(String)

  package var description: String {
    switch self {
    case .cairo(let message): "Cairo could not draw: \(message)."
    case .pdf(let message): "The PDF could not be finished: \(message)."
    }
  }
}

/// Collects what Cairo writes.
private final class ByteSink {
  var data = Data()

  static let write: cairo_write_func_t = { closure, bytes, count in
    guard let closure, let bytes else { return CAIRO_STATUS_WRITE_ERROR }
    Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue()
      .data.append(bytes, count: Int(count))
    return CAIRO_STATUS_SUCCESS
  }
}

extension Figure {
  /// Draws the figure into a file's bytes; the same bytes for the same figure.
  ///
  /// `dotsPerInch`: of PNG.
  ///
  /// Throws `FigureError`.
  package func render(_ format: FigureFormat, dotsPerInch: Double = 300) throws -> Data {
    let sink = ByteSink()
    let closure = Unmanaged.passUnretained(sink).toOpaque()
    let (points, heightPoints) = (width * 72, height * 72)
    let surface: OpaquePointer?
    switch format {
    case .pdf:
      surface = cairo_pdf_surface_create_for_stream(ByteSink.write, closure, points, heightPoints)
      setDates(surface, "2000-01-01T00:00:00Z")
    case .svg:
      surface = cairo_svg_surface_create_for_stream(ByteSink.write, closure, points, heightPoints)
    case .png:
      surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, Int32((width * dotsPerInch).rounded()),
        Int32((height * dotsPerInch).rounded()))
    }
    defer { cairo_surface_destroy(surface) }
    let context = cairo_create(surface)
    defer { cairo_destroy(context) }
    withoutHints(context)
    if format == .png { cairo_scale(context, dotsPerInch / 72, dotsPerInch / 72) }
    let canvas = Canvas(context: context)
    canvas.setColor(.white)
    canvas.fillRectangle(0, 0, points, heightPoints)
    draw(on: canvas)
    if format == .png { cairo_surface_write_to_png_stream(surface, ByteSink.write, closure) }
    cairo_surface_finish(surface)
    try check(surface)
    return format == .svg ? withOwnIdentifiers(sink.data) : sink.data
  }

  /// The points drawn, with their numbers in words.
  package var hotspots: [Hotspot] {
    let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1)
    defer { cairo_surface_destroy(surface) }
    let context = cairo_create(surface)
    defer { cairo_destroy(context) }
    withoutHints(context)
    return draw(on: Canvas(context: context))
  }

  /// Renumbers the identifiers in an SVG from 1 and gives them the figure's name.
  ///
  /// Cairo counts them over the life of the process: the same figure would differ from run to run,
  /// and two figures in one page would share some.
  private func withOwnIdentifiers(_ svg: Data) -> Data {
    let bytes = [UInt8](svg)
    let starts = ["id=\"", "\"#", "(#"].map { [UInt8]($0.utf8) }
    var numbers: [ArraySlice<UInt8>: Int] = [:]
    var renamed: [UInt8] = []
    renamed.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      let rest = bytes[position...]
      // A reference starts with one of three bytes; most bytes are none of them.
      guard let start = starts.first(where: { $0[0] == bytes[position] && rest.starts(with: $0) })
      else {
        renamed.append(bytes[position])
        position += 1
        continue
      }
      let identifier = rest.dropFirst(start.count).prefix { $0 != 0x22 && $0 != 0x29 }
      let number = numbers[identifier] ?? numbers.count + 1
      numbers[identifier] = number
      renamed += start + Array("\(name)-\(number)".utf8)
      position = identifier.endIndex
    }
    return Data(renamed)
  }
}

extension PixelImage {
  /// A PNG file, over white where it is transparent.
  ///
  /// Throws `FigureError`.
  package init(pngFile path: String) throws {
    let surface = cairo_image_surface_create_from_png(path)
    defer { cairo_surface_destroy(surface) }
    try check(surface)
    let flat = cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, cairo_image_surface_get_width(surface),
      cairo_image_surface_get_height(surface))
    defer { cairo_surface_destroy(flat) }
    let context = cairo_create(flat)
    defer { cairo_destroy(context) }
    cairo_set_source_rgb(context, 1, 1, 1)
    cairo_paint(context)
    cairo_set_source_surface(context, surface, 0, 0)
    cairo_paint(context)
    cairo_surface_flush(flat)
    let (width, height) = (
      Int(cairo_image_surface_get_width(flat)), Int(cairo_image_surface_get_height(flat))
    )
    guard let data = cairo_image_surface_get_data(flat) else {
      throw FigureError.cairo("'\(path)' has no pixels")
    }
    let stride = Int(cairo_image_surface_get_stride(flat))
    self.init(
      width: width, height: height,
      pixels: (0..<width * height).map { index in
        // Blue, green, red and nothing, as Cairo stores a pixel in memory.
        let pixel = data + (index / width) * stride + (index % width) * 4
        return Color(
          red: Double(pixel[2]) / 255, green: Double(pixel[1]) / 255, blue: Double(pixel[0]) / 255)
      })
  }

  /// PNG bytes, enlarged by a whole factor so that the longer side has at least `side` pixels.
  package func png(side: Int) throws -> Data {
    let factor = factor(toSide: side)
    let (width, height) = (width * factor, height * factor)
    let sink = ByteSink()
    let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
    defer { cairo_surface_destroy(surface) }
    let context = cairo_create(surface)
    defer { cairo_destroy(context) }
    Canvas(context: context).draw(self, 0, 0, Double(width), Double(height))
    cairo_surface_write_to_png_stream(
      surface, ByteSink.write, Unmanaged.passUnretained(sink).toOpaque())
    try check(surface)
    return sink.data
  }
}

/// Lays text out alike on every surface, and not to the pixels of one.
private func withoutHints(_ context: OpaquePointer?) {
  let options = cairo_font_options_create()
  defer { cairo_font_options_destroy(options) }
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
  cairo_set_font_options(context, options)
}

private func check(_ surface: OpaquePointer?) throws {
  let status = cairo_surface_status(surface)
  guard status == CAIRO_STATUS_SUCCESS else {
    throw FigureError.cairo(cairo_status_to_string(status).map { String(cString: $0) } ?? "?")
  }
}

private func setDates(_ surface: OpaquePointer?, _ date: String) {
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, date)
  cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, date)
}

/// A paged document under construction.
package final class PDFDocument {
  /// A4 in points.
  package static let pageWidth = 595.276
  package static let pageHeight = 841.89

  package let canvas: Canvas
  private let sink = ByteSink()
  private let surface: OpaquePointer?
  private let context: OpaquePointer?
  private let language: String
  /// Of the figures so far.
  private var alternatives: [String] = []

  /// `date`: ISO 8601, stated in the file.
  package init(title: String, author: String, date: String, language: String) {
    self.language = language
    surface = cairo_pdf_surface_create_for_stream(
      ByteSink.write, Unmanaged.passUnretained(sink).toOpaque(), PDFDocument.pageWidth,
      PDFDocument.pageHeight)
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title)
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, author)
    setDates(surface, date)
    context = cairo_create(surface)
    canvas = Canvas(context: context)
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  package func endPage() {
    cairo_show_page(context)
  }

  /// Adds an outline entry that leads to `destination`.
  ///
  /// `parent`: the identifier an earlier call returned, or nil for the top level.
  @discardableResult
  package func addOutline(_ title: String, destination: String, parent: Int32? = nil) -> Int32 {
    cairo_pdf_surface_add_outline(
      surface, parent ?? 0, title, "dest='\(destination)'", CAIRO_PDF_OUTLINE_FLAG_OPEN)
  }

  /// Marks the current point of the page as a destination of links.
  package func addDestination(_ name: String, y: Double) {
    let attributes = "name='\(name)' x=0 y=\(max(0, y))"
    cairo_tag_begin(context, CAIRO_TAG_DEST, attributes)
    cairo_tag_end(context, CAIRO_TAG_DEST)
  }

  /// Makes what `body` draws an element of the document's structure, for screen readers.
  ///
  /// `tag`: one of PDF's standard structure types, such as `P` or `TD`. An element ends on the page it
  /// began on.
  package func element(_ tag: String, _ body: () -> Void) {
    cairo_tag_begin(context, tag, nil)
    body()
    cairo_tag_end(context, tag)
  }

  /// Makes what `body` draws a figure with a text in its place.
  package func figure(alternative: String, _ body: () -> Void) {
    alternatives.append(alternative)
    element("Figure", body)
  }

  /// Makes what `body` draws a link.
  package func link(to destination: String, _ body: () -> Void) {
    cairo_tag_begin(context, CAIRO_TAG_LINK, "dest='\(destination)'")
    body()
    cairo_tag_end(context, CAIRO_TAG_LINK)
  }

  /// The file's bytes.
  ///
  /// - Throws: `FigureError`.
  package func finish() throws -> Data {
    cairo_surface_finish(surface)
    try check(surface)
    return try PDFFinishing.finish(sink.data, language: language, alternatives: alternatives)
  }
}

/// What drew the figures, for provenance.
package var drawingVersions: String {
  let cairo = cairo_version_string().map { String(cString: $0) } ?? "?"
  let pango = pango_version_string().map { String(cString: $0) } ?? "?"
  return "cairo \(cairo), pango \(pango)"
}
