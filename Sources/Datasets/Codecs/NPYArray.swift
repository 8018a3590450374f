import Foundation

/// An array in NumPy's NPY format: `[shape...]`, C order.
package struct NPYArray: Sendable {
  package enum Elements: Sendable {
    case bytes([UInt8])
    case floats([Float])
    case integers([Int])
    case strings([String])

    package var count: Int {
      switch self {
      case .bytes(let values): values.count
      case .floats(let values): values.count
      case .integers(let values): values.count
      case .strings(let values): values.count
      }
    }
  }

  package let shape: [Int]
  package let elements: Elements

  package init(shape: [Int], elements: Elements) {
    self.shape = shape
    self.elements = elements
  }
}

// What labels may be stored as.
extension NPYArray {
  /// The elements as class indices, when they are integers.
  package var indices: [Int]? {
    switch elements {
    case .bytes(let values): values.map { Int($0) }
    case .integers(let values): values
    case .floats, .strings: nil
    }
  }

  /// The elements as integers of any type, floats included when every one is whole.
  ///
  /// Nil for floats of 2²⁴ and more: there not every whole number has a float.
  package var wholeNumbers: [Int]? {
    guard case .floats(let values) = elements else { return indices }
    let limit: Float = 16_777_216
    guard values.allSatisfy({ abs($0) < limit && $0 == $0.rounded() }) else { return nil }
    return values.map { Int($0) }
  }

  /// For `[n, k]` with k of 2 or more and exactly one 1 beside zeros in each row: where the 1 is.
  package var oneHotIndices: [Int]? {
    guard shape.count == 2, shape[1] >= 2, let values = wholeNumbers else { return nil }
    var result: [Int] = []
    for start in stride(from: 0, to: values.count, by: shape[1]) {
      let row = values[start..<start + shape[1]]
      guard row.allSatisfy({ $0 == 0 || $0 == 1 }), row.reduce(0, +) == 1,
        let one = row.firstIndex(of: 1)
      else { return nil }
      result.append(one - start)
    }
    return result
  }

  package var strings: [String]? {
    guard case .strings(let values) = elements else { return nil }
    return values
  }
}

extension NPYArray {
  /// The bytes of an NPY file of Float32, version 1.0.
  package static func encode(_ values: [Float], shape: [Int]) -> Data {
    values.withUnsafeBytes { encode($0, type: "<f4", shape: shape) }
  }

  /// The bytes of an NPY file of Int64, version 1.0.
  package static func encode(_ values: [Int64], shape: [Int]) -> Data {
    values.withUnsafeBytes { encode($0, type: "<i8", shape: shape) }
  }

  /// The bytes of an NPY file of truth values, version 1.0.
  package static func encode(_ values: [Bool], shape: [Int]) -> Data {
    values.map { UInt8($0 ? 1 : 0) }.withUnsafeBytes { encode($0, type: "|b1", shape: shape) }
  }

  private static func encode(
    _ bytes: UnsafeRawBufferPointer, type: String, shape: [Int]
  ) -> Data {
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }"
    let padding = 63 - (10 + header.utf8.count) % 64
    header += String(repeating: " ", count: padding) + "\n"
    var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0])
    withUnsafeBytes(of: UInt16(header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: header.utf8)
    data.append(contentsOf: bytes)
    return data
  }
}
