import Foundation

/// `y = x Φ(x)` with the normal distribution's `Φ`, or its approximation by `tanh`.
///
/// Shapes: `x [...] → y [...]`. ONNX `Gelu`, opsets 20–28. Exporters before write its formula, which
/// the compiler turns into it.
struct Gelu: Operator {
  static let type = "Gelu"

  private let usesTanh: Bool

  init(_ node: NodeReader) throws {
    let name = try node.string("approximate", default: "none")
    guard ["none", "tanh"].contains(name) else {
      throw node.failure("approximation '\(name)' is not supported")
    }
    usesTanh = name == "tanh"
  }

  init() {
    usesTanh = false
  }
}

extension Gelu: UnaryOperator {
  private func inner(_ x: Float) -> Float { 0.797_884_56 * (x + 0.044_715 * x * x * x) }

  func value(_ x: Float) -> Float {
    usesTanh ? 0.5 * x * (1 + tanh(inner(x))) : 0.5 * x * (1 + erf(x * Float(0.5).squareRoot()))
  }

  func derivative(_ x: Float, _ y: Float) -> Float {
    if usesTanh {
      let t = tanh(inner(x))
      return 0.5 * (1 + t)
        + 0.5 * x * (1 - t * t) * 0.797_884_56 * (1 + 3 * 0.044_715 * x * x)
    }
    let density = exp(-0.5 * x * x) * 0.398_942_28
    return 0.5 * (1 + erf(x * Float(0.5).squareRoot())) + x * density
  }

  var activation: Activation? { usesTanh ? .geluByTanh : .gelu }
}
