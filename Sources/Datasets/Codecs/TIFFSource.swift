import CTIFF
import Foundation

/// A TIFF file in memory as libtiff reads it, with what libtiff says against it.
final class TIFFSource {
  let file: ImageFile
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var complaints: [String] = []
  private var tiff: OpaquePointer?

  private init(_ file: ImageFile, _ bytes: UnsafeRawBufferPointer) {
    self.file = file
    self.bytes = bytes
  }

  /// Opens a file for the time of `body`.
  ///
  /// Throws what `body` throws, or `DatasetError.corruptImage` with libtiff's message.
  static func open<Result>(
    _ file: ImageFile, _ body: (TIFFSource) throws -> Result
  ) throws -> Result {
    try file.bytes.withUnsafeBytes { buffer in
      let source = TIFFSource(file, buffer)
      return try withExtendedLifetime(source) {
        let options = TIFFOpenOptionsAlloc()
        defer { TIFFOpenOptionsFree(options) }
        let user = Unmanaged.passUnretained(source).toOpaque()
        TIFFOpenOptionsSetMaxSingleMemAlloc(options, 1 << 30)
        TIFFOpenOptionsSetErrorHandlerExtR(options, reportError, user)
        TIFFOpenOptionsSetWarningHandlerExtR(options, reportWarning, user)
        guard
          let tiff = TIFFClientOpenExt(
            "picture", "r", user, read, refuseWriting, seek, close, size, map, unmap, options)
        else { throw source.failure }
        defer { TIFFClose(tiff) }
        source.tiff = tiff
        let result = try body(source)
        // Some decoders of libtiff report an error and go on.
        guard source.complaints.isEmpty else { throw source.failure }
        return result
      }
    }
  }

  private var failure: DatasetError {
    file.corrupt(complaints.first ?? "libtiff cannot read it")
  }

  // MARK: Tags

  func number16(_ tag: Int32) -> Int? {
    var value: UInt16 = 0
    return field(tag, &value) ? Int(value) : nil
  }

  func number32(_ tag: Int32) -> Int? {
    var value: UInt32 = 0
    return field(tag, &value) ? Int(value) : nil
  }

  private func field<Value>(_ tag: Int32, _ value: inout Value) -> Bool {
    withUnsafeMutablePointer(to: &value) { pointer in
      withVaList([pointer]) { TIFFVGetFieldDefaulted(tiff, UInt32(tag), $0) != 0 }
    }
  }

  var extraSamples: [Int] {
    var count: UInt16 = 0
    var values: UnsafeMutablePointer<UInt16>?
    return withUnsafeMutablePointer(to: &count) { count in
      withUnsafeMutablePointer(to: &values) { values in
        let found = withVaList([count, values]) {
          TIFFVGetFieldDefaulted(tiff, UInt32(TIFFTAG_EXTRASAMPLES), $0) != 0
        }
        guard found, let list = values.pointee else { return [] }
        return (0..<Int(count.pointee)).map { Int(list[$0]) }
      }
    }
  }

  /// The first `entries` colours of the palette; empty when there is none.
  func palette(entries: Int) -> [(UInt8, UInt8, UInt8)] {
    var maps = [UnsafeMutablePointer<UInt16>?](repeating: nil, count: 3)
    let found = maps.withUnsafeMutableBufferPointer { buffer in
      guard let first = buffer.baseAddress else { return false }
      return withVaList([first, first + 1, first + 2]) {
        TIFFVGetField(tiff, UInt32(TIFFTAG_COLORMAP), $0) != 0
      }
    }
    guard found, let red = maps[0], let green = maps[1], let blue = maps[2] else { return [] }
    return (0..<entries).map {
      (UInt8(red[$0] >> 8), UInt8(green[$0] >> 8), UInt8(blue[$0] >> 8))
    }
  }

  /// Has JPEG data decoded to red, green and blue.
  func decodesToRGB() {
    _ = withVaList([JPEGCOLORMODE_RGB]) {
      TIFFVSetField(tiff, UInt32(TIFFTAG_JPEGCOLORMODE), $0)
    }
  }

  // MARK: Samples

