/// The kind of number that a model file states, by ONNX's numbers of `TensorProto.DataType`.
///
/// Tensors hold integers as Int64 and everything else as Float32; the kind says what they were, and to
/// what a cast or a quantisation rounds.
package enum ElementType: Int32, Sendable, CaseIterable {
  case float = 1
  case uint8 = 2
  case int8 = 3
  case uint16 = 4
  case int16 = 5
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float16 = 10
  case double = 11
  case uint32 = 12
  case uint64 = 13
  case bfloat16 = 16
  case float8e4m3fn = 17
  case float8e4m3fnuz = 18
  case float8e5m2 = 19
  case float8e5m2fnuz = 20
  case uint4 = 21
  case int4 = 22
  case float4e2m1 = 23
  case float8e8m0 = 24
  case uint2 = 25
  case int2 = 26

  /// Bits of one element in a file.
  package var bits: Int {
    switch self {
    case .uint2, .int2: 2
    case .uint4, .int4, .float4e2m1: 4
    case .uint8, .int8, .bool, .float8e4m3fn, .float8e4m3fnuz, .float8e5m2, .float8e5m2fnuz,
      .float8e8m0:
      8
    case .uint16, .int16, .float16, .bfloat16: 16
    case .float, .int32, .uint32: 32
    case .int64, .uint64, .double: 64
    }
  }

  package var isInteger: Bool {
    switch self {
    case .float, .float16, .double, .bfloat16: false
    default: !isSmallFloat
    }
  }

  package var isSmallFloat: Bool { smallFloat != nil || self == .float8e8m0 }

  /// What integers of up to 16 bits reach.
  package var integerRange: ClosedRange<Float>? {
    guard isInteger, bits <= 16 else { return nil }
    let reach = Float(1 << bits)
    switch self {
    case .bool: return 0...1
    case .int2, .int4, .int8, .int16: return -reach / 2...reach / 2 - 1
    default: return 0...reach - 1
    }
  }

  package var largestFinite: Float {
    self == .float8e8m0 ? 0x1p127 : smallFloat?.largest ?? .greatestFiniteMagnitude
  }

  fileprivate var smallFloat: SmallFloat? {
    switch self {
    case .float8e4m3fn:
      SmallFloat(exponentBits: 4, mantissaBits: 3, bias: 7, largest: 448, overflow: .nan)
    case .float8e4m3fnuz:
      SmallFloat(exponentBits: 4, mantissaBits: 3, bias: 8, largest: 240, overflow: .nan)
    case .float8e5m2:
      SmallFloat(exponentBits: 5, mantissaBits: 2, bias: 15, largest: 57344, overflow: .infinity)
    case .float8e5m2fnuz:
      SmallFloat(exponentBits: 5, mantissaBits: 2, bias: 16, largest: 57344, overflow: .nan)
    case .float4e2m1:
      SmallFloat(exponentBits: 2, mantissaBits: 1, bias: 1, largest: 6, overflow: 6)
    default: nil
    }
  }
}

// MARK: - Rounding

extension ElementType {
  /// The number of this kind nearest to `x`; halves go to even, what is too large to the largest.
  package func quantized(_ x: Float, zeroPoint: Float) -> Float {
    if let range = integerRange {
      let rounded = x.rounded(.toNearestOrEven) + zeroPoint
      return min(max(rounded, range.lowerBound), range.upperBound)
    }
    return cast(x + zeroPoint, saturates: true)
  }

  /// The number that a cast of `x` to this kind gives.
  ///
  /// `saturates`: whether small floats stop at their largest number.
  ///
  /// `roundsUp`: towards which power of two the kind without a mantissa rounds.
  package func cast(_ x: Float, saturates: Bool, roundsUp: Bool = true) -> Float {
    if let smallFloat { return smallFloat.rounded(x, saturates: saturates) }
    switch self {
    case .float, .double: return x
    case .float16: return Float(Float16(x))
    case .bfloat16: return ElementType.bfloat16Rounded(x)
    case .bool: return x == 0 ? 0 : 1
    case .float8e8m0: return ElementType.powerOfTwo(x, saturates: saturates, roundsUp: roundsUp)
    case .int2, .uint2, .int4, .uint4:
      return wrapped(x.rounded(.towardZero))
    default: return x.rounded(.towardZero)
    }
  }

  /// The lowest bits of an integer, as processors narrow it.
  private func wrapped(_ x: Float) -> Float {
    let size = Float(1 << bits)
    let rest = x - (x / size).rounded(.down) * size
    return rest > (integerRange?.upperBound ?? size) ? rest - size : rest
  }

  private static func bfloat16Rounded(_ x: Float) -> Float {
    guard x.isFinite else { return x }
    let bits = x.bitPattern
    let rounded = bits &+ 0x7fff &+ (bits >> 16 & 1)
    return Float(bitPattern: rounded & 0xffff_0000)
  }

  private static func powerOfTwo(_ x: Float, saturates: Bool, roundsUp: Bool) -> Float {
    guard x.isFinite, x >= 0 else { return x == .infinity && saturates ? 0x1p127 : .nan }
    guard x > 0x1p-127 else { return 0x1p-127 }
    let below = Float(sign: .plus, exponent: x.exponent, significand: 1)
    guard x > below, roundsUp else { return below }
    return x.exponent == 127 ? (saturates ? below : .nan) : below * 2
  }
}

/// A float of eight bits or fewer.
private struct SmallFloat {
  let exponentBits: Int
  let mantissaBits: Int
  let bias: Int
  let largest: Float
  /// What stands for numbers beyond the largest.
  let overflow: Float

  func rounded(_ x: Float, saturates: Bool) -> Float {
    guard !x.isNaN else { return overflow.isFinite ? -0.0 : .nan }
    let size = x.magnitude
    let sign: Float = x.sign == .minus ? -1 : 1
    guard size.isFinite else { return sign * (saturates ? largest : overflow) }
    guard size > 0 else { return x }
    let exponent = max(Int(size.exponent), 1 - bias)
    let quantum = Float(sign: .plus, exponent: exponent - mantissaBits, significand: 1)
    let result = (size / quantum).rounded(.toNearestOrEven) * quantum
    return sign * (result > largest ? (saturates ? largest : overflow) : result)
  }

  /// `code`: sign, exponent and mantissa from the highest bit down.
  func decoded(_ code: UInt8, hasNegativeZero: Bool) -> Float {
    let sign: Float = code >> (exponentBits + mantissaBits) == 0 ? 1 : -1
    let exponent = Int(code >> mantissaBits) & (1 << exponentBits - 1)
    let mantissa = Float(code & (1 << mantissaBits - 1)) / Float(1 << mantissaBits)
    let size =
      exponent == 0
      ? Float(sign: .plus, exponent: 1 - bias, significand: 1) * mantissa
      : Float(sign: .plus, exponent: exponent - bias, significand: 1) * (1 + mantissa)
    if size == 0, sign < 0, !hasNegativeZero { return .nan }
    guard size > largest else { return sign * size }
    return overflow.isInfinite && mantissa == 0 ? sign * .infinity : .nan
  }
}

extension ElementType {
  /// The number that the bits of a small float stand for.
  package func smallFloat(_ code: UInt8) -> Float {
    if self == .float8e8m0 {
      return code == 255
        ? .nan : Float(sign: .plus, exponent: Int(code) - 127, significand: 1)
    }
    let hasNegativeZero = self != .float8e4m3fnuz && self != .float8e5m2fnuz
    return smallFloat?.decoded(code, hasNegativeZero: hasNegativeZero) ?? .nan
  }
}
