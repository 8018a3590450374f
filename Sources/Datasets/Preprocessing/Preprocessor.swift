import Foundation

/// Turns decoded images into what one model expects.
package struct Preprocessor: Sendable {
  package let preprocessing: Preprocessing
  package let height: Int
  package let width: Int
  package let channels: Int
  /// White in raw samples: 255 for bytes, 65535 for 16 bits, 1 for fractions.
  package let rawRange: Double
  /// The factor for samples when neither user nor file states one; nil divides bytes by 255 and
  /// takes floats as they are.
  package let defaultScale: Double?
  private let mean: [Float]
  private let std: [Float]
  private let divisor: [Float]

  /// - Throws: `DatasetError.preprocessing` when mean and std do not fit the channels.
  package init(
    _ preprocessing: Preprocessing, height: Int, width: Int, channels: Int,
    rawRange: Double = 255, defaultScale: Double? = nil
  ) throws {
    precondition(rawRange > 0, "raw range \(rawRange)")
    self.preprocessing = preprocessing
    self.height = height
    self.width = width
    self.channels = channels
    self.rawRange = rawRange
    self.defaultScale = defaultScale
    if let scale = preprocessing.scale, !Float(scale).isFinite || Float(scale) == 0 {
      throw DatasetError.preprocessing(
        source: "--scale", reason: "it must be a finite number other than 0")
    }
    func perChannel(_ stated: [Double]?, _ name: String, _ fallback: Float) throws -> [Float] {
      guard let stated else { return [Float](repeating: fallback, count: channels) }
      guard stated.count == 1 || stated.count == channels else {
        throw DatasetError.preprocessing(
          source: preprocessing.source ?? "--\(name)",
          reason: "'\(name)' has \(stated.count) numbers for \(channels) channels; give one, or "
            + "one per channel")
      }
      return (0..<channels).map { Float(stated[stated.count == 1 ? 0 : $0]) }
    }
    mean = try perChannel(preprocessing.mean, "mean", 0)
    std = try perChannel(preprocessing.std, "std", 1)
    divisor = try perChannel(preprocessing.divisor, "std", 1)
    guard (std + divisor).allSatisfy({ $0 > 0 && $0.isFinite }), mean.allSatisfy(\.isFinite) else {
      throw DatasetError.preprocessing(
        source: preprocessing.source ?? "--std",
        reason: "every mean must be finite and every standard deviation above 0")
    }
    if let fill = preprocessing.crop?.fill, fill.count != 1, fill.count != channels {
      throw DatasetError.preprocessing(
        source: preprocessing.source ?? "--crop",
        reason: "\(fill.count) numbers to fill borders of \(channels) channels with")
    }
  }

  /// The image as `[height, width, channels]` in the model's units.
  ///
  /// `name`: what messages call the image.
  ///
  /// Throws `DatasetError` when size or channels do not fit.
  package func apply(_ raw: RawImage, name: String) throws -> [Float] {
    guard raw.channels == channels || raw.channels == 1 else {
      throw DatasetError.channels(image: name, found: raw.channels, expected: channels)
    }
    let image = try arranged(raw, name: name)
    guard image.height == height, image.width == width else {
      throw DatasetError.size(
        image: name, found: "\(image.height) × \(image.width)", expected: "\(height) × \(width)")
    }
    let result = normalised(image)
    guard result.allSatisfy(\.isFinite) else { throw DatasetError.notFinite(image: name) }
    return result
  }

  /// Model units back to 0...1 for display, clamped, as red-green-blue.
  package func displayed(_ image: [Float]) -> [Float] {
    let toUnit = Float(1 / ((factor ?? 1 / rawRange) * rawRange))
    return image.indices.map { element in
      let c = element % channels
      let source = element - c + rawChannel(c)
      let s = source % channels
      let scaled = image[source] * divisor[s] * std[s] + mean[s] - offset
      return min(max(scaled * toUnit, 0), 1)
    }
  }

  /// One value per channel of raw black in model units.
  package var black: [Float] { modelUnits(ofRaw: [0]) }

  /// Raw red-green-blue values (0...255 for bytes) in model units and the model's channel order.
  package func modelUnits(ofRaw values: [Double]) -> [Float] {
    (0..<channels).map { c in
      let value = values[values.count == 1 ? 0 : rawChannel(c)]
      let scaled = factor.map { Float(value * $0) } ?? Float(value) / Float(rawRange)
      return modelUnits(ofScaled: scaled, channel: c)
    }
  }

  /// How model units follow from pixels in 0...1, by the model's channels: (pixel − mean) ÷ std.
  package var unitScale: (mean: [Double], std: [Double]) {
    let unit = rawRange * (factor ?? 1 / rawRange)
    return (
      mean.map { (Double($0) - Double(offset)) / unit },
      zip(std, divisor).map { Double($0) * Double($1) / unit }
    )
  }

  /// What samples are multiplied by; nil divides bytes by 255 and takes floats as they are.
  private var factor: Double? {
    if let scale = preprocessing.scale { return scale }
    if let byteScale = preprocessing.byteScale {
      return rawRange == 255 ? byteScale : byteScale * 255 / rawRange
    }
    return defaultScale
  }

  private var offset: Float { Float(preprocessing.offset ?? 0) }

  /// The channel of the file that the model's channel `c` shows, and the other way round.
  private func rawChannel(_ c: Int) -> Int {
    preprocessing.channelOrder == .bgr ? channels - 1 - c : c
  }

  private func modelUnits(ofScaled value: Float, channel c: Int) -> Float {
    (value + offset - mean[c]) / std[c] / divisor[c]
  }

  private func normalised(_ image: RawImage) -> [Float] {
    let factor = factor
    let values: [Float] =
      switch image.samples {
      // Without a stated scale bytes are divided, as torchvision's ToTensor does; a stated one
      // multiplies in double precision, as transformers does: they round differently.
      case .bytes(let bytes):
        (factor.map { f in (0...255).map { Float(Double($0) * f) } }
          ?? (0...255).map { Float($0) / 255 }).looked(up: bytes)
      case .floats(let floats):
        factor.map { f in floats.map { Float(Double($0) * f) } } ?? floats
      }
    var result = [Float](repeating: 0, count: height * width * channels)
    for pixel in 0..<height * width {
      for c in 0..<channels {
        let sample = image.channels == 1 ? values[pixel] : values[pixel * channels + rawChannel(c)]
        result[pixel * channels + c] = modelUnits(ofScaled: sample, channel: c)
      }
    }
    return result
  }
}

extension [Float] {
  /// The element for each byte of a table of 256.
  fileprivate func looked(up bytes: [UInt8]) -> [Float] { bytes.map { self[Int($0)] } }
}
