/// Where on the source axis a result position lies: ONNX's `coordinate_transformation_mode`.
enum CoordinateTransformation: String, Sendable {
  case halfPixel = "half_pixel"
  case halfPixelSymmetric = "half_pixel_symmetric"
  case pytorchHalfPixel = "pytorch_half_pixel"
  case alignCorners = "align_corners"
  case asymmetric
  case tfHalfPixelForNearest = "tf_half_pixel_for_nn"
  case tfCropAndResize = "tf_crop_and_resize"

  /// Positions are Float32, as in ONNX Runtime: whether one falls just below an integer decides
  /// which neighbour is nearest.
  ///
  /// `length` and `source`: positions on the result's and the source's axis; `crop`: first and last
  /// position of the part that is cut out, in shares of the source.
  func position(
    of index: Int, scale: Float, length: Int, source: Int, crop: (first: Float, last: Float)
  ) -> Float {
    let i = Float(index)
    let centred = (i + 0.5) / scale - 0.5
    let last = Float(source - 1)
    switch self {
    case .halfPixel: return centred
    case .halfPixelSymmetric:
      let adjustment = Float(length) / (scale * Float(source))
      return Float(source) / 2 * (1 - adjustment) + centred
    case .pytorchHalfPixel: return length > 1 ? centred : 0
    case .alignCorners: return length > 1 ? i * last / Float(length - 1) : 0
    case .asymmetric: return i / scale
    case .tfHalfPixelForNearest: return (i + 0.5) / scale
    case .tfCropAndResize:
      return length > 1
        ? crop.first * last + i * (crop.last - crop.first) * last / Float(length - 1)
        : 0.5 * (crop.first + crop.last) * last
    }
  }

  /// Whether positions depend on how long the result is.
  func dependsOnLength(_ length: Int) -> Bool {
    switch self {
    case .alignCorners, .tfCropAndResize: true
    case .pytorchHalfPixel: length == 1
    case .halfPixel, .halfPixelSymmetric, .asymmetric, .tfHalfPixelForNearest: false
    }
  }

  /// Whether the way from one result position to the next is `1 / scale` everywhere.
  var isEvenlySpaced: Bool {
    switch self {
    case .halfPixel, .pytorchHalfPixel, .asymmetric, .tfHalfPixelForNearest: true
    case .halfPixelSymmetric, .alignCorners, .tfCropAndResize: false
    }
  }
}

/// Which neighbour is nearest: ONNX's `nearest_mode`.
enum NearestNeighbour: String, Sendable {
  case roundPreferFloor = "round_prefer_floor"
  case roundPreferCeil = "round_prefer_ceil"
  case floor
  case ceil
  /// Before opset 11, when there was no choice: up where maps become smaller, else down.
  case implicit

  func index(_ position: Float, scale: Float) -> Int {
    let rounded: Float =
      switch self {
      case .roundPreferFloor: (position - 0.5).rounded(.up)
      case .roundPreferCeil: (position + 0.5).rounded(.down)
      case .floor: position.rounded(.down)
      case .ceil: position.rounded(.up)
      case .implicit: scale < 1 ? position.rounded(.up) : position.rounded(.towardZero)
      }
    return Int(rounded)
  }
}
