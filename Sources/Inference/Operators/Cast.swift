import Tensors

/// The same numbers in another element type.
///
/// Shapes: `x [...] → y [...]`. ONNX `Cast`, opsets 6–28. Activations stay Float32: a cast to a wide
/// float costs nothing, one to a narrower kind rounds.
struct Cast: Operator {
  static let type = "Cast"

  private let target: ElementType
  private let saturates: Bool
  private let roundsUp: Bool

  init(_ node: NodeReader) throws {
    let type = try node.int("to", default: 1)
    guard let target = ElementType(rawValue: Int32(truncatingIfNeeded: type)) else {
      throw node.failure("target element type \(type) is not supported")
    }
    self.target = target
    saturates = try node.int("saturate", default: 1) == 1
    roundsUp = try node.string("round_mode", default: "up") == "up"
  }

  private var rounds: Bool { target.isInteger || target.isSmallFloat }

  func isView(of inputs: [ValueDescription], as output: ValueDescription) -> Bool { !rounds }
}

// A staircase where it rounds: flat wherever it has a derivative.
extension Cast: UnaryOperator {
  func value(_ x: Float) -> Float {
    rounds ? target.cast(x, saturates: saturates, roundsUp: roundsUp) : x
  }

  func derivative(_ x: Float, _ y: Float) -> Float { rounds ? 0 : 1 }

  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let input = inputs[0] else { return nil }
    if target.isInteger {
      if case .int64(let values) = input.elements {
        return [Tensor(input.shape, .int64(values.map(wrapped)), type: target)]
      }
      let values = input.asFloats.map { target.cast($0, saturates: saturates) }
      guard values.allSatisfy({ $0.magnitude <= 0x1p63 }) else {
        throw ShapeMismatch("a constant is too large for an integer")
      }
      let integers = values.map { Int64(exactly: $0) ?? ($0 > 0 ? .max : .min) }
      return [Tensor(input.shape, .int64(integers), type: target)]
    }
    let values = input.asFloats.map {
      target.cast($0, saturates: saturates, roundsUp: roundsUp)
    }
    return [Tensor(input.shape, .float(values), type: target)]
  }

  /// An integer in fewer bits, as processors do it.
  private func wrapped(_ value: Int64) -> Int64 {
    switch target {
    case .bool: value == 0 ? 0 : 1
    case .int8: Int64(Int8(truncatingIfNeeded: value))
    case .uint8: Int64(UInt8(truncatingIfNeeded: value))
    case .int16: Int64(Int16(truncatingIfNeeded: value))
    case .uint16: Int64(UInt16(truncatingIfNeeded: value))
    case .int32: Int64(Int32(truncatingIfNeeded: value))
    case .uint32: Int64(UInt32(truncatingIfNeeded: value))
    default: value
    }
  }
}
