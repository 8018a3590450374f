import Foundation

/// What happens to an image between file and model, as a value that a report can state.
package struct Preprocessing: Codable, Equatable, Sendable {
  package enum Resize: Codable, Equatable, Sendable {
    /// The shorter side takes this length, the other keeps the aspect ratio.
    case shortestEdge(Int)
    case exact(height: Int, width: Int)
  }

  package enum ChannelOrder: String, Codable, Sendable, CaseIterable {
    case rgb, bgr
  }

  /// How the centre is found when an odd number of rows or columns goes.
  package enum CropRounding: String, Codable, Sendable {
    /// torchvision's `CenterCrop`: half to even.
    case halfToEven
    /// Hugging Face's `center_crop`: down.
    case down
  }

  package struct Crop: Codable, Equatable, Sendable {
    package var height: Int
    package var width: Int
    package var rounding = CropRounding.halfToEven

    package init(height: Int, width: Int, rounding: CropRounding = .halfToEven) {
      self.height = height
      self.width = width
      self.rounding = rounding
    }
  }

  package var resize: Resize?
  package var filter = ResamplingFilter.bilinear
  package var crop: Crop?
  package var channelOrder = ChannelOrder.rgb
  /// Nil: 1/255 for bytes, 1 for float arrays.
  package var scale: Double?
  /// One number, or one per channel, in units of scaled samples; nil is 0.
  package var mean: [Double]?
  /// One number, or one per channel; nil is 1.
  package var std: [Double]?

  package init() {}
}

extension Preprocessing {
  /// Reads a Hugging Face `preprocessor_config.json`.
  ///
  /// Fields: `image_mean`, `image_std`, `rescale_factor`, `size`, `crop_size`, `resample`, and the
  /// switches `do_resize`, `do_center_crop`, `do_rescale`, `do_normalize`.
  ///
  /// - Throws: `DatasetError.preprocessing`.
  package init(huggingFaceFile path: String) throws {
    func failure(_ reason: String) -> DatasetError {
      .preprocessing(source: "Preprocessing file '\(path)'", reason: reason)
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw failure("there is no such file")
    }
    let file: HuggingFaceFile
    do {
      file = try JSONDecoder().decode(HuggingFaceFile.self, from: data)
    } catch let DecodingError.typeMismatch(_, context) {
      let key = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw failure("'\(key)' has a value of the wrong kind")
    } catch {
      throw failure("it is not JSON")
    }
    self.init()
    let sides = [file.size, file.cropSize].compactMap { $0 }.flatMap {
      [$0.side, $0.height, $0.width, $0.shortestEdge].compactMap { $0 }
    }
    guard sides.allSatisfy((1...65_536).contains) else {
      throw failure("'size' and 'crop_size' must be in 1...65536")
    }
    if file.doResize ?? true { resize = try file.size?.resize.get(or: failure) }
    if let crop = file.cropSize, file.doCenterCrop ?? true {
      guard case .exact(let height, let width)? = crop.exact else {
        throw failure("'crop_size' needs height and width")
      }
      self.crop = Crop(height: height, width: width, rounding: .down)
    }
    if let number = file.resample {
      let filters: [Int: ResamplingFilter] = [0: .nearest, 1: .lanczos, 2: .bilinear, 3: .bicubic]
      guard let filter = filters[number] else {
        throw failure("'resample' \(number) is not supported; use 0, 1, 2 or 3")
      }
      self.filter = filter
    }
    if file.doRescale ?? true { scale = file.rescaleFactor } else { scale = 1 }
    if file.doNormalize ?? true {
      mean = file.imageMean?.numbers
      std = file.imageStd?.numbers
    }
  }
}

private struct HuggingFaceFile: Decodable {
  let imageMean: OneOrMore?
  let imageStd: OneOrMore?
  let rescaleFactor: Double?
  let size: Size?
  let cropSize: Size?
  let resample: Int?
  let doResize: Bool?
  let doCenterCrop: Bool?
  let doRescale: Bool?
  let doNormalize: Bool?

  enum CodingKeys: String, CodingKey {
    case size, resample
    case imageMean = "image_mean"
    case imageStd = "image_std"
    case rescaleFactor = "rescale_factor"
    case cropSize = "crop_size"
    case doResize = "do_resize"
    case doCenterCrop = "do_center_crop"
    case doRescale = "do_rescale"
    case doNormalize = "do_normalize"
  }

  struct OneOrMore: Decodable {
    let numbers: [Double]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        numbers = [number]
      } else {
        numbers = try container.decode([Double].self)
      }
    }
  }

  struct Size: Decodable {
    var side: Int?
    var height: Int?
    var width: Int?
    var shortestEdge: Int?

    enum CodingKeys: String, CodingKey {
      case height, width
      case shortestEdge = "shortest_edge"
    }

    init(from decoder: any Decoder) throws {
      if let side = try? decoder.singleValueContainer().decode(Int.self) {
        self.side = side
        return
      }
      let container = try decoder.container(keyedBy: CodingKeys.self)
      height = try container.decodeIfPresent(Int.self, forKey: .height)
      width = try container.decodeIfPresent(Int.self, forKey: .width)
      shortestEdge = try container.decodeIfPresent(Int.self, forKey: .shortestEdge)
    }

    /// As the target of a resize: a lone number is the shorter side.
    var resize: Wanted {
      if let shortestEdge = shortestEdge ?? side { return Wanted(.shortestEdge(shortestEdge)) }
      return Wanted(exact)
    }

    var exact: Preprocessing.Resize? {
      if let side = side ?? shortestEdge { return .exact(height: side, width: side) }
      guard let height, let width else { return nil }
      return .exact(height: height, width: width)
    }
  }

  struct Wanted {
    let value: Preprocessing.Resize?

    init(_ value: Preprocessing.Resize?) { self.value = value }

    func get(or failure: (String) -> DatasetError) throws -> Preprocessing.Resize {
      guard let value else { throw failure("'size' needs height and width, or shortest_edge") }
      return value
    }
  }
}

extension Preprocessing: CustomStringConvertible {
  /// What happens, in order, for a report.
  package var description: String {
    func list(_ numbers: [Double]) -> String {
      numbers.map { String(format: "%g", $0) }.joined(separator: ", ")
    }
    var parts: [String] = []
    switch resize {
    case .shortestEdge(let side):
      parts.append("resize shorter edge to \(side) (\(filter.rawValue))")
    case .exact(let height, let width):
      parts.append("resize to \(height) × \(width) (\(filter.rawValue))")
    case nil: break
    }
    if let crop { parts.append("centre crop \(crop.height) × \(crop.width)") }
    if channelOrder == .bgr { parts.append("BGR") }
    if let scale { parts.append("× \(String(format: "%.6g", scale))") }
    if let mean { parts.append("mean \(list(mean))") }
    if let std { parts.append("std \(list(std))") }
    return parts.isEmpty ? "bytes / 255" : parts.joined(separator: ", ")
  }
}
