import CZlib
import Foundation

/// Reads a whole file, unpacking it when it is gzip.
func readPossiblyGzipped(_ path: DatasetPath) throws -> [UInt8] {
  guard let file = gzopen(path.path, "rb") else {
    throw DatasetError.unreadable(
      path: path.path, reason: path.exists ? "permission denied" : "there is no such file")
  }
  defer { gzclose(file) }
  gzbuffer(file, 1 << 18)
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 1 << 18)
  while true {
    let count = gzread(file, &block, UInt32(block.count))
    if count > 0 {
      bytes += block[..<Int(count)]
      guard bytes.count <= 1 << 34 else {
        throw DatasetError.malformed(
          path: path.path, reason: "it unpacks to more than 16 GiB; unpack it yourself")
      }
      continue
    }
    var status: Int32 = 0
    let message = gzerror(file, &status).map { String(cString: $0) } ?? ""
    // A stream that ends inside reports Z_BUF_ERROR without failing the read.
    guard count == 0, status == Z_OK || status == Z_STREAM_END else {
      throw DatasetError.malformed(
        path: path.path, reason: "the gzip stream is damaged or ends early (\(message))")
    }
    return bytes
  }
}
