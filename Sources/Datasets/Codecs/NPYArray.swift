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

  /// The elements as class indices, when they are whole numbers.
  package var indices: [Int]? {
    switch elements {
    case .bytes(let values): values.map { Int($0) }
    case .integers(let values): values
    case .floats, .strings: nil
    }
  }

  /// Reads an array.
  ///
  /// `path`: what messages call it.
  ///
  /// Throws `DatasetError`.
  package init(_ data: Data, path: String) throws {
    let bytes = [UInt8](data)
    guard bytes.count >= 12, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw DatasetError.malformed(path: path, reason: "not a NumPy array")
    }
    let isVersionOne = bytes[6] == 1
    let headerLength =
      isVersionOne
      ? Int(bytes[8]) | Int(bytes[9]) << 8
      : (0..<4).reduce(0) { $0 | Int(bytes[8 + $1]) << (8 * $1) }
    let start = (isVersionOne ? 10 : 12) + headerLength
    guard start <= bytes.count else {
      throw DatasetError.truncated(path: path, expected: start, found: bytes.count)
    }
    let header = String(decoding: bytes[(isVersionOne ? 10 : 12)..<start], as: UTF8.self)
    guard let type = header.firstMatch(of: /'descr':\s*'([^']+)'/)?.1,
      let order = header.firstMatch(of: /'fortran_order':\s*(True|False)/)?.1,
      let extents = header.firstMatch(of: /'shape':\s*\(([^)]*)\)/)?.1
    else { throw DatasetError.malformed(path: path, reason: "the header is damaged") }
    guard order == "False" else {
      throw DatasetError.malformed(
        path: path, reason: "column-major; save it with numpy.ascontiguousarray")
    }
    shape = extents.split(separator: ",").compactMap {
      Int($0.trimmingCharacters(in: .whitespaces))
    }
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow, product <= 1 << 40 else {
        throw DatasetError.malformed(path: path, reason: "the shape \(shape) is impossible")
      }
      count = product
    }
    elements = try NPYArray.decode(
      bytes[start...], type: String(type), count: count, path: path)
  }

  private static func decode(
    _ bytes: ArraySlice<UInt8>, type: String, count: Int, path: String
  ) throws -> Elements {
    func array<Element>(_: Element.Type) throws -> [Element] {
      let size = count * MemoryLayout<Element>.size
      guard bytes.count >= size else {
        throw DatasetError.truncated(path: path, expected: size, found: bytes.count)
      }
      return bytes.withUnsafeBytes { raw in
        (0..<count).map {
          raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.size, as: Element.self)
        }
      }
    }
    switch type {
    case "|u1": return .bytes(try array(UInt8.self))
    case "<f4": return .floats(try array(Float.self))
    case "<f8": return .floats(try array(Double.self).map { Float($0) })
    case "<f2": return .floats(try array(UInt16.self).map { Float(Float16(bitPattern: $0)) })
    case "|i1", "|b1": return .integers(try array(Int8.self).map { Int($0) })
    case "<i2": return .integers(try array(Int16.self).map { Int($0) })
    case "<u2": return .integers(try array(UInt16.self).map { Int($0) })
    case "<i4": return .integers(try array(Int32.self).map { Int($0) })
    case "<u4": return .integers(try array(UInt32.self).map { Int($0) })
    case "<i8": return .integers(try array(Int64.self).map { Int($0) })
    case "<u8": return .integers(try array(UInt64.self).map { Int(truncatingIfNeeded: $0) })
    default:
      throw DatasetError.malformed(
        path: path, reason: "element type '\(type)' is not supported; use uint8 or float32")
    }
  }

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

extension NPYArray {
  package var strings: [String]? { if case .strings(let v) = elements { return v }; return nil }
  package var wholeNumbers: [Int]? {
    if case .floats(let f) = elements { let w = f.compactMap { Int(exactly: $0) }; return w.count == f.count ? w : nil }
    return indices }
  package var oneHotIndices: [Int]? {
    guard shape.count == 2, shape[1] > 1, let w = wholeNumbers else { return nil }
    var out: [Int] = []
    for r in 0..<shape[0] { let row = w[r*shape[1]..<(r+1)*shape[1]]; guard row.filter({ $0 == 1 }).count == 1, row.allSatisfy({ $0 == 0 || $0 == 1 }) else { return nil }; out.append(row.firstIndex(of: 1)! - r*shape[1]) }
    return out }
}
