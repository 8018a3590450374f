import CTurboJPEG
import Foundation

/// JPEG by libjpeg-turbo, with the accurate transform and the smooth upsampling that Pillow uses.
enum JPEGCodec: ImageCodec {
  static func recognises(_ bytes: Data) -> Bool { bytes.starts(with: [0xff, 0xd8, 0xff]) }

  static func decode(_ file: ImageFile) throws -> RawImage {
    try refuseByName(file)
    do {
      return try TurboDecoder(file).decode(file.bytes)
    } catch let complaint as TurboDecoder.Complaint {
      guard let image = try decodeWithoutExtraneousBytes(file, complaint) else {
        throw file.corrupt(complaint.message)
      }
      return image
    }
  }

  static func orientation(_ bytes: Data) -> Int {
    let segments = JPEGSegments(bytes)
    return Datasets.orientation(
      exif: segments.applicationData(bytes, prefix: "Exif\0\0").first,
      xmp: segments.applicationData(bytes, prefix: "http://ns.adobe.com/xap/1.0/\0").last)
  }

  private static func refuseByName(_ file: ImageFile) throws {
    guard let frame = JPEGSegments(file.bytes).frame(file.bytes) else { return }
    let advice = "Convert it to a JPEG of 8 bits, or to PNG."
    guard ![0xc3, 0xc7, 0xcb, 0xcf].contains(frame.code) else {
      throw file.unsupported("a lossless JPEG", advice: advice)
    }
    guard frame.bits == 8 else {
      throw file.unsupported("a JPEG of \(frame.bits) bits", advice: advice)
    }
    guard [1, 3, 4].contains(frame.components) else {
      throw file.unsupported("a JPEG of \(frame.components) components", advice: advice)
    }
  }

  /// Decodes a file that has bytes between its data and the next marker, as some cameras leave.
  ///
  /// libjpeg skips them with a warning that hides every later one, and a file that is damaged
  /// besides would pass for whole. So the bytes are cut out, and what is left must decode without
  /// any warning. The warning says how many they are and before which marker, not before which of
  /// several; each is tried. Nil when none fits.
  private static func decodeWithoutExtraneousBytes(
    _ file: ImageFile, _ first: TurboDecoder.Complaint
  ) throws -> RawImage? {
    var bytes = file.bytes
    var complaint = first
    for _ in 0..<4 {
      guard let extraneous = complaint.extraneousBytes else { return nil }
      let offsets = JPEGSegments(bytes, scans: true).markers
        .filter { $0.code == extraneous.marker && $0.offset >= extraneous.count }.map(\.offset)
      var next: (bytes: Data, complaint: TurboDecoder.Complaint)?
      for offset in offsets.prefix(16) {
        var shorter = bytes
        shorter.removeSubrange(offset - extraneous.count..<offset)
        do {
          return try TurboDecoder(file).decode(shorter)
        } catch let later as TurboDecoder.Complaint {
          if later != complaint, later.extraneousBytes != nil, next == nil {
            next = (shorter, later)
          }
        }
      }
      guard let next else { return nil }
      (bytes, complaint) = next
    }
    return nil
  }
}

/// libjpeg-turbo's decoder for one try, since after an error it refuses the next.
private final class TurboDecoder {
  /// What the library says against a file, be it an error or a warning.
  struct Complaint: Error, Equatable {
    let message: String

    /// The numbers in "Corrupt JPEG data: 5 extraneous bytes before marker 0xd9".
    var extraneousBytes: (count: Int, marker: UInt8)? {
      guard
        let match = message.firstMatch(of: /(\d+) extraneous bytes before marker 0x([0-9a-f]{2})/),
        let count = Int(match.1), let marker = UInt8(match.2, radix: 16)
      else { return nil }
      return (count, marker)
    }
  }

  private let handle: tjhandle
  private let file: ImageFile

  init(_ file: ImageFile) throws {
    guard let handle = tjInitDecompress() else {
      throw file.corrupt("libjpeg-turbo did not start")
    }
    self.handle = handle
    self.file = file
  }

  deinit { tjDestroy(handle) }

  private var complaint: Complaint {
    Complaint(message: tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown")
  }

  /// Decodes to grey or red-green-blue.
  ///
  /// Throws `Complaint`, or `DatasetError` for a size that is refused.
  func decode(_ bytes: Data) throws -> RawImage {
    try bytes.withUnsafeBytes { buffer in
      let input = buffer.bindMemory(to: UInt8.self)
      let header = try readHeader(input)
      try file.checkSize(width: header.width, height: header.height)
      switch header.colorspace {
      case TJCS_GRAY: return try decode(input, header, TJPF_GRAY, channels: 1)
      case TJCS_CMYK, TJCS_YCCK:
        let inks = try decode(input, header, TJPF_CMYK, channels: 4)
        // Pillow takes every such file as Adobe's, which stores the inks' complements.
        return inks.rgb(fromInksWith: 255)
      default: return try decode(input, header, TJPF_RGB, channels: 3)
      }
    }
  }

  private typealias Header = (width: Int, height: Int, colorspace: TJCS)

  private func readHeader(_ input: UnsafeBufferPointer<UInt8>) throws -> Header {
    var (width, height, subsampling, colorspace): (Int32, Int32, Int32, Int32) = (0, 0, 0, -1)
    let status = tjDecompressHeader3(
      handle, input.baseAddress, UInt(input.count), &width, &height, &subsampling, &colorspace)
    // A subsampling that the library has no name for decodes like the others.
    let isNameless = subsampling < 0 && colorspace >= 0 && width > 0 && height > 0
    guard status == 0 || isNameless else { throw complaint }
    guard colorspace >= 0 else { throw Complaint(message: "it holds tables and no picture") }
    return (Int(width), Int(height), TJCS(UInt32(colorspace)))
  }

  private func decode(
    _ input: UnsafeBufferPointer<UInt8>, _ header: Header, _ format: TJPF, channels: Int
  ) throws -> RawImage {
    let count = header.width * header.height * channels
    let samples = try [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
      // Without TJFLAG_STOPONWARNING a file cut short would decode to grey below the cut.
      let status = tjDecompress2(
        handle, input.baseAddress, UInt(input.count), output.baseAddress, Int32(header.width), 0,
        Int32(header.height), Int32(format.rawValue),
        TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS)
      guard status == 0 else { throw complaint }
      initialized = count
    }
    return RawImage(
      width: header.width, height: header.height, channels: channels, samples: .bytes(samples))
  }
}
