import Foundation

/// PIL's antialiased resampling filters.
package enum ResamplingFilter: String, Codable, Sendable, CaseIterable {
  case nearest, box, bilinear, hamming, bicubic, lanczos

  /// Half the filter's width in source pixels, when enlarging.
  fileprivate var support: Double {
    switch self {
    case .nearest: 0
    case .box: 0.5
    case .bilinear, .hamming: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  fileprivate func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .nearest:
      return 1
    case .box:
      // Half open, so that a pixel on the border counts once.
      return distance > -0.5 && distance <= 0.5 ? 1 : 0
    case .bilinear:
      return x < 1 ? 1 - x : 0
    case .hamming:
      guard x < 1 else { return 0 }
      // PIL's constants have single precision.
      return sinc(x) * (Double(0.54 as Float) + Double(0.46 as Float) * cos(x * .pi))
    case .bicubic:
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    case .lanczos:
      guard x < 3 else { return 0 }
      return sinc(x) * sinc(x / 3)
    }
  }
}

private func sinc(_ x: Double) -> Double {
  x == 0 ? 1 : sin(x * .pi) / (x * .pi)
}

extension RawImage {
  /// The image at another size, to the bit as Pillow 13's `Image.resize` computes it for bytes.
  ///
  /// Each pass rounds, so that their order shows. Where many more rows than columns go, Pillow 13
  /// begins with the columns; its older versions never do and differ by a level there.
  package func resized(
    toHeight newHeight: Int, width newWidth: Int, filter: ResamplingFilter
  ) -> RawImage {
    if newHeight == height, newWidth == width { return self }
    let across = ResamplingTable(from: width, to: newWidth, filter: filter)
    let down = ResamplingTable(from: height, to: newHeight, filter: filter)
    let isDownFirst = height > newHeight && height - newHeight > (width - newWidth) * 2
    func resample<Sample: Resampled>(_ samples: [Sample]) -> [Sample] {
      isDownFirst
        ? across.across(down.down(samples, width * channels), channels)
        : down.down(across.across(samples, channels), newWidth * channels)
    }
    let resized: Samples =
      switch samples {
      case .bytes(let bytes): .bytes(resample(bytes))
      case .floats(let floats): .floats(resample(floats))
      }
    return RawImage(width: newWidth, height: newHeight, channels: channels, samples: resized)
  }
}

/// For each result index, which source indices contribute how much.
private struct ResamplingTable {
  private struct Entry {
    let first: Int
    let weights: [Double]
    /// Weights in 22-bit fixed point, as PIL rounds them for bytes.
    let fixed: [Int]
  }

  private static let precision = 22

  private let source: Int
  private let entries: [Entry]
  private var isIdentity: Bool

  init(from source: Int, to result: Int, filter: ResamplingFilter) {
    self.source = source
    isIdentity = source == result
    let scale = Double(source) / Double(result)
    if filter == .nearest {
      // Summed step by step, because PIL does and rounds accordingly.
      var center = 0.5 * scale
      entries = (0..<result).map { _ in
        defer { center += scale }
        let at = min(Int(center), source - 1)
        return Entry(first: at, weights: [1], fixed: [1 << ResamplingTable.precision])
      }
      return
    }
    let filterScale = max(scale, 1)
    let support = filter.support * filterScale
    let inverse = 1 / filterScale
    entries = (0..<result).map { index in
      let center = (Double(index) + 0.5) * scale
      let first = max(0, Int(center - support + 0.5))
      let end = min(source, Int(center + support + 0.5))
      let raw = (first..<end).map { filter.weight((Double($0) - center + 0.5) * inverse) }
      let sum = raw.reduce(0, +)
      let weights = raw.map { sum == 0 ? $0 : $0 / sum }
      let unit = Double(1 << ResamplingTable.precision)
      return Entry(
        first: first, weights: weights,
        fixed: weights.map { Int(($0 < 0 ? -0.5 : 0.5) + $0 * unit) })
    }
  }

  /// Resamples along rows of pixels.
  func across<Sample: Resampled>(_ samples: [Sample], _ channels: Int) -> [Sample] {
    if isIdentity { return samples }
    let height = samples.count / (source * channels)
    var result: [Sample] = []
    result.reserveCapacity(height * entries.count * channels)
    for row in 0..<height {
      for entry in entries {
        for c in 0..<channels {
          let start = (row * source + entry.first) * channels + c
          result.append(
            .weighted(samples, start, channels, entry.weights, entry.fixed, Self.precision))
        }
      }
    }
    return result
  }

  /// Resamples along columns; `stride` samples make a row.
  func down<Sample: Resampled>(_ samples: [Sample], _ stride: Int) -> [Sample] {
    if isIdentity { return samples }
    var result: [Sample] = []
    result.reserveCapacity(entries.count * stride)
    for entry in entries {
      for column in 0..<stride {
        let start = entry.first * stride + column
        result.append(
          .weighted(samples, start, stride, entry.weights, entry.fixed, Self.precision))
      }
    }
    return result
  }
}

/// A sample type with PIL's arithmetic for it.
private protocol Resampled {
  static func weighted(
    _ samples: [Self], _ start: Int, _ stride: Int, _ weights: [Double], _ fixed: [Int],
    _ precision: Int
  ) -> Self
}

extension UInt8: Resampled {
  fileprivate static func weighted(
    _ samples: [UInt8], _ start: Int, _ stride: Int, _ weights: [Double], _ fixed: [Int],
    _ precision: Int
  ) -> UInt8 {
    var sum = 1 << (precision - 1)
    for (i, weight) in fixed.enumerated() { sum += Int(samples[start + i * stride]) * weight }
    return UInt8(clamping: sum >> precision)
  }
}

extension Float: Resampled {
  fileprivate static func weighted(
    _ samples: [Float], _ start: Int, _ stride: Int, _ weights: [Double], _ fixed: [Int],
    _ precision: Int
  ) -> Float {
    var sum = 0.0
    for (i, weight) in weights.enumerated() { sum += Double(samples[start + i * stride]) * weight }
    return Float(sum)
  }
}
