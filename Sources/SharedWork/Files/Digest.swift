import COpenSSL
import Foundation

/// SHA-256 by OpenSSL, as lower-case hexadecimal.
package enum Digest {
  /// Of a file's or a value's bytes.
  package static func sha256(_ data: Data) -> String {
    data.withUnsafeBytes { sha256($0) }
  }

  /// Of numbers as they lie in memory.
  package static func sha256(_ floats: [Float]) -> String {
    floats.withUnsafeBytes { sha256($0) }
  }

  /// Of any memory.
  package static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    let status = EVP_Digest(
      bytes.baseAddress, bytes.count, &digest, &length, EVP_sha256(), nil)
    precondition(status == 1, "OpenSSL refused SHA-256")
    let digits = Array("0123456789abcdef".utf8)
    let text = digest.prefix(Int(length)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}
