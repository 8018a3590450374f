import CCairo
import Foundation

/// A place to draw, in points from the top left, on whatever surface is behind it.
package struct Canvas {
  package enum Alignment {
    case left, center, right
  }

  package struct Font {
    package var size: Double
    package var isBold: Bool
    package var isMonospaced: Bool

    package init(_ size: Double, bold: Bool = false, monospaced: Bool = false) {
      self.size = size
      isBold = bold
      isMonospaced = monospaced
    }
  }

  let context: OpaquePointer?

  package func save() { cairo_save(context) }
  package func restore() { cairo_restore(context) }
  package func translate(_ x: Double, _ y: Double) { cairo_translate(context, x, y) }
  package func scale(_ factor: Double) { cairo_scale(context, factor, factor) }

  package func setColor(_ color: Color, opacity: Double = 1) {
    cairo_set_source_rgba(context, color.red, color.green, color.blue, opacity)
  }

  package func fillRectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
    cairo_rectangle(context, x, y, width, height)
    cairo_fill(context)
  }

  package func strokeRectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, lineWidth: Double
  ) {
    cairo_set_line_width(context, lineWidth)
    cairo_rectangle(context, x, y, width, height)
    cairo_stroke(context)
  }

  /// Strokes an open path.
  package func stroke(
    _ points: [(Double, Double)], width: Double, dash: [Double] = []
  ) {
    guard let first = points.first else { return }
    cairo_set_line_width(context, width)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_dash(context, dash, Int32(dash.count), 0)
    cairo_move_to(context, first.0, first.1)
    for point in points.dropFirst() { cairo_line_to(context, point.0, point.1) }
    cairo_stroke(context)
    cairo_set_dash(context, [], 0, 0)
  }

  /// Fills a closed path.
  package func fill(_ points: [(Double, Double)]) {
    guard let first = points.first else { return }
    cairo_move_to(context, first.0, first.1)
    for point in points.dropFirst() { cairo_line_to(context, point.0, point.1) }
    cairo_close_path(context)
    cairo_fill(context)
  }

  package func fillCircle(_ x: Double, _ y: Double, radius: Double) {
    cairo_new_sub_path(context)
    cairo_arc(context, x, y, radius, 0, 2 * .pi)
    cairo_fill(context)
  }

  package func clip(_ x: Double, _ y: Double, _ width: Double, _ height: Double) {
    cairo_rectangle(context, x, y, width, height)
    cairo_clip(context)
  }

  /// Draws an image enlarged without smoothing.
  ///
  /// Small images are enlarged by a whole factor first: viewers of SVG and PDF smooth what they
  /// enlarge, whatever filter the file asks for.
  package func draw(
    _ image: PixelImage, _ x: Double, _ y: Double, _ width: Double, _ height: Double
  ) {
    let factor = image.factor(toSide: 256)
    let surface = cairo_image_surface_create(
      CAIRO_FORMAT_RGB24, Int32(image.width * factor), Int32(image.height * factor))
    defer { cairo_surface_destroy(surface) }
    let stride = Int(cairo_image_surface_get_stride(surface)) / MemoryLayout<UInt32>.stride
    guard let data = cairo_image_surface_get_data(surface) else { return }
    data.withMemoryRebound(to: UInt32.self, capacity: stride * image.height * factor) { target in
      for row in 0..<image.height {
        let first = target + row * factor * stride
        for column in 0..<image.width {
          let word = image.pixels[row * image.width + column].word
          for copy in 0..<factor { first[column * factor + copy] = word }
        }
        for copy in 1..<max(factor, 1) {
          (first + copy * stride).update(from: first, count: image.width * factor)
        }
      }
    }
    cairo_surface_mark_dirty(surface)
    cairo_save(context)
    cairo_translate(context, x, y)
    cairo_scale(
      context, width / Double(image.width * factor), height / Double(image.height * factor))
    cairo_set_source_surface(context, surface, 0, 0)
    cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST)
    cairo_rectangle(
      context, 0, 0, Double(image.width * factor), Double(image.height * factor))
    cairo_fill(context)
    cairo_restore(context)
  }

  // MARK: Text

  /// Draws text whose top is at `y`; wraps at `width` when given.
  ///
  /// - Returns: The height taken.
  @discardableResult
  package func text(
    _ string: String, x: Double, y: Double, font: Font, width: Double? = nil,
    alignment: Alignment = .left, color: Color = .ink
  ) -> Double {
    let layout = TextLayout(context, string, font: font, width: width, alignment: alignment)
    setColor(color)
    var left = x
    if width == nil {
      switch alignment {
      case .left: break
      case .center: left -= layout.width / 2
      case .right: left -= layout.width
      }
    }
    cairo_move_to(context, left, y)
    pango_cairo_show_layout(context, layout.layout)
    return layout.height
  }

  /// Draws text that reads upwards, centred at the point.
  package func verticalText(_ string: String, x: Double, y: Double, font: Font, color: Color = .ink)
  {
    let layout = TextLayout(context, string, font: font, width: nil, alignment: .left)
    cairo_save(context)
    cairo_translate(context, x, y)
    cairo_rotate(context, -.pi / 2)
    setColor(color)
    cairo_move_to(context, -layout.width / 2, -layout.height / 2)
    pango_cairo_show_layout(context, layout.layout)
    cairo_restore(context)
  }

  /// The size text would take.
  package func measure(
    _ string: String, font: Font, width: Double? = nil
  ) -> (width: Double, height: Double) {
    let layout = TextLayout(context, string, font: font, width: width, alignment: .left)
    return (layout.width, layout.height)
  }
}

