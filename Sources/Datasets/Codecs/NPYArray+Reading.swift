import Foundation

extension NPYArray {
  /// Reads an array: versions 1 to 3, either byte order, either axis order; integers, floats,
  /// truth values and strings.
  ///
  /// `path`: what messages call it.
  ///
  /// Throws `DatasetError`.
  package init(_ data: Data, path: String) throws {
    let bytes = [UInt8](data)
    guard bytes.count >= 12, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw DatasetError.malformed(path: path, reason: "not a NumPy array")
    }
    guard (1...3).contains(bytes[6]) else {
      throw DatasetError.malformed(
        path: path, reason: "version \(bytes[6]) of NumPy's format is not known")
    }
    let lengthBytes = bytes[6] == 1 ? 2 : 4
    let headerStart = 8 + lengthBytes
    let start = (0..<lengthBytes).reduce(headerStart) { $0 + Int(bytes[8 + $1]) << (8 * $1) }
    guard start <= bytes.count else {
      throw DatasetError.truncated(path: path, expected: start, found: bytes.count)
    }
    guard let header = NPYHeader(bytes[headerStart..<start]) else {
      throw DatasetError.malformed(path: path, reason: "the header is damaged")
    }
    guard let type = header.type else {
      throw DatasetError.malformed(
        path: path,
        reason: "it holds records of several fields; save the field that is meant by itself")
    }
    self = try NPYArray(
      bytes[start...], type: type, shape: header.shape, isColumnMajor: header.isColumnMajor,
      path: path)
  }

  /// Reads the elements that follow a header.
  ///
  /// `type`: NumPy's short name, such as `<f4`.
  init(
    _ bytes: ArraySlice<UInt8>, type: String, shape: [Int], isColumnMajor: Bool, path: String
  ) throws {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow, product <= 1 << 40 else {
        throw DatasetError.malformed(path: path, reason: "the shape \(shape) is impossible")
      }
      count = product
    }
    let elements = try NPYElements(bytes, count: count, path: path).decode(type)
    self.init(
      shape: shape, elements: isColumnMajor ? elements.transposed(from: shape) : elements)
  }
}

/// Elements as they are stored.
private struct NPYElements {
  let bytes: ArraySlice<UInt8>
  let count: Int
  let path: String

  init(_ bytes: ArraySlice<UInt8>, count: Int, path: String) {
    self.bytes = bytes
    self.count = count
    self.path = path
  }

  /// Decodes as `type` says: byte order `<`, `>`, `=` or `|`, a letter, and the size in bytes.
  func decode(_ type: String) throws -> NPYArray.Elements {
    let order = type.first ?? " "
    let isBigEndian = order == ">"
    let kind = "<>=|".contains(order) ? String(type.dropFirst()) : type
    switch kind {
    case "u1": return .bytes(try integers(UInt8.self, isBigEndian))
    case "b1":
      return .integers(try integers(UInt8.self, isBigEndian).map { $0 == 0 ? 0 : 1 })
    case "i1": return .integers(try integers(Int8.self, isBigEndian).map { Int($0) })
    case "i2": return .integers(try integers(Int16.self, isBigEndian).map { Int($0) })
    case "u2": return .integers(try integers(UInt16.self, isBigEndian).map { Int($0) })
    case "i4": return .integers(try integers(Int32.self, isBigEndian).map { Int($0) })
    case "u4": return .integers(try integers(UInt32.self, isBigEndian).map { Int($0) })
    case "i8": return .integers(try integers(Int64.self, isBigEndian).map { Int($0) })
    case "u8": return .integers(try integers(UInt64.self, isBigEndian).map(wholeNumber))
    case "f2":
      return .floats(
        try integers(UInt16.self, isBigEndian).map { Float(Float16(bitPattern: $0)) })
    case "f4":
      return .floats(try integers(UInt32.self, isBigEndian).map { Float(bitPattern: $0) })
    case "f8":
      return .floats(try integers(UInt64.self, isBigEndian).map { Float(Double(bitPattern: $0)) })
    default:
      break
    }
    if let letter = kind.first, "SaU".contains(letter), let length = Int(kind.dropFirst()) {
      return .strings(try strings(letter == "U" ? 4 : 1, length, isBigEndian))
    }
    if kind.hasPrefix("O") {
      throw DatasetError.malformed(
        path: path,
        reason: "it holds Python objects (element type '\(type)'), which are not read; save it "
          + "with .astype(\"uint8\"), .astype(\"float32\") or .astype(str)")
    }
    throw DatasetError.malformed(
      path: path, reason: "element type '\(type)' is not supported; use uint8 or float32")
  }

