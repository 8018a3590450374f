/// Where edits of one session may begin: near a border fewer positions of a map can change, so
/// that edits of one region get by with smaller windows.
package struct EditRegion: Hashable, Sendable {
  /// First rows and first columns of edits.
  package let rows: Range<Int>
  package let columns: Range<Int>

  package init(rows: Range<Int>, columns: Range<Int>) {
    self.rows = rows
    self.columns = columns
  }

  /// Everywhere in an image.
  package static func whole(_ input: Network.ImageInput, height: Int, width: Int) -> EditRegion {
    EditRegion(rows: 0..<input.height - height + 1, columns: 0..<input.width - width + 1)
  }

  /// Corners, borders and middle, borders being a quarter of the image deep; one region when it is
  /// too small or too large for them to pay.
  static func regions(
    _ input: Network.ImageInput, height: Int, width: Int, edits: Int
  ) -> [EditRegion] {
    let whole = whole(input, height: height, width: width)
    guard edits >= leastEdits, input.pixelCount <= largestImage, whole.rows.count >= 8,
      whole.columns.count >= 8
    else { return [whole] }
    return cut(whole.rows).flatMap { rows in
      cut(whole.columns).map { EditRegion(rows: rows, columns: $0) }
    }
  }

  /// Edits from which batches of nine regions are mostly full.
  private static let leastEdits = 144
  /// Pixels up to which windows cover so much of the maps that borders matter.
  private static let largestImage = 64 * 64

  private static func cut(_ range: Range<Int>) -> [Range<Int>] {
    let border = range.count / 4
    return [
      range.lowerBound..<range.lowerBound + border,
      range.lowerBound + border..<range.upperBound - border,
      range.upperBound - border..<range.upperBound,
    ]
  }

  func contains(_ origin: (row: Int, column: Int)) -> Bool {
    rows.contains(origin.row) && columns.contains(origin.column)
  }
}
