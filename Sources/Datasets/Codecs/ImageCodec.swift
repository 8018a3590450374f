import Foundation

/// A file format of pictures.
///
/// One file per format beside this one, one line in `ImageCodecs.all`. Decoding gives what
/// Pillow's `Image.open(file).convert("RGB")` gives, value for value, with one channel where
/// Pillow's three are equal by kind; what it cannot give so, it refuses by name.
protocol ImageCodec: SendableMetatype {
  /// Whether a file that begins so is of this format.
  static func recognises(_ bytes: Data) -> Bool

  /// Decodes the first picture of a file.
  ///
  /// - Throws: `DatasetError.corruptImage` or `.unsupportedImage`.
  static func decode(_ file: ImageFile) throws -> RawImage

  /// The turn that Exif or XMP asks for and that `decode` leaves to the caller, 1...8.
  static func orientation(_ bytes: Data) -> Int
}

extension ImageCodec {
  static func orientation(_ bytes: Data) -> Int { 1 }
}

/// Every format that is decoded.
enum ImageCodecs {
  static let all: [any ImageCodec.Type] = [
    JPEGCodec.self,
    PNGCodec.self,
    WebPCodec.self,
    BMPCodec.self,
    TIFFCodec.self,
    GIFCodec.self,
    NetpbmCodec.self,
  ]

  static func codec(of bytes: Data) -> (any ImageCodec.Type)? {
    all.first { $0.recognises(bytes) }
  }
}

/// File extensions of the formats that are decoded, in lower case.
package let imageExtensions: Set<String> = [
  "bmp", "gif", "jfif", "jpe", "jpeg", "jpg", "pbm", "pgm", "png", "pnm", "ppm", "tif", "tiff",
  "webp",
]

/// File extensions of pictures that are not decoded, in lower case.
package let undecodableImageExtensions: Set<String> = [
  "ai", "arw", "avif", "cr2", "cr3", "dcm", "dds", "dng", "emf", "eps", "exr", "hdr", "heic",
  "heif", "icns", "ico", "j2k", "jp2", "jpx", "jxl", "nef", "orf", "pcx", "pfm", "psd", "qoi",
  "raf", "raw", "rw2", "sgi", "svg", "svgz", "tga", "wmf", "xbm", "xcf", "xpm",
]

/// Decodes an image file, told by its first bytes and not by its name.
///
/// `appliesOrientation`: turn the picture as its Exif or XMP orientation asks, which Pillow's
/// `ImageOps.exif_transpose` does and its `Image.open` does not.
///
/// Throws `DatasetError` naming the file.
package func decodeImageFile(
  _ path: DatasetPath, appliesOrientation: Bool = false
) throws -> RawImage {
  try decodeImage(
    try path.bytes(), path: path.path, appliesOrientation: appliesOrientation)
}

/// Decodes an image that is already in memory, such as a member of an archive.
///
/// `path`: what errors call it. Otherwise as `decodeImageFile`.
package func decodeImage(
  _ bytes: Data, path: String, appliesOrientation: Bool = false
) throws -> RawImage {
  let file = ImageFile(bytes: bytes, path: path)
  guard let codec = ImageCodecs.codec(of: bytes) else {
    if bytes.isEmpty { throw file.corrupt("it is empty") }
    guard let kind = nameOfOtherFormat(bytes) else {
      throw file.corrupt("it is neither PNG nor JPEG nor another kind of picture that is known")
    }
    throw file.unsupported(kind, advice: "Convert it to PNG, or remove it.")
  }
  let image = try codec.decode(file)
  return appliesOrientation ? image.oriented(codec.orientation(bytes)) : image
}

/// The Exif or XMP orientation that decoding leaves to apply: 1...8, 1 where there is none.
///
/// TIFF pictures are turned while they are decoded, as Pillow does, so for them it is 1.
package func imageOrientation(_ bytes: Data) -> Int {
  ImageCodecs.codec(of: bytes)?.orientation(bytes) ?? 1
}

/// What a file of a format that is not decoded is, told by its first bytes.
private func nameOfOtherFormat(_ bytes: Data) -> String? {
  let head = String(decoding: bytes.prefix(256), as: UTF8.self)
  let brand = String(decoding: bytes.dropFirst(4).prefix(8), as: UTF8.self)
  return switch brand {
  case "ftypavif", "ftypavis": "an AVIF picture"
  case "ftypheic", "ftypheix", "ftypmif1", "ftypheim", "ftyphevc": "a HEIC picture"
  case _ where bytes.starts(with: [0xff, 0x4f, 0xff, 0x51]), "jP  \r\n\u{fffd}\n":
    "a JPEG 2000 picture"
  case _ where bytes.starts(with: [0xff, 0x0a]), "JXL \r\n\u{fffd}\n": "a JPEG XL picture"
  case _ where head.hasPrefix("8BPS"): "a Photoshop document"
  case _ where head.hasPrefix("%PDF"): "a PDF document"
  case _ where head.contains("<svg"): "an SVG drawing"
  case _ where head.lowercased().contains("<html"): "a web page, not a picture"
  default: nil
  }
}

/// A file that a codec decodes, with the errors that name it.
struct ImageFile {
  let bytes: Data
  let path: String

  func corrupt(_ reason: String) -> DatasetError {
    .corruptImage(path: path, reason: reason)
  }

  /// An error about a whole file.
  ///
  /// `kind`: what the file is, with its article. `advice`: a sentence.
  func unsupported(_ kind: String, advice: String) -> DatasetError {
    .unsupportedImage(path: path, kind: kind, advice: advice)
  }

  /// Checks a claimed size before memory is taken for it.
  ///
  /// The bound is Pillow's own. Above 16 million pixels, a file of less than a byte for each 8,192
  /// is taken for damaged: no picture of anything packs so densely.
  func checkSize(width: Int, height: Int) throws {
    let (count, overflow) = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, !overflow, count <= 178_956_970,
      count <= 1 << 24 || count >> 13 <= bytes.count
    else { throw corrupt("it claims \(height)×\(width) pixels in \(bytes.count) bytes") }
  }

  /// Of 16-bit grey there is no reading that most programs share.
  func grey16(_ format: String) -> DatasetError {
    unsupported(
      "a 16-bit grey \(format), in which Pillow makes all above 255 white where others take the "
        + "upper byte", advice: "Convert it to 8 bits as it was for training.")
  }
}