  /// One plane as bytes, `[h, w, samples]`: fewer bits spread to a byte each, of 16 the upper 8.
  func plane(_ index: Int, _ layout: TIFFLayout) throws -> [UInt8] {
    let perRow = layout.width * layout.samplesPerPlane
    let rowSize = (perRow * layout.bits + 7) / 8
    let packed =
      TIFFIsTiled(tiff) != 0
      ? try tiles(index, layout, rowSize: rowSize) : try strips(index, layout, rowSize: rowSize)
    switch layout.bits {
    case 8: return packed
    case 16:
      return packed.withUnsafeBytes { raw in
        (0..<perRow * layout.height).map {
          UInt8(raw.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self) >> 8)
        }
      }
    default:
      return (0..<layout.height).flatMap { row in
        unpackBits(
          packed[row * rowSize..<(row + 1) * rowSize], bits: layout.bits, count: perRow)
      }
    }
  }

  private func strips(_ plane: Int, _ layout: TIFFLayout, rowSize: Int) throws -> [UInt8] {
    guard TIFFScanlineSize(tiff) == rowSize else { throw file.corrupt("its rows have two sizes") }
    let rows = min(layout.height, number32(TIFFTAG_ROWSPERSTRIP) ?? layout.height)
    guard rows > 0 else { throw file.corrupt("its strips have no rows") }
    var samples = [UInt8](repeating: 0, count: rowSize * layout.height)
    for first in stride(from: 0, to: layout.height, by: rows) {
      let size = rowSize * min(rows, layout.height - first)
      let strip = TIFFComputeStrip(tiff, UInt32(first), UInt16(plane))
      let found = samples[first * rowSize..<first * rowSize + size].withUnsafeMutableBytes {
        TIFFReadEncodedStrip(tiff, strip, $0.baseAddress, tmsize_t(size))
      }
      guard found == size else { throw failure }
    }
    return samples
  }

  private func tiles(_ plane: Int, _ layout: TIFFLayout, rowSize: Int) throws -> [UInt8] {
    let width = number32(TIFFTAG_TILEWIDTH) ?? 0
    let height = number32(TIFFTAG_TILELENGTH) ?? 0
    let tileRowSize = (width * layout.samplesPerPlane * layout.bits + 7) / 8
    let size = tileRowSize * height
    try file.checkSize(width: width, height: height)
    guard width.isMultiple(of: 8), TIFFTileSize(tiff) == size else {
      throw file.corrupt("its tiles are \(height)×\(width)")
    }
    var samples = [UInt8](repeating: 0, count: rowSize * layout.height)
    var tile = [UInt8](repeating: 0, count: size)
    for top in stride(from: 0, to: layout.height, by: height) {
      for left in stride(from: 0, to: layout.width, by: width) {
        let number = TIFFComputeTile(tiff, UInt32(left), UInt32(top), 0, UInt16(plane))
        guard TIFFReadEncodedTile(tiff, number, &tile, tmsize_t(size)) == size else {
          throw failure
        }
        let start = left * layout.samplesPerPlane * layout.bits / 8
        let length = min(tileRowSize, rowSize - start)
        for row in 0..<min(height, layout.height - top) {
          let target = (top + row) * rowSize + start
          samples.replaceSubrange(
            target..<target + length, with: tile[row * tileRowSize..<row * tileRowSize + length])
        }
      }
    }
    return samples
  }

  // MARK: What libtiff calls

  private static func source(_ user: UnsafeMutableRawPointer?) -> TIFFSource? {
    user.map { Unmanaged<TIFFSource>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func text(_ format: UnsafePointer<CChar>?, _ values: CVaListPointer?) -> String {
    guard let format, let values else { return "unknown" }
    var buffer = [CChar](repeating: 0, count: 512)
    vsnprintf(&buffer, buffer.count, format, values)
    return String(
      decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static let reportError: TIFFErrorHandlerExtR = { _, user, _, format, values in
    TIFFSource.source(user)?.complaints.append(TIFFSource.text(format, values))
    return 1
  }

  /// Warnings are about tags, but for those of libjpeg, which are about damaged data.
  private static let reportWarning: TIFFErrorHandlerExtR = { _, user, module, format, values in
    if let module, String(cString: module) == "JPEGLib" {
      TIFFSource.source(user)?.complaints.append(TIFFSource.text(format, values))
    }
    return 1
  }

  private static let read: TIFFReadWriteProc = { user, target, count in
    guard let source = TIFFSource.source(user), let target, let start = source.bytes.baseAddress
    else { return 0 }
    let available = max(0, min(Int(count), source.bytes.count - source.position))
    target.copyMemory(from: start + source.position, byteCount: available)
    source.position += available
    return tmsize_t(available)
  }

  private static let refuseWriting: TIFFReadWriteProc = { _, _, _ in 0 }

  private static let seek: TIFFSeekProc = { user, offset, origin in
    guard let source = TIFFSource.source(user) else { return UInt64.max }
    let base =
      switch origin {
      case SEEK_CUR: source.position
      case SEEK_END: source.bytes.count
      default: 0
      }
    let (target, overflow) = base.addingReportingOverflow(Int(truncatingIfNeeded: offset))
    guard !overflow, target >= 0, target <= source.bytes.count else { return UInt64.max }
    source.position = target
    return UInt64(target)
  }

  private static let close: TIFFCloseProc = { _ in 0 }

  private static let size: TIFFSizeProc = { user in
    UInt64(TIFFSource.source(user)?.bytes.count ?? 0)
  }

  private static let map: TIFFMapFileProc = { _, _, _ in 0 }
  private static let unmap: TIFFUnmapFileProc = { _, _, _ in }
}