/// A laid out piece of text.
private final class TextLayout {
  let layout: OpaquePointer?
  let width: Double
  let height: Double

  init(
    _ context: OpaquePointer?, _ string: String, font: Canvas.Font, width: Double?,
    alignment: Canvas.Alignment
  ) {
    layout = pango_cairo_create_layout(context)
    let family = font.isMonospaced ? "Liberation Mono" : "Liberation Sans"
    let description = pango_font_description_from_string(
      "\(family), DejaVu Sans\(font.isBold ? " Bold" : "")")
    pango_font_description_set_absolute_size(description, font.size * Double(PANGO_SCALE))
    pango_layout_set_font_description(layout, description)
    pango_font_description_free(description)
    if let width {
      pango_layout_set_width(layout, Int32(width * Double(PANGO_SCALE)))
      pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR)
    }
    pango_layout_set_line_spacing(layout, 1.25)
    // A name broken across lines gets no hyphen that is not its own.
    let attributes = pango_attr_list_new()
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(0))
    pango_layout_set_attributes(layout, attributes)
    pango_attr_list_unref(attributes)
    switch alignment {
    case .left: pango_layout_set_alignment(layout, PANGO_ALIGN_LEFT)
    case .center: pango_layout_set_alignment(layout, PANGO_ALIGN_CENTER)
    case .right: pango_layout_set_alignment(layout, PANGO_ALIGN_RIGHT)
    }
    pango_layout_set_text(layout, string, -1)
    var size: (Int32, Int32) = (0, 0)
    pango_layout_get_size(layout, &size.0, &size.1)
    self.width = Double(size.0) / Double(PANGO_SCALE)
    height = Double(size.1) / Double(PANGO_SCALE)
  }

  deinit {
    g_object_unref(UnsafeMutableRawPointer(layout))
  }
}

extension Color {
  /// As Cairo stores a pixel: 0xRRGGBB.
  fileprivate var word: UInt32 {
    func byte(_ value: Double) -> UInt32 { UInt32((min(max(value, 0), 1) * 255).rounded()) }
    return byte(red) << 16 | byte(green) << 8 | byte(blue)
  }
}
