/// Pillow's integer arithmetic between kinds of pixels.
extension RawImage {
  /// Red-green-blue from `[h, w, 4]` cyan, magenta, yellow and black, as Pillow's `cmyk2rgb`.
  ///
  /// `mask`: 255 when the file stores complements, otherwise 0.
  func rgb(fromInksWith mask: UInt8) -> RawImage {
    guard case .bytes(let inks) = samples, channels == 4 else { return self }
    let pixels = width * height
    let colors = [UInt8](unsafeUninitializedCapacity: pixels * 3) { output, initialized in
      for pixel in 0..<pixels {
        let light = 255 - Int(inks[4 * pixel + 3] ^ mask)
        for c in 0..<3 {
          let ink = Int(inks[4 * pixel + c] ^ mask)
          // ink · light / 255, rounded.
          let product = ink * light + 128
          output[3 * pixel + c] = UInt8(light - (product >> 8 + product) >> 8)
        }
      }
      initialized = pixels * 3
    }
    return RawImage(width: width, height: height, channels: 3, samples: .bytes(colors))
  }

  /// A picture from indices into a palette of red, green and blue; grey when every colour is.
  ///
  /// Throws what `outside` makes of an index that the palette lacks.
  static func indexed(
    width: Int, height: Int, indices: [UInt8], palette: [(UInt8, UInt8, UInt8)],
    outside: (Int) -> DatasetError
  ) throws -> RawImage {
    if let highest = indices.max(), Int(highest) >= palette.count {
      throw outside(Int(highest))
    }
    if palette.allSatisfy({ $0.0 == $0.1 && $0.1 == $0.2 }) {
      return RawImage(
        width: width, height: height, channels: 1,
        samples: .bytes(indices.map { palette[Int($0)].0 }))
    }
    let colors = [UInt8](unsafeUninitializedCapacity: indices.count * 3) { output, initialized in
      for (pixel, index) in indices.enumerated() {
        let color = palette[Int(index)]
        output[3 * pixel] = color.0
        output[3 * pixel + 1] = color.1
        output[3 * pixel + 2] = color.2
      }
      initialized = indices.count * 3
    }
    return RawImage(width: width, height: height, channels: 3, samples: .bytes(colors))
  }
}
