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
  /// Whole numbers that are all 0 or 1: fractions or very dark bytes.
  case zeroOrOne

  /// The raw value that is white.
  package var white: Double {
    switch self {
    case .bytes: 255
    case .words: 65535
    case .unit, .zeroOrOne: 1
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
    case .zeroOrOne:
      throw DatasetError.preprocessing(
        source: "'\(path)'",
        reason:
          "all its whole numbers are 0 or 1: fractions, or bytes that are almost black. State "
          + "--scale 1 for the former, --scale 0.00392157 for the latter")
    case .beyond(let low, let high):
      throw DatasetError.preprocessing(
        source: "'\(path)'",
        reason: "its numbers reach from \(low) to \(high), neither 0…1 nor 0…255. State the factor "
          + "that brings them to what --mean and --std are in with --scale (1 when they are "
          + "prepared already)")
    }
  }

  /// In words, with the range that tells.
  package var description: String {
    switch self {
    case .bytes: "whole numbers of 0…255"
    case .words: "whole numbers of 0…65535"
    case .unit: "fractions of 0…1"
    case .zeroOrOne: "zeros and ones"
    case .beyond(let low, let high): "numbers of \(low)…\(high)"
    }
  }
}

extension NPYArray.Elements {
  /// What all elements reach.
  var range: SampleRange {
    switch self {
    case .bytes(let values):
      return (values.max() ?? 0) <= 1 ? .zeroOrOne : .bytes
    case .integers(let values):
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      if low >= 0, high <= 1 { return .zeroOrOne }
      if low >= 0, high <= 255 { return .bytes }
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