  private func wholeNumber(_ value: UInt64) throws -> Int {
    guard let result = Int(exactly: value) else {
      throw DatasetError.malformed(
        path: path, reason: "it holds \(value), which is beyond 64-bit signed integers")
    }
    return result
  }

  private func checkSize(_ size: Int) throws {
    guard bytes.count >= size else {
      throw DatasetError.truncated(path: path, expected: size, found: bytes.count)
    }
  }

  private func integers<Value: FixedWidthInteger>(
    _: Value.Type, _ isBigEndian: Bool
  ) throws -> [Value] {
    let size = MemoryLayout<Value>.size
    try checkSize(count * size)
    return bytes.withUnsafeBytes { raw in
      (0..<count).map {
        let value = raw.loadUnaligned(fromByteOffset: $0 * size, as: Value.self)
        return isBigEndian ? Value(bigEndian: value) : Value(littleEndian: value)
      }
    }
  }

  /// Strings of a fixed length, padded with zeros; `unit`: 4 bytes for Unicode, 1 for bytes.
  private func strings(_ unit: Int, _ length: Int, _ isBigEndian: Bool) throws -> [String] {
    // Without bytes of their own, any number of strings would fit in an empty file.
    guard length > 0, length <= 1 << 20 else {
      guard count == 0 else {
        throw DatasetError.malformed(path: path, reason: "it holds strings of length \(length)")
      }
      return []
    }
    try checkSize(count * unit * length)
    let size = unit * length
    return (0..<count).map { index in
      let start = bytes.startIndex + index * size
      let stored = bytes[start..<start + size]
      guard unit == 4 else {
        let end = (stored.lastIndex { $0 != 0 }).map { $0 + 1 } ?? start
        return String(decoding: stored[..<end], as: UTF8.self)
      }
      var scalars = (0..<length).map { position in
        (0..<4).reduce(UInt32(0)) { value, byte in
          let place = isBigEndian ? 3 - byte : byte
          return value | UInt32(stored[start + 4 * position + byte]) << UInt32(8 * place)
        }
      }
      while scalars.last == 0 { scalars.removeLast() }
      return String(
        String.UnicodeScalarView(scalars.map { Unicode.Scalar($0) ?? "\u{fffd}" }))
    }
  }
}

extension NPYArray.Elements {
  /// Elements stored with the first axis fastest, with the last one fastest.
  fileprivate func transposed(from shape: [Int]) -> Self {
    switch self {
    case .bytes(let values): .bytes(rowMajor(values, shape))
    case .floats(let values): .floats(rowMajor(values, shape))
    case .integers(let values): .integers(rowMajor(values, shape))
    case .strings(let values): .strings(rowMajor(values, shape))
    }
  }
}

private func rowMajor<Value>(_ values: [Value], _ shape: [Int]) -> [Value] {
  var index = [Int](repeating: 0, count: shape.count)
  var strides: [Int] = []
  var stride = 1
  for extent in shape {
    strides.append(stride)
    stride *= extent
  }
  return values.indices.map { _ in
    let value = values[zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 }]
    var axis = shape.count - 1
    while axis >= 0 {
      index[axis] += 1
      if index[axis] < shape[axis] { break }
      index[axis] = 0
      axis -= 1
    }
    return value
  }
}
