import Datasets
import Foundation
import Inference
import Tensors

/// What numbers go into a model: raw ones where its input holds integers, scaled ones elsewhere.
enum InputReading {
  /// The factor for raw samples when none is stated (nil: bytes / 255), and why.
  ///
  /// - Throws: `DatasetError.preprocessing` when only `--scale` can tell.
  ///
  /// `refusesImplausible`: whether a mean that scaled values cannot have is an error.
  static func scale(
    _ network: Network, _ preprocessing: Preprocessing, _ dataset: Dataset,
    refusesImplausible: Bool = true
  ) throws -> (Double?, Reading) {
    let input = network.input
    let shape =
      "\(input.channels) × \(input.height) × \(input.width) (\(input.layout.rawValue))"
    if let type = input.elementType, type.isInteger {
      return try whole(type, shape: shape, preprocessing, dataset)
    }
    if let scale = preprocessing.scale {
      if refusesImplausible {
        try check(preprocessing, white: whiteAtLeast(dataset.range) * scale)
      }
      return (
        nil,
        Reading(
          .values, "\(dataset.range.description) × \(number(scale))", .stated,
          because: "input \(shape)")
      )
    }
    if let raw = try scaledInside(network, preprocessing, dataset, shape: shape) { return raw }
    let scale = try dataset.range.defaultScale(dataset.path)
    if refusesImplausible, preprocessing.byteScale == nil { try check(preprocessing, white: 1) }
    if let byteScale = preprocessing.byteScale {
      return (
        scale,
        Reading(
          .values,
          dataset.range.description + (dataset.range == .bytes ? "" : ", brought to 0…255,")
            + " × \(number(byteScale))", .evidence,
          because: "by the preprocessing file; input \(shape)")
      )
    }
    let answer =
      scale.map { $0 == 1 ? "as they are" : "× 1/\(number(1 / $0))" } ?? "× 1/255"
    return (
      scale,
      Reading(
        .values, "\(dataset.range.description) \(answer)", .evidence, because: "input \(shape)")
    )
  }

  /// Raw values where the graph's first step brings bytes to fractions, and nothing else is stated.
  private static func scaledInside(
    _ network: Network, _ preprocessing: Preprocessing, _ dataset: Dataset, shape: String
  ) throws -> (Double?, Reading)? {
    guard let factor = network.firstFactor, factor <= 1.0 / 32, dataset.range == .bytes,
      preprocessing.byteScale == nil, preprocessing.mean == nil, preprocessing.std == nil
    else { return nil }
    return (
      1,
      Reading(
        .values, "\(dataset.range.description) as they are", .evidence,
        because: "the graph itself begins with × \(number(Double(factor))); input \(shape)")
    )
  }

  /// What white is, or may be where the data does not reach it.
  private static func whiteAtLeast(_ range: SampleRange) -> Double {
    switch range {
    case .narrow, .beyond: max(range.white, 255)
    case .bytes, .words, .unit: range.white
    }
  }

  /// Refuses a mean that scaled values cannot have, and bytes that are multiplied.
  private static func check(_ preprocessing: Preprocessing, white: Double) throws {
    if white > 255 * 1.001, preprocessing.scale.map({ $0 > 1.001 }) ?? false {
      throw DatasetError.preprocessing(
        source: "--scale \(number(preprocessing.scale ?? 1))",
        reason:
          "it is a factor, not a divisor, and would make white \(number(white)). State 1/255 for "
          + "fractions, 1 for raw values")
    }
    guard let mean = preprocessing.mean?.max(), mean > white * 1.001, white > 0 else { return }
    throw DatasetError.preprocessing(
      source: preprocessing.source ?? "--mean",
      reason: "a mean of \(number(mean)) lies beyond white, which is \(number(white)) once scaled. "
        + (white < 0.1
          ? "Leave out --scale if the values are scaled already"
          : "State --scale 1 if mean and deviation are those of raw values"))
  }

  /// An input of integers takes raw values.
  private static func whole(
    _ type: ElementType, shape: String, _ preprocessing: Preprocessing, _ dataset: Dataset
  ) throws -> (Double?, Reading) {
    func failure(_ reason: String) -> DatasetError {
      .preprocessing(source: "The model's input of type \(type)", reason: reason)
    }
    let changes =
      preprocessing.mean != nil || preprocessing.std != nil
      || [preprocessing.scale, preprocessing.byteScale].contains { $0 != nil && $0 != 1 }
    guard !changes else {
      throw failure(
        "it takes whole numbers, so mean, deviation and scale belong inside the model: leave out "
          + "--mean, --std and --scale, or the preprocessing file")
    }
    switch dataset.range {
    case .bytes, .narrow: break
    case .words where type.integerRange.map { $0.upperBound >= 65535 } ?? true: break
    default:
      throw failure(
        "it takes whole numbers, but the data holds \(dataset.range.description). Give it images "
          + "of bytes")
    }
    if let range = type.integerRange, range.upperBound < Float(dataset.range.white) {
      throw failure(
        "it takes \(Int(range.lowerBound))…\(Int(range.upperBound)), but the data holds "
          + "\(dataset.range.description). Export the model with an input of unsigned bytes or "
          + "floats")
    }
    return (
      1,
      Reading(
        .values, "\(dataset.range.description) as they are", .evidence,
        because: "input \(shape) of type \(type)")
    )
  }

  private static func number(_ value: Double) -> String {
    if abs(value * 255 - 1) < 1e-6 { return "1/255" }
    return value == value.rounded() && abs(value) < 1e15
      ? String(Int(value)) : String(format: "%.6g", value)
  }
}
