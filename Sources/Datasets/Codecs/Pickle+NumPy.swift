/// The names that a pickled array refers to.
package enum PickledName: Sendable {
  case array
  case dataType
  /// An empty array that a state fills.
  case reconstruct
  /// An array from its bytes, of protocol 5.
  case fromBuffer
  case scalar
  /// Bytes from a text, which older protocols write instead.
  case encode

  init?(module: String, name: String) {
    switch (module, name) {
    case ("numpy", "ndarray"): self = .array
    case ("numpy", "dtype"): self = .dataType
    case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"):
      self = .reconstruct
    case ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"):
      self = .scalar
    case ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"):
      self = .fromBuffer
    case ("_codecs", "encode"): self = .encode
    default: return nil
    }
  }
}

/// The type of a pickled array's elements.
package struct NumPyType: Sendable {
  /// A letter and the size in bytes, such as `u1`.
  let kind: String
  var byteOrder = "<"

  var name: String { byteOrder + kind }
}

extension PickleMachine {
  /// What one of the known names makes of its arguments.
  mutating func call(_ name: PickledName, _ arguments: [Pickle.Node]) throws -> Pickle.Value {
    switch name {
    case .array: throw refused("'numpy.ndarray' as a function")
    case .reconstruct:
      guard case .name(.array)? = arguments.first.map({ values[$0] }) else { throw damaged }
      return .emptyArray
    case .dataType:
      guard let kind = arguments.first.flatMap(text) else { throw damaged }
      return .type(NumPyType(kind: kind))
    case .encode:
      guard let content = arguments.first, case .text(let text) = values[content] else {
        throw damaged
      }
      try spend(text.unicodeScalars.count)
      return .bytes(
        try text.unicodeScalars.map { scalar in
          guard let byte = UInt8(exactly: scalar.value) else { throw damaged }
          return byte
        })
    case .scalar:
      guard arguments.count == 2, case .type(let type) = values[arguments[0]],
        case .bytes(let bytes) = values[arguments[1]]
      else { throw damaged }
      return .array(try array(bytes, type, shape: [], isColumnMajor: false))
    case .fromBuffer:
      guard arguments.count == 4, case .bytes(let bytes) = values[arguments[0]],
        case .type(let type) = values[arguments[1]], let order = text(arguments[3])
      else { throw damaged }
      return .array(
        try array(bytes, type, shape: try shape(arguments[2]), isColumnMajor: order == "F"))
    }
  }

  /// A type or an array with the state that follows it.
  mutating func built(_ target: Pickle.Value, from state: [Pickle.Node]) throws -> Pickle.Value {
    switch target {
    case .type(var type):
      guard state.count > 1, let order = text(state[1]) else { throw damaged }
      type.byteOrder = order
      return .type(type)
    case .emptyArray:
      guard state.count == 5, case .type(let type) = values[state[2]],
        case .flag(let isColumnMajor) = isColumnMajor(state[3])
      else { throw damaged }
      guard case .bytes(let bytes) = values[state[4]] else {
        throw refused("an array of Python objects")
      }
      return .array(
        try array(bytes, type, shape: try shape(state[1]), isColumnMajor: isColumnMajor))
    default:
      throw damaged
    }
  }

  private mutating func array(
    _ bytes: [UInt8], _ type: NumPyType, shape: [Int], isColumnMajor: Bool
  ) throws -> NPYArray {
    try spend(bytes.count)
    return try NPYArray(
      bytes[...], type: type.name, shape: shape, isColumnMajor: isColumnMajor, path: path)
  }

  /// Protocols before 2 write a truth value as a number.
  private func isColumnMajor(_ node: Pickle.Node) -> Pickle.Value {
    if case .number(let number) = values[node] { return .flag(number != 0) }
    return values[node]
  }

  private func text(_ node: Pickle.Node) -> String? {
    switch values[node] {
    case .text(let text): text
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    default: nil
    }
  }

  private func shape(_ node: Pickle.Node) throws -> [Int] {
    guard case .sequence(let nodes) = values[node], nodes.count <= 32 else { throw damaged }
    return try nodes.map {
      guard case .number(let extent) = values[$0] else { throw damaged }
      return extent
    }
  }
}
