import CQPDF
import Foundation

/// What Cairo cannot write into a PDF: that it is tagged, its language, its title in the window, and
/// what figures show, in words.
enum PDFFinishing {
  /// The same document with these added; the same bytes for the same input.
  ///
  /// `alternatives`: texts of the structure's `Figure` elements, in order.
  ///
  /// Throws `FigureError.pdf`.
  static func finish(_ pdf: Data, language: String, alternatives: [String]) throws -> Data {
    var document = qpdf_init()
    defer { qpdf_cleanup(&document) }
    qpdf_silence_errors(document)
    func check(_ code: QPDF_ERROR_CODE) throws {
      // Bit 1 is errors; warnings do not stop.
      guard code & 2 == 0 else {
        let error = qpdf_get_error(document)
        let text = qpdf_get_error_full_text(document, error).map { String(cString: $0) }
        throw FigureError.pdf(text ?? "unknown error")
      }
    }
    let bytes = [UInt8](pdf)
    return try bytes.withUnsafeBytes { buffer in
      try check(
        qpdf_read_memory(
          document, "report", buffer.bindMemory(to: CChar.self).baseAddress, UInt64(pdf.count),
          nil))
      let root = qpdf_get_root(document)
      qpdf_oh_replace_key(document, root, "/Lang", qpdf_oh_new_unicode_string(document, language))
      let marks = qpdf_oh_new_dictionary(document)
      qpdf_oh_replace_key(document, marks, "/Marked", qpdf_oh_new_bool(document, 1))
      qpdf_oh_replace_key(document, root, "/MarkInfo", marks)
      let preferences = qpdf_oh_new_dictionary(document)
      qpdf_oh_replace_key(
        document, preferences, "/DisplayDocTitle", qpdf_oh_new_bool(document, 1))
      qpdf_oh_replace_key(document, root, "/ViewerPreferences", preferences)
      var rest = alternatives[...]
      describe(document, qpdf_oh_get_key(document, root, "/StructTreeRoot"), &rest)
      try check(qpdf_init_write_memory(document))
      qpdf_set_deterministic_ID(document, 1)
      try check(qpdf_write(document))
      guard let result = qpdf_get_buffer(document) else {
        throw FigureError.pdf("nothing was written")
      }
      return Data(bytes: result, count: qpdf_get_buffer_length(document))
    }
  }

  /// Gives the figures below an element of the structure their texts, in order.
  private static func describe(
    _ document: qpdf_data?, _ element: qpdf_oh, _ alternatives: inout ArraySlice<String>
  ) {
    guard qpdf_oh_is_dictionary(document, element) != 0 else { return }
    let kind = qpdf_oh_get_key(document, element, "/S")
    if qpdf_oh_is_name(document, kind) != 0,
      qpdf_oh_get_name(document, kind).map({ String(cString: $0) }) == "/Figure",
      let text = alternatives.popFirst()
    {
      qpdf_oh_replace_key(
        document, element, "/Alt", qpdf_oh_new_unicode_string(document, text))
    }
    let children = qpdf_oh_get_key(document, element, "/K")
    guard qpdf_oh_is_array(document, children) != 0 else {
      return describe(document, children, &alternatives)
    }
    for index in 0..<qpdf_oh_get_array_n_items(document, children) {
      describe(document, qpdf_oh_get_array_item(document, children, index), &alternatives)
    }
  }
}
