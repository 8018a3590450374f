/// What the raw samples of a dataset reach, which decides by what they are scaled.
package enum SampleRange: Equatable, Sendable {
  /// Whole numbers of 0...255.
  case bytes
  /// Whole numbers of 0...65535 that go beyond 255.
  case words
  /// Fractions of 0...1.
  case unit
  /// Anything else, as an array states it: only `--scale` can tell.
  case beyond(low: Double, high: Double)
  /// Whole numbers that stay far below what their type holds: fractions, percentages, 12 bits in 16, or
  /// very dark pictures.
  case narrow(high: Int)

  /// Percentages, 4-bit greys and fractions stay below; pictures of bytes hardly ever do.
  static let narrowBytes = 100
  /// 10, 12 and 14 bits in 16 stay below.
  static let narrowWords = 32767

  /// The raw value that is white.
  package var white: Double {
    switch self {
    case .bytes: 255
    case .words: 65535
    case .unit: 1
    case .narrow(let high): Double(max(high, 1))
    case .beyond(_, let high): high > 0 ? high : 1
    }
  }

  /// The factor for raw values when none is stated; nil for bytes, which are divided by 255 as
  /// torchvision's `ToTensor` does.
  ///
  /// - Throws: `DatasetError.preprocessing` when only `--scale` can tell.
  package func defaultScale(_ path: String) throws -> Double? {
    switch self {
    case .bytes: return nil
    case .words: return 1 / 65535
    case .unit: return 1
    case .narrow(let high):
      throw DatasetError.preprocessing(
        source: "'\(path)'",
        reason:
          "its whole numbers reach \(high) at most, far below 255 or 65535. State what white is "
          + "with --scale: 1/\(max(high, 1)) if it is \(high), 1/255 if the pictures are that dark")
    case .beyond(let low, let high):
      let isByteLike = low >= 0 && high > 1 && high <= 255
      throw DatasetError.preprocessing(
        source: "'\(path)'",
        reason: "its numbers reach from \(low) to \(high), not 0…1. "
          + (isByteLike
            ? "State --scale 1/255 if they are bytes stored as floats, --scale 1 if the model takes "
              + "them as they are"
            : "State --scale 1 if they are prepared already, or else the factor that brings them to "
              + "what --mean and --std are in"))
    }
  }

  /// In words, with the range that tells.
  package var description: String {
    switch self {
    case .bytes: "whole numbers of 0…255"
    case .words: "whole numbers of 0…65535"
    case .unit: "fractions of 0…1"
    case .narrow(let high): "whole numbers of 0…\(high)"
    case .beyond(let low, let high): "numbers of \(low)…\(high)"
    }
  }
}

extension NPYArray.Elements {
  /// What all elements reach.
  var range: SampleRange {
    switch self {
    case .bytes(let values):
      let high = Int(values.max() ?? 0)
      return high <= SampleRange.narrowBytes ? .narrow(high: high) : .bytes
    case .integers(let values):
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      if low >= 0, high <= SampleRange.narrowBytes { return .narrow(high: high) }
      if low >= 0, high <= 255 { return .bytes }
      if low >= 0, high <= SampleRange.narrowWords { return .narrow(high: high) }
      if low >= 0, high <= 65535 { return .words }
      return .beyond(low: Double(low), high: Double(high))
    case .floats(let values):
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      // Resampling in floats overshoots by rounding.
      if low >= -1e-6, high <= 1 + 1e-6 { return .unit }
      return .beyond(low: Double(low), high: Double(high))
    case .strings:
      return .beyond(low: .nan, high: .nan)
    }
  }

  /// Integers of one byte's range as bytes, so that they are scaled as bytes are.
  func narrowed(to range: SampleRange) -> NPYArray.Elements {
    guard range == .bytes, case .integers(let values) = self else { return self }
    return .bytes(values.map { UInt8($0) })
  }
}
