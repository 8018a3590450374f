import Foundation
import Tensors

/// Turns ONNX tensors into numbers, wherever their bytes lie.
struct TensorReader {
  let modelPath: String
  private var externalFiles: [String: Data] = [:]

  init(modelPath: String) {
    self.modelPath = modelPath
  }

  mutating func read(_ proto: Onnx_TensorProto) throws -> Tensor {
    let failure = { [modelPath] (reason: String) in
      ModelError.tensor(path: modelPath, tensor: proto.name, reason: reason)
    }
    var count = 1
    for extent in proto.dims {
      guard extent >= 0 else { throw failure("has a negative extent (\(extent))") }
      let (product, overflow) = count.multipliedReportingOverflow(by: Int(extent))
      guard !overflow, product <= 1 << 40 else { throw failure("is impossibly large") }
      count = product
    }
    guard let type = ElementType(rawValue: proto.dataType) else {
      throw failure("has element type \(proto.dataType), which is not supported")
    }
    let elements = try elements(of: proto, type: type, count: count, failure: failure)
    let found =
      switch elements {
      case .float(let values): values.count
      case .int64(let values): values.count
      }
    guard found == count else {
      throw failure("holds \(found) of \(count) elements")
    }
    return Tensor(Shape(proto.dims.map { Int($0) }), elements, type: type)
  }

  private mutating func elements(
    of proto: Onnx_TensorProto, type: ElementType, count: Int, failure: (String) -> ModelError
  ) throws -> Tensor.Elements {
    let isExternal = proto.dataLocation == 1
    if isExternal || !proto.rawData.isEmpty {
      let bytes = isExternal ? try externalBytes(of: proto) : proto.rawData
      guard bytes.count == type.byteCount(count) else {
        throw failure("has \(bytes.count) bytes, \(type.byteCount(count)) expected")
      }
      return type.decode(bytes, count: count)
    }
    switch type {
    case .float: return .float(proto.floatData)
    case .double: return .float(proto.doubleData.map { Float($0) })
    case .float16:
      return .float(
        proto.int32Data.map { Float(Float16(bitPattern: UInt16(truncatingIfNeeded: $0))) })
    case .bfloat16:
      return .float(
        proto.int32Data.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16) })
    case .int64: return .int64(proto.int64Data)
    case .uint32, .uint64:
      return .int64(proto.uint64Data.map { Int64(truncatingIfNeeded: $0) })
    case .int32, .int16, .uint16, .int8, .uint8, .bool:
      return .int64(proto.int32Data.map { Int64($0) })
    default:
      let bytes = Data(proto.int32Data.map { UInt8(truncatingIfNeeded: $0) })
      guard bytes.count == type.byteCount(count) else {
        throw failure("has \(bytes.count) bytes, \(type.byteCount(count)) expected")
      }
      return type.decode(bytes, count: count)
    }
  }

  private mutating func externalBytes(of proto: Onnx_TensorProto) throws -> Data {
    let entries = Dictionary(
      proto.externalData.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    let location = entries["location"] ?? ""
    let data = try file(location, tensor: proto.name)
    let offset = Int(entries["offset"] ?? "0") ?? -1
    let length = entries["length"].map { Int($0) ?? -1 } ?? (data.count - offset)
    let (end, overflow) = offset.addingReportingOverflow(length)
    guard offset >= 0, length >= 0, !overflow, end <= data.count else {
      throw ModelError.externalData(
        path: modelPath, tensor: proto.name, location: location,
        reason: "ends early (\(data.count) bytes)")
    }
    return data.subdata(in: data.startIndex + offset..<data.startIndex + end)
  }

  /// Opens a data file, which must lie in the model's folder or below it.
  private mutating func file(_ location: String, tensor: String) throws -> Data {
    if let data = externalFiles[location] { return data }
    let folder = URL(fileURLWithPath: modelPath).resolvingSymlinksInPath()
      .deletingLastPathComponent().standardizedFileURL
    let url = folder.appendingPathComponent(location).standardizedFileURL
      .resolvingSymlinksInPath()
    let isInside = url.path.hasPrefix(folder.path == "/" ? "/" : folder.path + "/")
    guard !location.isEmpty, !location.hasPrefix("/"), isInside else {
      throw ModelError.externalDataOutside(path: modelPath, tensor: tensor, location: location)
    }
    guard let data = try? Data(contentsOf: url, options: .mappedIfSafe) else {
      throw ModelError.externalData(
        path: modelPath, tensor: tensor, location: location, reason: "cannot be read")
    }
    externalFiles[location] = data
    return data
  }
}

extension ElementType {
  /// Bytes that `count` elements take.
  fileprivate func byteCount(_ count: Int) -> Int { (count * bits + 7) / 8 }

  /// Reads little-endian numbers; the machine is little-endian too.
  fileprivate func decode(_ bytes: Data, count: Int) -> Tensor.Elements {
    switch self {
    case .float: .float(array(bytes, of: Float.self))
    case .double: .float(array(bytes, of: Double.self).map { Float($0) })
    case .float16: .float(array(bytes, of: UInt16.self).map { Float(Float16(bitPattern: $0)) })
    case .bfloat16:
      .float(array(bytes, of: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) })
    case .int64: .int64(array(bytes, of: Int64.self))
    case .uint64: .int64(array(bytes, of: UInt64.self).map { Int64(truncatingIfNeeded: $0) })
    case .int32: .int64(array(bytes, of: Int32.self).map { Int64($0) })
    case .uint32: .int64(array(bytes, of: UInt32.self).map { Int64($0) })
    case .int16: .int64(array(bytes, of: Int16.self).map { Int64($0) })
    case .uint16: .int64(array(bytes, of: UInt16.self).map { Int64($0) })
    case .int8: .int64(array(bytes, of: Int8.self).map { Int64($0) })
    case .uint8, .bool: .int64(array(bytes, of: UInt8.self).map { Int64($0) })
    default: decode(codes: codes(bytes, count: count))
    }
  }

  /// Reads elements of eight bits or fewer, one code each.
  fileprivate func decode(codes: [UInt8]) -> Tensor.Elements {
    guard isInteger else { return .float(codes.map(smallFloat)) }
    let isSigned = (integerRange?.lowerBound ?? 0) < 0
    return .int64(
      codes.map { code in
        let value = Int64(code)
        return isSigned && value >> (bits - 1) != 0 ? value - 1 << bits : value
      })
  }

  /// Splits bytes into codes, the lowest bits first.
  private func codes(_ bytes: Data, count: Int) -> [UInt8] {
    let perByte = 8 / bits
    let mask = UInt8(truncatingIfNeeded: 1 << bits - 1)
    let packed = Array(bytes)
    return (0..<count).map { packed[$0 / perByte] >> (($0 % perByte) * bits) & mask }
  }

  private func array<Element>(_ bytes: Data, of type: Element.Type) -> [Element] {
    let count = bytes.count / MemoryLayout<Element>.stride
    return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      _ = bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
      initialized = count
    }
  }
}
