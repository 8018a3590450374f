import Datasets
import Foundation
import Inference
import Tensors

/// What numbers go into a model: raw ones where its input holds integers, scaled ones elsewhere.
enum InputReading {
  /// The factor for raw samples when none is stated (nil: bytes / 255), and why.
  ///
  /// - Throws: `DatasetError.preprocessing` when only `--scale` can tell.
  static func scale(
    _ network: Network, _ preprocessing: Preprocessing, _ dataset: Dataset
  ) throws -> (Double?, Reading) {
    let input = network.input
    let shape =
      "\(input.channels) × \(input.height) × \(input.width) (\(input.layout.rawValue))"
    if let type = input.elementType, type.isInteger {
      return try whole(type, shape: shape, preprocessing, dataset)
    }
    if let scale = preprocessing.scale {
      return (
        nil,
        Reading(
          .values, "\(dataset.range.description) × \(number(scale))", .stated,
          because: "input \(shape)")
      )
    }
    let scale = try dataset.range.defaultScale(dataset.path)
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
    case .bytes: break
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
    return value == value.rounded() ? String(Int(value)) : String(format: "%.6g", value)
  }
}
