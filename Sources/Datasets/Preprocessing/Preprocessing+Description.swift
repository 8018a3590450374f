import Foundation

extension Preprocessing: CustomStringConvertible {
  /// What happens, in order, for a report.
  package var description: String {
    var parts: [String] = []
    if let firstCrop {
      parts.append(
        "centre crop \(Self.text(firstCrop.height)) × \(Self.text(firstCrop.width)) "
          + "of the shorter edge")
    }
    if let resize { parts.append("\(resize) (\(filter.rawValue))") }
    if let crop {
      let fill = crop.fill.map { $0 == [0] ? "" : ", filled with \(Self.list($0))" } ?? ""
      parts.append("centre crop \(crop.height) × \(crop.width)\(fill)")
    }
    if let scale {
      parts.append("× \(Self.text(scale))")
    } else if let byteScale {
      parts.append(byteScale == 1 ? "values 0...255" : "0...255 × \(Self.text(byteScale))")
    }
    if let offset {
      parts.append(offset < 0 ? "− \(Self.text(-offset))" : "+ \(Self.text(offset))")
    }
    if channelOrder == .bgr { parts.append("BGR") }
    if let mean { parts.append("mean \(Self.list(mean))") }
    if let std { parts.append("std \(Self.list(std))") }
    if let divisor { parts.append("÷ \(Self.list(divisor))") }
    return parts.isEmpty ? "scaled only" : parts.joined(separator: ", ")
  }

  private static func text(_ number: Double) -> String { String(format: "%.6g", number) }

  private static func list(_ numbers: [Double]) -> String {
    numbers.map { String(format: "%g", $0) }.joined(separator: ", ")
  }
}

extension Preprocessing.Resize: CustomStringConvertible {
  package var description: String {
    switch self {
    case .shortestEdge(let side): "resize shorter edge to \(side)"
    case .exact(let height, let width): "resize to \(height) × \(width)"
    case .shortestEdgeInMultiples(let side, let multiple):
      "resize shorter edge to \(side), both up to a multiple of \(multiple)"
    case .covering(let height, let width): "resize to cover \(height) × \(width)"
    case .within(let height, let width): "resize to fit within \(height) × \(width)"
    }
  }
}
