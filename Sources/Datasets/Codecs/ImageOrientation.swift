import Foundation

extension RawImage {
  /// The picture turned or mirrored as an Exif orientation in 1...8 asks; any other is 1.
  func oriented(_ orientation: Int) -> RawImage {
    guard (2...8).contains(orientation), case .bytes(let source) = samples else { return self }
    let swapsAxes = orientation >= 5
    let (newWidth, newHeight) = swapsAxes ? (height, width) : (width, height)
    // Where the new picture's pixel (0, 0) comes from, and the way to its right and below.
    let right = 1 * channels
    let down = width * channels
    let (xStep, yStep) = swapsAxes ? (down, right) : (right, down)
    let flipsX = [2, 3, 6, 7].contains(orientation)
    let flipsY = [3, 4, 7, 8].contains(orientation)
    let start = (flipsX ? (newWidth - 1) * xStep : 0) + (flipsY ? (newHeight - 1) * yStep : 0)
    var turned: [UInt8] = []
    turned.reserveCapacity(source.count)
    for y in 0..<newHeight {
      for x in 0..<newWidth {
        let from = start + (flipsX ? -x : x) * xStep + (flipsY ? -y : y) * yStep
        turned.append(contentsOf: source[from..<from + channels])
      }
    }
    return RawImage(
      width: newWidth, height: newHeight, channels: channels, samples: .bytes(turned))
  }
}

/// The orientation that Exif data asks for, or else XMP data, as Pillow's `getexif` takes it.
///
/// `exif`: a TIFF structure, with "Exif\0\0" before it or not. Values outside 1...8 are 1.
func orientation(exif: Data?, xmp: Data?) -> Int {
  let value = exif.flatMap(exifOrientation) ?? xmp.flatMap(xmpOrientation) ?? 1
  return (1...8).contains(value) ? value : 1
}

/// The value of tag 0x0112 in the first directory of a TIFF structure; nil when it has none.
private func exifOrientation(_ data: Data) -> Int? {
  var data = data
  while data.starts(with: Data("Exif\0\0".utf8)) { data = data.dropFirst(6) }
  let isBigEndian = data.starts(with: Data("MM\0\u{2a}".utf8))
  guard isBigEndian || data.starts(with: Data("II\u{2a}\0".utf8)) else { return nil }
  let reader = ByteReader(data, isBigEndian: isBigEndian)
  guard let directory = reader.uint32(at: 4), let count = reader.uint16(at: directory)
  else { return nil }
  for entry in 0..<count {
    let start = directory + 2 + 12 * entry
    guard reader.bytes(at: start, count: 12) != nil else { return nil }
    guard reader.uint16(at: start) == 0x0112 else { continue }
    switch reader.uint16(at: start + 2) {
    case 3: return reader.uint16(at: start + 8)
    case 4: return reader.uint32(at: start + 8)
    default: return nil
    }
  }
  return nil
}

private func xmpOrientation(_ data: Data) -> Int? {
  String(decoding: data, as: UTF8.self).firstMatch(of: /tiff:Orientation(?:="|>)([0-9])/)
    .flatMap { Int($0.1) }
}
