import CTurboJPEG
import Foundation

/// Decodes JPEG by libjpeg-turbo to grey or red-green-blue bytes, with the accurate transform that
/// PIL uses.
///
/// Orientation tags are not applied, as torchvision's loader does not.
func decodeJPEG(_ bytes: Data, path: String) throws -> RawImage {
  guard let decoder = tjInitDecompress() else {
    throw DatasetError.corruptImage(path: path, reason: "libjpeg-turbo did not start")
  }
  defer { tjDestroy(decoder) }
  func failure() -> DatasetError {
    .corruptImage(
      path: path, reason: tjGetErrorStr2(decoder).map { String(cString: $0) } ?? "unknown")
  }
  return try bytes.withUnsafeBytes { buffer in
    let input = buffer.bindMemory(to: UInt8.self).baseAddress
    var (width, height, subsampling, colorspace): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    guard
      tjDecompressHeader3(
        decoder, input, UInt(buffer.count), &width, &height, &subsampling, &colorspace) == 0
    else { throw failure() }
    let isGrey = colorspace == Int32(TJCS_GRAY.rawValue)
    let channels = isGrey ? 1 : 3
    guard Int(width) * Int(height) <= 1 << 28 else {
      throw DatasetError.corruptImage(path: path, reason: "it claims \(height)×\(width) pixels")
    }
    var samples = [UInt8](repeating: 0, count: Int(width) * Int(height) * channels)
    let format = Int32((isGrey ? TJPF_GRAY : TJPF_RGB).rawValue)
    // Without TJFLAG_STOPONWARNING a file cut short would decode to grey below the cut.
    guard
      tjDecompress2(
        decoder, input, UInt(buffer.count), &samples, width, 0, height, format,
        TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING) == 0
    else { throw failure() }
    return RawImage(
      width: Int(width), height: Int(height), channels: channels, samples: .bytes(samples))
  }
}

/// Decodes a PNG or JPEG file, told by its first bytes.
func decodeImageFile(_ path: DatasetPath) throws -> RawImage {
  let bytes = try path.bytes()
  if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]) { return try decodePNG(bytes, path: path.path) }
  if bytes.starts(with: [0xff, 0xd8]) { return try decodeJPEG(bytes, path: path.path) }
  throw DatasetError.corruptImage(path: path.path, reason: "it is neither PNG nor JPEG")
}

/// File extensions that count as images.
let imageExtensions: Set<String> = ["png", "jpg", "jpeg"]
