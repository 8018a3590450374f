/// A decoded image before preprocessing: `[height, width, channels]`, channels fastest.
package struct RawImage: Equatable, Sendable {
  package enum Samples: Equatable, Sendable {
    /// 0...255, as files store them.
    case bytes([UInt8])
    /// As an array states them; not rescaled unless asked.
    case floats([Float])
  }

  package let width: Int
  package let height: Int
  /// 1 grey, 3 red-green-blue.
  package let channels: Int
  package let samples: Samples

  package init(width: Int, height: Int, channels: Int, samples: Samples) {
    let count =
      switch samples {
      case .bytes(let values): values.count
      case .floats(let values): values.count
      }
    precondition(
      count == width * height * channels,
      "\(count) samples for \(height)×\(width)×\(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = samples
  }

  /// `[h, w, c]` bytes from bytes that store one channel after the other.
  static func interleaving(
    planes: ArraySlice<UInt8>, width: Int, height: Int, channels: Int
  ) -> RawImage {
    let size = width * height
    let first = planes.startIndex
    var bytes = [UInt8](repeating: 0, count: size * channels)
    for c in 0..<channels {
      for pixel in 0..<size { bytes[pixel * channels + c] = planes[first + c * size + pixel] }
    }
    return RawImage(width: width, height: height, channels: channels, samples: .bytes(bytes))
  }

  /// Rows and columns exchanged.
  func transposed() -> RawImage {
    func exchanged<Sample>(_ samples: [Sample]) -> [Sample] {
      (0..<samples.count).map { element in
        let c = element % channels
        let (row, column) = (element / channels / height, element / channels % height)
        return samples[(column * width + row) * channels + c]
      }
    }
    let turned: Samples =
      switch samples {
      case .bytes(let values): .bytes(exchanged(values))
      case .floats(let values): .floats(exchanged(values))
      }
    return RawImage(width: height, height: width, channels: channels, samples: turned)
  }
}
