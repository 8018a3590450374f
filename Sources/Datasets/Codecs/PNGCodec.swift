import CPNG
import Foundation

/// Decodes PNG by libpng to grey or red-green-blue bytes; transparency is dropped, as PIL's
/// `convert("RGB")` drops it.
func decodePNG(_ bytes: Data, path: String) throws -> RawImage {
  var image = png_image()
  image.version = png_uint_32(PNG_IMAGE_VERSION)
  defer { png_image_free(&image) }
  return try bytes.withUnsafeBytes { buffer in
    guard png_image_begin_read_from_memory(&image, buffer.baseAddress, buffer.count) != 0 else {
      throw DatasetError.corruptImage(path: path, reason: message(of: image))
    }
    let color = image.format & png_uint_32(PNG_FORMAT_FLAG_COLOR)
    let alpha = image.format & png_uint_32(PNG_FORMAT_FLAG_ALPHA)
    image.format = color | alpha
    let (width, height) = (Int(image.width), Int(image.height))
    guard width > 0, height > 0, width * height <= 1 << 28 else {
      throw DatasetError.corruptImage(path: path, reason: "it claims \(height)×\(width) pixels")
    }
    let channels = color != 0 ? 3 : 1
    let stored = channels + (alpha != 0 ? 1 : 0)
    var samples = [UInt8](repeating: 0, count: width * height * stored)
    guard png_image_finish_read(&image, nil, &samples, 0, nil) != 0 else {
      throw DatasetError.corruptImage(path: path, reason: message(of: image))
    }
    if alpha != 0 {
      samples = samples.indices.filter { $0 % stored < channels }.map { samples[$0] }
    }
    return RawImage(width: width, height: height, channels: channels, samples: .bytes(samples))
  }
}

private func message(of image: png_image) -> String {
  withUnsafeBytes(of: image.message) { raw in
    String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
  }
}
