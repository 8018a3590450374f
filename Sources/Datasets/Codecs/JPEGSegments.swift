import Foundation

/// The markers of a JPEG file in their order, found without decoding.
struct JPEGSegments {
  struct Marker {
    /// The second byte, such as 0xda of the marker that begins a scan.
    let code: UInt8
    /// Where its byte 0xff lies.
    let offset: Int
    /// What lies between its length and the next segment; empty for markers without a length.
    let payload: Range<Int>
  }

  let markers: [Marker]

  /// Finds the markers up to the first scan, or with `scans` up to the end of the picture.
  init(_ bytes: Data, scans: Bool = false) {
    markers = bytes.withUnsafeBytes { JPEGSegments.walk($0, scans: scans) }
  }

  private static func walk(_ bytes: UnsafeRawBufferPointer, scans: Bool) -> [Marker] {
    var markers: [Marker] = []
    var position = 0
    while position + 1 < bytes.count {
      let code = bytes[position + 1]
      // Entropy-coded data and bytes between segments are passed over alike: only 0xff with
      // another byte than 0x00 and 0xff is a marker.
      guard bytes[position] == 0xff, code != 0x00, code != 0xff else {
        position += 1
        continue
      }
      let isAlone = code == 0x01 || (0xd0...0xd9).contains(code)
      guard !isAlone, position + 3 < bytes.count else {
        markers.append(Marker(code: code, offset: position, payload: position..<position))
        if code == 0xd9 { break }
        position += 2
        continue
      }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      let end = min(bytes.count, position + 2 + max(2, length))
      markers.append(Marker(code: code, offset: position, payload: position + 4..<end))
      if code == 0xda && !scans { break }
      position = end
    }
    return markers
  }

  /// The payloads of APP1 segments that begin with `prefix`, without it.
  func applicationData(_ bytes: Data, prefix: String) -> [Data] {
    markers.filter { $0.code == 0xe1 }.compactMap { marker in
      let payload = bytes[marker.payload]
      let prefix = Data(prefix.utf8)
      return payload.starts(with: prefix) ? payload.dropFirst(prefix.count) : nil
    }
  }

  /// The kind of compression and the sample precision, from the frame header.
  func frame(_ bytes: Data) -> (code: UInt8, bits: Int, components: Int)? {
    let frames: Set<UInt8> = [
      0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf,
    ]
    guard let marker = markers.first(where: { frames.contains($0.code) }),
      marker.payload.count >= 6
    else { return nil }
    let start = marker.payload.lowerBound
    return (marker.code, Int(bytes[start]), Int(bytes[start + 5]))
  }
}
