import CCairo

/// Whether the installed fonts have the letters of a text; what they lack is drawn as boxes.
package enum FontCoverage {
  /// The texts with letters that no installed font has.
  package static func texts(lackedIn texts: [String]) -> [String] {
    guard let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1) else { return [] }
    defer { cairo_surface_destroy(surface) }
    guard let context = cairo_create(surface) else { return [] }
    defer { cairo_destroy(context) }
    guard let layout = pango_cairo_create_layout(context) else { return [] }
    defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
    return texts.filter { text in
      pango_layout_set_text(layout, text, -1)
      return pango_layout_get_unknown_glyphs_count(layout) > 0
    }
  }

  /// Debian's package of fonts for the letters of a text.
  package static func package(for text: String) -> String {
    let scalars = text.unicodeScalars
    if scalars.contains(where: { isEastAsian($0.value) }) { return "fonts-noto-cjk" }
    if scalars.contains(where: { $0.properties.isEmojiPresentation }) {
      return "fonts-noto-color-emoji"
    }
    return "fonts-noto-core"
  }

  /// Chinese, Japanese and Korean, by Unicode's blocks.
  private static func isEastAsian(_ scalar: UInt32) -> Bool {
    [
      0x1100...0x11FF, 0x2E80...0xA4CF, 0xAC00...0xD7FF, 0xF900...0xFAFF, 0xFF00...0xFFEF,
      0x20000...0x323AF,
    ].contains { $0.contains(scalar) }
  }
}
