/// Where a figure is printed: the width it has there.
///
/// Type is 8 points for ticks and notes and 9 for labels and titles at every width, so that figures
/// are never scaled in the paper.
package struct FigureStyle: Equatable, Sendable {
  package let name: String
  /// Inches.
  package let width: Double

  package init(name: String, width: Double) {
    self.name = name
    self.width = width
  }

  /// NeurIPS and ICLR set one column 5.5 inches wide; ICML two of 3.25, 6.75 together; CVPR two of
  /// 3.25, 6.875 together.
  package static let all = [
    FigureStyle(name: "neurips", width: 5.5), FigureStyle(name: "iclr", width: 5.5),
    FigureStyle(name: "icml", width: 3.25), FigureStyle(name: "icml-wide", width: 6.75),
    FigureStyle(name: "cvpr", width: 3.25), FigureStyle(name: "cvpr-wide", width: 6.875),
    FigureStyle(name: "wide", width: 6.75),
  ]

  /// The style of reports.
  package static let standard = all[0]

  package static func named(_ name: String) -> FigureStyle? { all.first { $0.name == name } }
}

extension Figure {
  /// How panels take to another width.
  package enum Arrangement: Equatable, Sendable {
    /// Any number side by side; rows keep their height.
    case panels
    /// Rows and columns mean something; rows grow and shrink with the width.
    case grid
  }

  /// The narrowest panel, in inches: axes take more room than pictures.
  private var leastPanelWidth: Double {
    let arePictures = panels.allSatisfy { if case .hidden = $0.x { true } else { false } }
    let hasNamedColumns = panels.contains { panel in
      guard case .categories = panel.x else { return false }
      return panel.isMatrix
    }
    return arePictures ? 1.5 : hasNamedColumns ? 2.5 : 1.6
  }

  /// The same figure at a style's width.
  package func fitted(to style: FigureStyle) -> Figure {
    guard style.width != width else { return self }
    var figure = self
    figure.width = style.width
    switch arrangement {
    case .grid:
      // What pictures lose in width, rows lose in height; titles wrap into one line more.
      let rows = Double((panels.count + columns - 1) / columns)
      let titles = 0.35
      let side = min(width / Double(columns), height / rows - titles)
      let newSide = min(side * max(1, style.width / width), style.width / Double(columns))
      figure.height = height + rows * (newSide - side + (style.width < width ? 0.17 : 0))
    case .panels:
      let rows = (panels.count + columns - 1) / columns
      let most = max(1, Int(style.width / leastPanelWidth))
      let wanted = style.width > width ? max(columns, most) : min(columns, most)
      figure.columns = max(1, min(panels.count, wanted))
      let newRows = (panels.count + figure.columns - 1) / figure.columns
      figure.height = height / Double(max(rows, 1)) * Double(newRows)
    }
    return figure
  }

  /// Whether it consists of numbers as colours.
  package var isMatrix: Bool { panels.contains(where: \.isMatrix) }

  /// The same with less height: rows shrink, texts stay as large.
  package func limited(toHeight most: Double) -> Figure {
    guard height > most else { return self }
    var figure = self
    figure.height = most
    return figure
  }
}
