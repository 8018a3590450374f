import CWebP
import Foundation

/// WebP by libwebp: the first picture of an animation on its canvas, transparency dropped.
enum WebPCodec: ImageCodec {
  static func recognises(_ bytes: Data) -> Bool {
    bytes.count >= 12 && bytes.starts(with: Data("RIFF".utf8))
      && bytes.dropFirst(8).starts(with: Data("WEBP".utf8))
  }

  static func decode(_ file: ImageFile) throws -> RawImage {
    try file.bytes.withUnsafeBytes { buffer in
      let input = buffer.bindMemory(to: UInt8.self)
      var features = WebPBitstreamFeatures()
      guard WebPGetFeatures(input.baseAddress, input.count, &features) == VP8_STATUS_OK else {
        throw file.corrupt("libwebp finds no WebP header")
      }
      let (width, height) = (Int(features.width), Int(features.height))
      try file.checkSize(width: width, height: height)

      var options = WebPAnimDecoderOptions()
      WebPAnimDecoderOptionsInit(&options)
      options.color_mode = MODE_RGBA
      var data = WebPData(bytes: input.baseAddress, size: input.count)
      guard let decoder = WebPAnimDecoderNew(&data, &options) else {
        throw file.corrupt("the WebP stream is damaged or ends early")
      }
      defer { WebPAnimDecoderDelete(decoder) }
      var information = WebPAnimInfo()
      var canvas: UnsafeMutablePointer<UInt8>?
      var timestamp: Int32 = 0
      guard WebPAnimDecoderGetInfo(decoder, &information) != 0,
        (Int(information.canvas_width), Int(information.canvas_height)) == (width, height),
        WebPAnimDecoderGetNext(decoder, &canvas, &timestamp) != 0, let canvas
      else { throw file.corrupt("the WebP stream is damaged") }
      return withoutAlpha(canvas, width: width, height: height)
    }
  }

  private static func withoutAlpha(
    _ rgba: UnsafePointer<UInt8>, width: Int, height: Int
  ) -> RawImage {
    let pixels = width * height
    let samples = [UInt8](unsafeUninitializedCapacity: pixels * 3) { output, initialized in
      for pixel in 0..<pixels {
        for c in 0..<3 { output[3 * pixel + c] = rgba[4 * pixel + c] }
      }
      initialized = pixels * 3
    }
    return RawImage(width: width, height: height, channels: 3, samples: .bytes(samples))
  }

  static func orientation(_ bytes: Data) -> Int {
    let reader = ByteReader(bytes, isBigEndian: false)
    var chunks: [Data: Data] = [:]
    var offset = 12
    while let name = reader.bytes(at: offset, count: 4),
      let length = reader.uint32(at: offset + 4),
      let payload = reader.bytes(at: offset + 8, count: length)
    {
      if chunks[name] == nil { chunks[name] = payload }
      offset += 8 + length + length % 2
    }
    return Datasets.orientation(
      exif: chunks[Data("EXIF".utf8)], xmp: chunks[Data("XMP ".utf8)])
  }
}
