/// A figure as a value: what is drawn, how to read it, and the numbers behind it.
///
/// `render` draws it as PDF, SVG or PNG; a report draws it in place.
package struct Figure: Sendable {
  /// File name without extension.
  package let name: String
  /// How to read it, in a line or two.
  package let caption: String
  /// What stands behind it: *n*, how intervals were made, the method.
  ///
  /// Reports give it among the details; in a paper it follows the caption.
  package internal(set) var note: String
  /// The numbers in words, for those who cannot see it.
  package let altText: String
  /// Inches.
  package internal(set) var width: Double
  package internal(set) var height: Double
  /// Panels side by side in each row.
  package internal(set) var columns: Int
  package let arrangement: Arrangement
  /// Shares of the height that rows of panels take; nil for equal ones.
  package let rowShares: [Double]?
  package let panels: [Panel]
  package let legend: [LegendEntry]
  package let data: DataTable

  package init(
    name: String, caption: String, note: String = "", altText: String, width: Double = 5.5,
    height: Double,
    columns: Int = 1, arrangement: Arrangement = .panels, rowShares: [Double]? = nil,
    panels: [Panel], legend: [LegendEntry] = [],
    data: DataTable
  ) {
    self.name = name
    self.caption = caption
    self.note = note
    self.altText = altText
    self.width = width
    self.height = height
    self.columns = max(1, columns)
    self.arrangement = arrangement
    self.rowShares = rowShares
    self.panels = panels
    self.legend = legend
    self.data = data
  }
}

extension Figure {
  /// The same with more to its note.
  package func adding(note more: String) -> Figure {
    var figure = self
    figure.note = [note, more].filter { !$0.isEmpty }.joined(separator: " ")
    return figure
  }
}

package struct LegendEntry: Sendable {
  /// What a key looks like.
  package enum Key: Sendable { case line, bar }

  package let label: String
  package let style: SeriesStyle
  package let key: Key

  package init(_ label: String, _ style: SeriesStyle, key: Key = .line) {
    self.label = label
    self.style = style
    self.key = key
  }
}

/// One pair of axes, or one picture.
package struct Panel: Sendable {
  package var title: String
  /// Small text under a picture.
  package var note: String
  package var x: Axis
  package var y: Axis
  package var marks: [Mark]
  /// Names of series beside their last points, in place of a legend.
  package var endLabels: [EndLabel]
  /// Map colours with their range, drawn as a bar at the right.
  package var colorBar: ColorBar?

  package init(
    title: String = "", note: String = "", x: Axis = .hidden, y: Axis = .hidden, marks: [Mark],
    endLabels: [EndLabel] = [], colorBar: ColorBar? = nil
  ) {
    self.title = title
    self.note = note
    self.x = x
    self.y = y
    self.marks = marks
    self.endLabels = endLabels
    self.colorBar = colorBar
  }
}

/// The name of a series at the right of its last point.
package struct EndLabel: Sendable {
  package let text: String
  /// Of the last point, in data coordinates.
  package let y: Double
  package let color: Color

  package init(_ text: String, y: Double, _ color: Color) {
    self.text = text
    self.y = y
    self.color = color
  }
}

package struct ColorBar: Sendable {
  package let map: ColorMap
  package let range: ClosedRange<Double>
  package let label: String

  package init(map: ColorMap, range: ClosedRange<Double>, label: String) {
    self.map = map
    self.range = range
    self.label = label
  }
}

/// What stands along one side of a panel.
package enum Axis: Sendable {
  /// No ticks or label: pictures.
  case hidden
  /// Numbers from low to high; ticks at round steps unless given.
  case linear(label: String, range: ClosedRange<Double>, ticks: [Tick]? = nil)
  /// Names at 0, 1, 2 …
  case categories(label: String, [String])

  package struct Tick: Sendable {
    package let at: Double
    package let text: String

    package init(_ at: Double, _ text: String) {
      self.at = at
      self.text = text
    }
  }
}

/// One drawn thing, in data coordinates.
package enum Mark: Sendable {
  case line([Point], SeriesStyle)
  /// The area between two curves.
  case band([Interval], Color)
  case points([Point], SeriesStyle)
  case errorBars([Interval], SeriesStyle)
  case bars([Point], width: Double, Color)
  /// Bars from the left, at y, as long as x, each with a text at the right of the panel.
  case barsAcross([Point], thickness: Double, Color, labels: [String])
  /// Intervals along x at a height `x` of the interval.
  case errorBarsAcross([Interval], Color)
  /// Single values, faint enough that many show where they are dense.
  case dots([Point], Color)
  /// The area between two curves, in full colour: a distribution.
  case area([Interval], Color)
  /// A short upright stroke at each point: a median.
  case ticks([Point], height: Double, Color)
  /// A horizontal line with a note.
  case rule(y: Double, label: String)
  /// A picture that fills the panel.
  case picture(PixelImage)
  /// Numbers as colours, row by row from the top; texts in the cells when given.
  case cells(
    rows: Int, columns: Int, values: [Double?], map: ColorMap, ClosedRange<Double>, [String])

  package struct Point: Sendable {
    package let x: Double
    package let y: Double

    package init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  package struct Interval: Sendable {
    package let x: Double
    package let low: Double
    package let high: Double

    package init(_ x: Double, _ low: Double, _ high: Double) {
      self.x = x
      self.low = low
      self.high = high
    }
  }
}

/// The numbers behind a figure, written beside it as CSV.
package struct DataTable: Sendable {
  package let columns: [String]
  package let rows: [[String]]

  package init(columns: [String], rows: [[String]]) {
    self.columns = columns
    self.rows = rows
  }

  /// RFC 4180; text that a spreadsheet would take for a formula begins with an apostrophe.
  package var csv: String {
    ([columns] + rows).map { row in row.map(DataTable.field).joined(separator: ",") }
      .joined(separator: "\r\n") + "\r\n"
  }

  /// Names of files and classes are whatever a dataset says; numbers stay numbers.
  private static func field(_ text: String) -> String {
    let isFormula =
      text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    let safe = isFormula && Double(text) == nil ? "'" + text : text
    return safe.unicodeScalars.contains { ",\"\n\r".unicodeScalars.contains($0) }
      ? "\"" + safe.replacing("\"", with: "\"\"") + "\"" : safe
  }
}
