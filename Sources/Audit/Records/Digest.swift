import COpenSSL
import Foundation

/// SHA-256 by OpenSSL, as lower-case hexadecimal.
package enum Digest {
  package static func sha256(_ data: Data) -> String {
    data.withUnsafeBytes { sha256($0) }
  }

  package static func sha256(_ floats: [Float]) -> String {
    floats.withUnsafeBytes { sha256($0) }
  }

  package static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var length: UInt32 = 0
    let status = EVP_Digest(
      bytes.baseAddress, bytes.count, &digest, &length, EVP_sha256(), nil)
    precondition(status == 1, "OpenSSL refused SHA-256")
    return digest.prefix(Int(length)).map { String(format: "%02x", $0) }.joined()
  }
}
