import Figures

/// Small pictures in captioned groups, such as an image with its subset.
package struct ImageGrid: Sendable {
  package struct Picture: Sendable {
    package let image: PixelImage
    package let label: String

    package init(_ image: PixelImage, _ label: String) {
      self.image = image
      self.label = label
    }
  }

  package struct Item: Sendable {
    package let title: String
    package let note: String
    /// The note in a few words, for figures.
    package let shortNote: String
    package let pictures: [Picture]
    /// What the pictures show, in words.
    package let altText: String
    /// One value per filter of the grid.
    package let facets: [String]
    /// One number per order of the grid, smallest first.
    package let ranks: [Double]

    package init(
      title: String, note: String, shortNote: String = "", pictures: [Picture], altText: String,
      facets: [String] = [], ranks: [Double] = []
    ) {
      self.title = title
      self.note = note
      self.shortNote = shortNote
      self.pictures = pictures
      self.altText = altText
      self.facets = facets
      self.ranks = ranks
    }
  }

  /// File name of the figure of the same pictures.
  package let name: String
  /// Above the grid; empty for none.
  package let heading: String
  package let caption: String
  package let items: [Item]
  /// By what a reader can choose among items, such as "Class".
  package let filters: [String]
  /// By what a reader can order them, such as "fewest pixels".
  package let orders: [String]

  package init(
    name: String, heading: String = "", caption: String, items: [Item], filters: [String] = [],
    orders: [String] = []
  ) {
    self.name = name
    self.heading = heading
    self.caption = caption
    self.items = items
    self.filters = filters
    self.orders = orders
  }

  /// The width of an item in a figure, in inches.
  private static let itemWidth = 0.91

  /// One figure per row of items, with pictures of at most five eighths of an inch; the last has the
  /// caption.
  func bands(_ style: FigureStyle) -> [Figure] {
    let most = max(1, Int(style.width / ImageGrid.itemWidth))
    let count = max(1, (items.count + most - 1) / most)
    let columns = max(1, (items.count + count - 1) / count)
    return stride(from: 0, to: max(items.count, 1), by: columns).map { first in
      let members = Array(items[min(first, items.count)..<min(first + columns, items.count)])
      let isLast = first + columns >= items.count
      return ImageGrid(name: name, caption: isLast ? caption : "", items: members)
        .figure(style, mostSide: 0.62, columns: columns)
    }
  }

  /// The grid as a figure: one column per item, one row per picture, in bands of as many items as the
  /// width has room for.
  ///
  /// `mostSide`: of a picture, in inches.
  ///
  /// `columns`: nil for as many as leave no item alone.
  package func figure(
    _ style: FigureStyle = .standard, mostSide: Double? = nil, columns stated: Int? = nil
  ) -> Figure {
    let most = Int(style.width / ImageGrid.itemWidth)
    let rowsPerItem = items.map(\.pictures.count).max() ?? 1
    let bands = max(1, (items.count + most - 1) / most)
    // Bands of equal length leave no item alone.
    let columns = stated ?? max(1, (items.count + bands - 1) / bands)
    var panels: [Panel] = []
    for band in stride(from: 0, to: items.count, by: columns) {
      let members = Array(items[band..<min(band + columns, items.count)])
      for row in 0..<rowsPerItem {
        for column in 0..<columns {
          guard column < members.count, row < members[column].pictures.count else {
            panels.append(Panel(marks: []))
            continue
          }
          panels.append(
            Panel(
              title: row == 0 ? members[column].title : "",
              note: row == rowsPerItem - 1 ? members[column].shortNote : "",
              marks: [.picture(members[column].pictures[row].image)]))
        }
      }
    }
    // The first row of a band carries the titles.
    let hasNotes = items.contains { !$0.shortNote.isEmpty }
    // Narrow columns are long enough with several bands of small pictures.
    let side = min(style.width / Double(columns), mostSide ?? (style.width < 4 ? 1.1 : 1.5))
    var shares: [Double] = []
    for _ in 0..<bands {
      for row in 0..<rowsPerItem {
        let title = row == 0 ? 0.2 : 0
        let note = row == rowsPerItem - 1 && hasNotes ? 0.32 : 0
        shares.append(side + title + note)
      }
    }
    return Figure(
      name: name, caption: caption,
      altText: items.map { "\($0.title): \($0.altText)" }.joined(separator: " "),
      width: style.width, height: shares.reduce(0, +) + 0.12 * Double(shares.count),
      columns: columns, arrangement: .grid, rowShares: shares, panels: panels,
      data: DataTable(
        columns: ["title", "note"], rows: items.map { [$0.title, $0.note] }))
  }
}
