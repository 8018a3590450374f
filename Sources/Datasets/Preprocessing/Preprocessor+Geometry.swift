import Foundation

extension Preprocessor {
  /// The image cropped, resized and cropped again, still in raw samples.
  func arranged(_ raw: RawImage, name: String) throws -> RawImage {
    try checkStatedSize(name)
    var image = raw
    if let first = preprocessing.firstCrop {
      let shorter = Double(min(image.height, image.width))
      let (height, width) = (first.height * shorter, first.width * shorter)
      guard min(height, width) >= 1, max(height, width) < 16_384 else {
        throw DatasetError.size(
          image: name, found: "\(image.height) × \(image.width)",
          expected: "sides that can be cropped (to \(height) × \(width))")
      }
      image = try cropped(
        image,
        Preprocessing.Crop(
          height: Int(height), width: Int(width), rounding: .down, fill: [0]),
        name: name)
    }
    if let resize = preprocessing.resize {
      let (height, width) = target(of: resize, image)
      // A thin image enlarged by its shorter edge may exceed any memory.
      guard height > 0, width > 0, height <= 1 << 28 / width else {
        throw DatasetError.size(
          image: name, found: "\(image.height) × \(image.width)",
          expected: "sides that can be resized (\(height) × \(width) would be the result)")
      }
      image = image.resized(toHeight: height, width: width, filter: preprocessing.filter)
    }
    if let crop = preprocessing.crop { image = try cropped(image, crop, name: name) }
    return image
  }

  /// Refuses a stated size that is not the model's before any work is done for it.
  private func checkStatedSize(_ name: String) throws {
    var stated: (height: Int, width: Int)?
    if case .exact(let height, let width)? = preprocessing.resize { stated = (height, width) }
    if let crop = preprocessing.crop { stated = (crop.height, crop.width) }
    guard let stated, stated != (height, width) else { return }
    throw DatasetError.size(
      image: name, found: "\(stated.height) × \(stated.width)", expected: "\(height) × \(width)")
  }

  private func target(
    of resize: Preprocessing.Resize, _ image: RawImage
  ) -> (height: Int, width: Int) {
    func edge(_ side: Int) -> (height: Int, width: Int) {
      let (short, long) = (min(image.height, image.width), max(image.height, image.width))
      let other = side * long / short
      return image.height <= image.width ? (side, other) : (other, side)
    }
    func scaled(_ ratio: Double) -> (height: Int, width: Int) {
      func side(_ extent: Int) -> Int { Int((Double(extent) / ratio).rounded(.toNearestOrEven)) }
      return (side(image.height), side(image.width))
    }
    func ratios(_ height: Int, _ width: Int) -> (Double, Double) {
      (Double(image.height) / Double(height), Double(image.width) / Double(width))
    }
    switch resize {
    case .exact(let height, let width):
      return (height, width)
    case .shortestEdge(let side):
      return edge(side)
    case .shortestEdgeInMultiples(let side, let multiple):
      let (height, width) = edge(side)
      return (
        (height + multiple - 1) / multiple * multiple, (width + multiple - 1) / multiple * multiple
      )
    case .covering(let height, let width):
      let (down, across) = ratios(height, width)
      return scaled(min(down, across))
    case .within(let height, let width):
      let (down, across) = ratios(height, width)
      return scaled(max(down, across))
    }
  }

  /// The centre of an image; what lies outside of it is filled where the crop says with what.
  private func cropped(
    _ image: RawImage, _ crop: Preprocessing.Crop, name: String
  ) throws -> RawImage {
    let fits = image.height >= crop.height && image.width >= crop.width
    guard fits || crop.fill != nil else {
      throw DatasetError.size(
        image: name, found: "\(image.height) × \(image.width)",
        expected: "at least \(crop.height) × \(crop.width) before the crop")
    }
    let top = crop.rounding.start(image.height - crop.height)
    let left = crop.rounding.start(image.width - crop.width)
    // Files state fills for bytes; samples may have another range.
    let fill = (crop.fill ?? [0]).map { $0 * rawRange / 255 }
    func cut<Sample>(_ samples: [Sample], _ convert: (Double) -> Sample) -> [Sample] {
      var result: [Sample] = []
      result.reserveCapacity(crop.height * crop.width * image.channels)
      for row in top..<top + crop.height {
        for column in left..<left + crop.width {
          let isInside =
            (0..<image.height).contains(row) && (0..<image.width).contains(column)
          for c in 0..<image.channels {
            result.append(
              isInside
                ? samples[(row * image.width + column) * image.channels + c]
                : convert(fill[fill.count == 1 ? 0 : c]))
          }
        }
      }
      return result
    }
    let samples: RawImage.Samples =
      switch image.samples {
      case .bytes(let bytes): .bytes(cut(bytes) { UInt8(min(max($0, 0), 255)) })
      case .floats(let floats): .floats(cut(floats) { Float($0) })
      }
    return RawImage(
      width: crop.width, height: crop.height, channels: image.channels, samples: samples)
  }
}

extension Preprocessing.CropRounding {
  /// Where the crop begins when `rest` rows go, or are added where `rest` is negative.
  fileprivate func start(_ rest: Int) -> Int {
    switch self {
    case .down: Int((Double(rest) / 2).rounded(.down))
    case .halfToEven where rest < 0: rest / 2
    case .halfToEven: Int((Double(rest) / 2).rounded(.toNearestOrEven))
    }
  }
}
