import CGIF
import Foundation

/// GIF by giflib: the first picture on its screen.
///
/// As in Pillow, what the picture leaves free of the screen has the transparent colour when there
/// is one, otherwise colour 0, and the screen grows when the picture is larger.
enum GIFCodec: ImageCodec {
  static func recognises(_ bytes: Data) -> Bool {
    bytes.starts(with: Data("GIF87a".utf8)) || bytes.starts(with: Data("GIF89a".utf8))
  }

  static func decode(_ file: ImageFile) throws -> RawImage {
    let source = GIFSource(file.bytes)
    return try withExtendedLifetime(source) {
      var status: Int32 = 0
      let user = Unmanaged.passUnretained(source).toOpaque()
      guard let gif = DGifOpen(user, GIFSource.read, &status) else {
        throw file.corrupt(message(status))
      }
      defer { DGifCloseFile(gif, nil) }
      let transparent = try seekPicture(gif, file)
      guard DGifGetImageDesc(gif) == GIF_OK else { throw file.corrupt(message(gif.pointee.Error)) }
      return try picture(gif, transparent, file)
    }
  }

  /// Reads up to the first picture; returns the index of the transparent colour, if any.
  private static func seekPicture(
    _ gif: UnsafeMutablePointer<GifFileType>, _ file: ImageFile
  ) throws -> Int? {
    var transparent: Int?
    while true {
      var kind = UNDEFINED_RECORD_TYPE
      guard DGifGetRecordType(gif, &kind) == GIF_OK else {
        throw file.corrupt(message(gif.pointee.Error))
      }
      switch kind {
      case IMAGE_DESC_RECORD_TYPE: return transparent
      case TERMINATE_RECORD_TYPE: throw file.corrupt("it holds no picture")
      default:
        var code: Int32 = 0
        var block: UnsafeMutablePointer<UInt8>?
        guard DGifGetExtension(gif, &code, &block) == GIF_OK else {
          throw file.corrupt(message(gif.pointee.Error))
        }
        // A block begins with its length; of the graphics control, flags and colour follow.
        if code == GRAPHICS_EXT_FUNC_CODE, let block, block[0] >= 4, block[1] & 1 != 0 {
          transparent = Int(block[4])
        }
        while block != nil {
          guard DGifGetExtensionNext(gif, &block) == GIF_OK else {
            throw file.corrupt(message(gif.pointee.Error))
          }
        }
      }
    }
  }

  private static func picture(
    _ gif: UnsafeMutablePointer<GifFileType>, _ transparent: Int?, _ file: ImageFile
  ) throws -> RawImage {
    let frame = gif.pointee.Image
    let (left, top) = (Int(frame.Left), Int(frame.Top))
    let (frameWidth, frameHeight) = (Int(frame.Width), Int(frame.Height))
    let width = max(Int(gif.pointee.SWidth), left + frameWidth)
    let height = max(Int(gif.pointee.SHeight), top + frameHeight)
    try file.checkSize(width: frameWidth, height: frameHeight)
    try file.checkSize(width: width, height: height)
    var indices = [UInt8](repeating: UInt8(transparent ?? 0), count: width * height)
    let passes = frame.Interlace ? [(0, 8), (4, 8), (2, 4), (1, 2)] : [(0, 1)]
    for (first, step) in passes {
      for row in stride(from: first, to: frameHeight, by: step) {
        let start = (top + row) * width + left
        let status = indices[start..<start + frameWidth].withUnsafeMutableBufferPointer {
          DGifGetLine(gif, $0.baseAddress, Int32(frameWidth))
        }
        guard status == GIF_OK else { throw file.corrupt(message(gif.pointee.Error)) }
      }
    }
    let palette = palette(frame.ColorMap ?? gif.pointee.SColorMap)
    return try RawImage.indexed(
      width: width, height: height, indices: indices, palette: palette
    ) { file.corrupt("a pixel has colour \($0), and the palette only \(palette.count)") }
  }

  /// The colours of a map; a ramp of greys when there is none.
  private static func palette(
    _ map: UnsafeMutablePointer<ColorMapObject>?
  ) -> [(UInt8, UInt8, UInt8)] {
    guard let map, let colors = map.pointee.Colors else {
      return (0...255).map { (UInt8($0), UInt8($0), UInt8($0)) }
    }
    return (0..<Int(map.pointee.ColorCount)).map {
      (colors[$0].Red, colors[$0].Green, colors[$0].Blue)
    }
  }

  private static func message(_ status: Int32) -> String {
    GifErrorString(status).map { String(cString: $0) } ?? "giflib's error \(status)"
  }
}

/// Bytes that giflib reads one after the other.
private final class GIFSource {
  private let bytes: Data
  private var position = 0

  init(_ bytes: Data) {
    self.bytes = bytes
  }

  static let read: InputFunc = { gif, target, count in
    guard let user = gif?.pointee.UserData, let target, count > 0 else { return 0 }
    let source = Unmanaged<GIFSource>.fromOpaque(user).takeUnretainedValue()
    let available = min(Int(count), source.bytes.count - source.position)
    source.bytes.copyBytes(to: target, from: source.position..<source.position + available)
    source.position += available
    return Int32(available)
  }
}
