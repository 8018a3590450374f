import Foundation

/// JSON that is the same bytes for the same value: sorted keys, no escaped slashes.
package enum CanonicalJSON {
  /// UTF-8; `pretty` for files that people read.
  ///
  /// - Throws: What encoding throws, also for NaN and infinity, which JSON does not have.
  package static func encode(_ value: some Encodable, pretty: Bool) throws -> Data {
    try encoder(pretty: pretty).encode(value)
  }

  /// For many values, one after the other.
  package static func encoder(pretty: Bool) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty
      ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
      : [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }
}
