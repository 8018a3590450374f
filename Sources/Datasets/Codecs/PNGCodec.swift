import CSPNG
import Foundation

/// PNG by libspng, whose functions return their errors.
///
/// libpng's `png_image` takes 16 bits as linear light and applies gamma; its other interface
/// reports errors by `longjmp`, which Swift cannot call over. Here, as in Pillow, gamma and colour
/// profiles are not applied, transparency is dropped, and of 16-bit colours the upper byte is kept.
enum PNGCodec: ImageCodec {
  static func recognises(_ bytes: Data) -> Bool {
    bytes.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  }

  static func decode(_ file: ImageFile) throws -> RawImage {
    try withContext(file.bytes) { context in
      func check(_ status: Int32) throws {
        guard status == 0 else { throw file.corrupt(spngMessage(status)) }
      }
      var header = spng_ihdr()
      try check(spng_get_ihdr(context, &header))
      let (width, height) = (Int(header.width), Int(header.height))
      try file.checkSize(width: width, height: height)
      let isGrey = Int(header.color_type) == Int(SPNG_COLOR_TYPE_GRAYSCALE.rawValue)
      if isGrey && header.bit_depth == 16 { throw file.grey16("PNG") }

      let isGreyAlpha = Int(header.color_type) == Int(SPNG_COLOR_TYPE_GRAYSCALE_ALPHA.rawValue)
      let format = isGrey ? SPNG_FMT_G8 : SPNG_FMT_RGB8
      var size = 0
      try check(spng_decoded_image_size(context, Int32(format.rawValue), &size))
      var samples = [UInt8](repeating: 0, count: size)
      try check(spng_decode_image(context, &samples, size, Int32(format.rawValue), 0))
      if isGreyAlpha { samples = stride(from: 0, to: size, by: 3).map { samples[$0] } }
      return RawImage(
        width: width, height: height, channels: isGrey || isGreyAlpha ? 1 : 3,
        samples: .bytes(samples))
    }
  }

  static func orientation(_ bytes: Data) -> Int {
    withContext(withDescriptionFirst(bytes)) { context in
      var exif = spng_exif()
      let exifData =
        spng_get_exif(context, &exif) == 0 ? Data(bytes: exif.data, count: exif.length) : nil
      let texts = self.texts(context)
      return Datasets.orientation(
        exif: exifData ?? texts["Raw profile type exif"].flatMap(rawProfile),
        xmp: texts["XML:com.adobe.xmp"])
    }
  }

  /// The file with the picture's data last: libspng reads what stands before it without decoding.
  private static func withDescriptionFirst(_ bytes: Data) -> Data {
    let reader = ByteReader(bytes, isBigEndian: true)
    var (first, last) = (Data(bytes.prefix(8)), Data())
    var offset = 8
    while let length = reader.uint32(at: offset),
      let chunk = reader.bytes(at: offset, count: length + 12)
    {
      let name = String(decoding: chunk.dropFirst(4).prefix(4), as: UTF8.self)
      if name == "IEND" { break }
      if name == "IDAT" { last = chunk } else { first += chunk }
      offset += chunk.count
    }
    return first + last
  }

  private static func texts(_ context: OpaquePointer?) -> [String: Data] {
    var count: UInt32 = 0
    guard spng_get_text(context, nil, &count) == 0, count > 0 else { return [:] }
    var chunks = [spng_text](repeating: spng_text(), count: Int(count))
    guard spng_get_text(context, &chunks, &count) == 0 else { return [:] }
    var texts: [String: Data] = [:]
    for chunk in chunks {
      let keyword = withUnsafeBytes(of: chunk.keyword) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let text = chunk.text { texts[keyword] = Data(bytes: text, count: chunk.length) }
    }
    return texts
  }

  /// The bytes of ImageMagick's "\nexif\n    1234\n45786966…", hexadecimal over several lines.
  private static func rawProfile(_ text: Data) -> Data? {
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let digits = lines.dropFirst(3).joined().compactMap {
      Character(UnicodeScalar($0)).hexDigitValue
    }
    guard digits.count.isMultiple(of: 2) else { return nil }
    return Data(
      stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
  }

  private static func withContext<Result>(
    _ bytes: Data, _ body: (OpaquePointer?) throws -> Result
  ) rethrows -> Result {
    let context = spng_ctx_new(0)
    defer { spng_ctx_free(context) }
    // What a text or profile may unpack to.
    spng_set_chunk_limits(context, 1 << 26, 1 << 26)
    return try bytes.withUnsafeBytes { buffer in
      spng_set_png_buffer(context, buffer.baseAddress, buffer.count)
      return try body(context)
    }
  }

  private static func spngMessage(_ status: Int32) -> String {
    spng_strerror(status).map { String(cString: $0) } ?? "unknown error \(status)"
  }
}
