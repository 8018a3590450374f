/// A colour, components in 0...1.
package struct Color: Equatable, Hashable, Sendable {
  package let red: Double
  package let green: Double
  package let blue: Double

  package init(red: Double, green: Double, blue: Double) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// From 0xRRGGBB.
  package init(_ hex: UInt32) {
    self.init(
      red: Double(hex >> 16 & 0xff) / 255, green: Double(hex >> 8 & 0xff) / 255,
      blue: Double(hex & 0xff) / 255)
  }

  package static let black = Color(0x000000)
  package static let white = Color(0xffffff)
  package static let ink = Color(0x1c1f24)
  package static let muted = Color(0x5b6470)
  package static let grid = Color(0xe4e7eb)

  package func mixed(with other: Color, _ share: Double) -> Color {
    Color(
      red: red + (other.red - red) * share, green: green + (other.green - green) * share,
      blue: blue + (other.blue - blue) * share)
  }

  /// Contrast ratio by WCAG 2, 1...21.
  package func contrast(with other: Color) -> Double {
    let (a, b) = (luminance, other.luminance)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  /// Relative luminance by WCAG 2.
  package var luminance: Double {
    func linear(_ value: Double) -> Double {
      value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055).power(2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }
}

/// Line colour, marker and dash: three ways to tell series apart, so that colour is never alone.
package struct SeriesStyle: Equatable, Sendable {
  package enum Marker: Sendable, CaseIterable {
    case circle, square, triangle, diamond, cross, none
  }

  package var color: Color
  package var marker: Marker
  /// Lengths of dashes and gaps in points; empty for a solid line.
  package var dash: [Double]
  /// Points.
  package var lineWidth: Double

  package init(
    color: Color, marker: Marker = .none, dash: [Double] = [], lineWidth: Double = 1.5
  ) {
    self.color = color
    self.marker = marker
    self.dash = dash
    self.lineWidth = lineWidth
  }

  /// Okabe and Ito's colours for all kinds of colour vision, the pale ones last.
  package static let colors: [Color] = [
    Color(0x0072b2), Color(0xd55e00), Color(0x009e73), Color(0xcc79a7), Color(0xe69f00),
    Color(0x56b4e9), Color(0x000000),
  ]

  private static let dashes: [[Double]] = [[], [5, 2], [1.5, 1.8], [6, 2, 1.5, 2]]

  /// The style of the series at `index`.
  package static func series(_ index: Int) -> SeriesStyle {
    SeriesStyle(
      color: colors[index % colors.count], marker: Marker.allCases[index % 5],
      dash: dashes[index % dashes.count])
  }
}

/// Maps 0...1 to colours of even perceptual steps.
package enum ColorMap: Sendable {
  case viridis
  /// White to dark blue, for matrices that carry numbers.
  case blues

  private var anchors: [Color] {
    switch self {
    case .viridis:
      [
        0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b,
        0xfde725,
      ].map { Color($0) }
    case .blues:
      [0xf7fbff, 0xdeebf7, 0xc6dbef, 0x9ecae1, 0x6baed6, 0x4292c6, 0x2171b5, 0x08519c, 0x08306b]
        .map { Color($0) }
    }
  }

  package func color(_ value: Double) -> Color {
    let anchors = anchors
    let position = min(max(value, 0), 1) * Double(anchors.count - 1)
    let index = min(Int(position), anchors.count - 2)
    return anchors[index].mixed(with: anchors[index + 1], position - Double(index))
  }
}
