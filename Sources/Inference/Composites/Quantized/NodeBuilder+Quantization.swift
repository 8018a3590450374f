import ONNX
import Tensors

// What quantised operators are made of. Sums of products of integers stay integers: Float32 computes
// them exactly below 2²⁴, which no order of summation changes, so that results are those of a machine
// that adds integers. Beyond, a sum is off by at most one part in 2²⁴ for each addition, far
// less than a step of eight bits.
extension NodeBuilder {
  /// Numbers of any kind as floats.
  mutating func float(_ x: String, output: String? = nil) -> String {
    add("Cast", [x], ["to": .int(1)], output: output)
  }

  /// Integers without their zero point, as floats.
  ///
  /// `axis`: what a zero point per channel counts.
  mutating func centred(_ x: String, _ zeroPoint: String?, axis: Int = 0) -> String {
    guard let zeroPoint else { return float(x) }
    return add("Centred", [x, zeroPoint], ["axis": .int(axis)])
  }

  /// The numbers that integers stand for, in steps of `scale`.
  mutating func dequantized(_ x: String, scale: String, _ zeroPoint: String?) -> String {
    add("DequantizeLinear", [x, scale] + (zeroPoint.map { [$0] } ?? []))
  }

  /// What sums of products count in steps of the result: `left · right / result`.
  mutating func factor(_ left: String, _ right: String, over result: String) -> String {
    add("Div", [add("Mul", [left, right]), result])
  }

  /// What stands for `x` in integers, `factor` of whose steps are one of the result's.
  @discardableResult
  mutating func requantized(
    _ x: String, factor: String, zeroPoint: String, axis: Int = 1,
    rounding: Requantize.Rounding = .evenSteps, output: String?
  ) -> String {
    add(
      "Requantize", [x, factor, zeroPoint],
      ["axis": .int(axis), "rounding": .string(rounding.rawValue)], output: output)
  }

  /// A constant that must be one number.
  mutating func scalar(_ x: String) -> String {
    add("Reshape", [x, constant(Tensor([0], [Int64]()))])
  }

  /// The zero point at input `index`, or one that is left out, of the kind of another.
  ///
  /// `others`: inputs of zero points of the same kind.
  ///
  /// Throws `InferenceError.attribute` when no kind is told.
  mutating func zeroPoint(_ node: NodeReader, _ index: Int, like others: [Int]) throws -> String {
    if let stated = node.input(index) { return stated }
    guard let other = others.lazy.compactMap(node.input).first else {
      throw node.failure(
        "without a zero point nothing tells whether its integers are signed; state zero points of 0"
      )
    }
    return add("ZeroPointLike", [other])
  }

  /// Maps `[n, h, w, c]` as `[n, c, h, w]`.
  mutating func channelsFirst(_ x: String) -> String {
    add("Transpose", [x], ["perm": .ints([0, 3, 1, 2])])
  }

  /// Maps `[n, c, h, w]` as `[n, h, w, c]`.
  mutating func channelsLast(_ x: String, output: String) {
    add("Transpose", [x], ["perm": .ints([0, 2, 3, 1])], output: output)
  }
}

extension NodeReader {
  /// The attributes without those that only the node's own operator has.
  func attributes(without names: String...) -> [String: Attribute] {
    node.attributes.filter { !names.contains($0.key) }
  }

  /// Whether maps lie `[n, h, w, c]`.
  var isChannelsLast: Bool {
    get throws { try int("channels_last", default: 0) == 1 }
  }
}
