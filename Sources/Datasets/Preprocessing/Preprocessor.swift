import Foundation

/// Turns decoded images into what one model expects.
package struct Preprocessor: Sendable {
  package let preprocessing: Preprocessing
  package let height: Int
  package let width: Int
  package let channels: Int
  /// Whether samples are floats, which are not divided by 255 unless asked.
  private let holdsFloats: Bool
  private let mean: [Float]
  private let std: [Float]

  /// - Throws: `DatasetError.preprocessing` when mean and std do not fit the channels.
  package init(
    _ preprocessing: Preprocessing, height: Int, width: Int, channels: Int,
    holdsFloats: Bool = false
  ) throws {
    self.preprocessing = preprocessing
    self.height = height
    self.width = width
    self.channels = channels
    self.holdsFloats = holdsFloats
    guard preprocessing.scale?.isFinite ?? true else {
      throw DatasetError.preprocessing(source: "--scale", reason: "it must be a finite number")
    }
    func perChannel(_ stated: [Double]?, _ name: String, _ fallback: Float) throws -> [Float] {
      guard let stated else { return [Float](repeating: fallback, count: channels) }
      guard stated.count == 1 || stated.count == channels else {
        throw DatasetError.preprocessing(
          source: "--\(name)",
          reason: "\(stated.count) numbers for \(channels) channels; give one, or one per channel")
      }
      return (0..<channels).map { Float(stated[stated.count == 1 ? 0 : $0]) }
    }
    mean = try perChannel(preprocessing.mean, "mean", 0)
    std = try perChannel(preprocessing.std, "std", 1)
    guard std.allSatisfy({ $0 > 0 }) else {
      throw DatasetError.preprocessing(source: "--std", reason: "every number must be above 0")
    }
  }

  /// The image as `[height, width, channels]` in the model's units.
  ///
  /// `name`: what messages call the image.
  ///
  /// Throws `DatasetError` when size or channels do not fit.
  package func apply(_ raw: RawImage, name: String) throws -> [Float] {
    var image = raw
    if let resize = preprocessing.resize {
      let (height, width) = target(of: resize, raw)
      image = image.resized(toHeight: height, width: width, filter: preprocessing.filter)
    }
    if let crop = preprocessing.crop { image = try cropped(image, crop, name: name) }
    guard image.height == height, image.width == width else {
      throw DatasetError.size(
        image: name, found: "\(image.height) × \(image.width)", expected: "\(height) × \(width)")
    }
    guard image.channels == channels || image.channels == 1 else {
      throw DatasetError.channels(image: name, found: image.channels, expected: channels)
    }
    let result = normalised(image)
    guard result.allSatisfy(\.isFinite) else { throw DatasetError.notFinite(image: name) }
    return result
  }

  /// Model units back to 0...1 for display, clamped, as red-green-blue.
  package func displayed(_ image: [Float]) -> [Float] {
    // Scaled bytes lie in 0...255 · scale; floats are taken to lie in 0...1 before scaling.
    let scale = Float(preprocessing.scale ?? (holdsFloats ? 1 : 1 / 255))
    let toUnit = holdsFloats ? 1 / scale : 1 / (255 * scale)
    return image.indices.map { element in
      let c = element % channels
      let source = preprocessing.channelOrder == .bgr ? element - c + channels - 1 - c : element
      let stored = image[source] * std[source % channels] + mean[source % channels]
      return min(max(stored * toUnit, 0), 1)
    }
  }

  /// One value per channel of raw black in model units.
  package var black: [Float] { (0..<channels).map { -mean[$0] / std[$0] } }

  /// Raw red-green-blue values (0...255 for bytes) in model units and the model's channel order.
  package func modelUnits(ofRaw values: [Double]) -> [Float] {
    let scale = Float(preprocessing.scale ?? (holdsFloats ? 1 : 1 / 255))
    return (0..<channels).map { c in
      let source = preprocessing.channelOrder == .bgr ? channels - 1 - c : c
      return (Float(values[values.count == 1 ? 0 : source]) * scale - mean[c]) / std[c]
    }
  }

  private func target(
    of resize: Preprocessing.Resize, _ image: RawImage
  ) -> (height: Int, width: Int) {
    switch resize {
    case .exact(let height, let width):
      return (height, width)
    case .shortestEdge(let side):
      let (short, long) = (min(image.height, image.width), max(image.height, image.width))
      let other = side * long / short
      return image.height <= image.width ? (side, other) : (other, side)
    }
  }

  private func cropped(
    _ image: RawImage, _ crop: Preprocessing.Crop, name: String
  ) throws -> RawImage {
    guard image.height >= crop.height, image.width >= crop.width else {
      throw DatasetError.size(
        image: name, found: "\(image.height) × \(image.width)",
        expected: "at least \(crop.height) × \(crop.width) before the crop")
    }
    func start(_ rest: Int) -> Int {
      switch crop.rounding {
      case .down: rest / 2
      case .halfToEven: Int((Double(rest) / 2).rounded(.toNearestOrEven))
      }
    }
    let top = start(image.height - crop.height)
    let left = start(image.width - crop.width)
    func cut<Sample>(_ samples: [Sample]) -> [Sample] {
      (top..<top + crop.height).flatMap { row -> ArraySlice<Sample> in
        let first = (row * image.width + left) * image.channels
        return samples[first..<first + crop.width * image.channels]
      }
    }
    let samples: RawImage.Samples =
      switch image.samples {
      case .bytes(let bytes): .bytes(cut(bytes))
      case .floats(let floats): .floats(cut(floats))
      }
    return RawImage(
      width: crop.width, height: crop.height, channels: image.channels, samples: samples)
  }

  private func normalised(_ image: RawImage) -> [Float] {
    let scale = preprocessing.scale.map { Float($0) }
    let values: [Float] =
      switch image.samples {
      // Without a stated scale bytes are divided, as torchvision's ToTensor does: × 1/255 rounds
      // differently.
      case .bytes(let bytes):
        bytes.map { byte in scale.map { Float(byte) * $0 } ?? Float(byte) / 255 }
      case .floats(let floats): scale.map { s in floats.map { $0 * s } } ?? floats
      }
    var result = [Float](repeating: 0, count: height * width * channels)
    for pixel in 0..<height * width {
      for c in 0..<channels {
        let source = preprocessing.channelOrder == .bgr ? channels - 1 - c : c
        let sample = image.channels == 1 ? values[pixel] : values[pixel * channels + source]
        result[pixel * channels + c] = (sample - mean[c]) / std[c]
      }
    }
    return result
  }
}
