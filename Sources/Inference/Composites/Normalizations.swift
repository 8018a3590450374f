import ONNX
import Tensors

/// `y = scale[c] · (x − mean) / √(variance + ε) + bias[c]` over each map.
///
/// Shapes: `x [n, c, ...]`, `scale [c]`, `bias [c]` → `y` like `x`. ONNX `InstanceNormalization`,
/// opsets 6–28.
enum InstanceNormalization: CompositeOperator {
  static let type = "InstanceNormalization"
  static let requiredInputs = 3

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let epsilon = try node.float("epsilon", default: 1e-5)
    let inputs = node.node.inputs
    let rows = nodes.add("Reshape", [inputs[0], nodes.integers([0, 0, -1])])
    let normal = nodes.normalized(rows, epsilon: epsilon)
    nodes.scaleChannels(
      normal, scale: inputs[1], bias: inputs[2], like: inputs[0], output: node.node.outputs[0])
    return true
  }
}

/// `y = scale[c] · (x − mean) / √(variance + ε) + bias[c]` over each group of maps.
///
/// Shapes: `x [n, c, ...]`, `scale [c]`, `bias [c]` → `y` like `x`; one scale per group before opset 21.
/// ONNX `GroupNormalization`, opsets 18–28.
enum GroupNormalization: CompositeOperator {
  static let type = "GroupNormalization"
  static let requiredInputs = 3

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let epsilon = try node.float("epsilon", default: 1e-5)
    let groups = try node.int("num_groups", default: 0)
    guard groups > 0 else { throw node.failure("num_groups \(groups) is not supported") }
    let inputs = node.node.inputs
    let rows = nodes.add("Reshape", [inputs[0], nodes.integers([0, groups, -1])])
    let normal = nodes.normalized(rows, epsilon: epsilon)
    var channels = normal
    if node.opset >= 21 {
      let shape = nodes.add("Shape", [inputs[0]], ["start": .int(0), "end": .int(2)])
      let target = nodes.add("Concat", [shape, nodes.integers([-1])], ["axis": .int(0)])
      channels = nodes.add("Reshape", [normal, target])
    }
    nodes.scaleChannels(
      channels, scale: inputs[1], bias: inputs[2], like: inputs[0], output: node.node.outputs[0])
    return true
  }
}

extension NodeBuilder {
  /// `[n, c, l]` scaled and shifted by channel, then in the shape of `original`.
  fileprivate mutating func scaleChannels(
    _ x: String, scale: String, bias: String, like original: String, output: String
  ) {
    let column = integers([-1, 1])
    let scaled = add("Mul", [x, add("Reshape", [scale, column])])
    let shifted = add("Add", [scaled, add("Reshape", [bias, column])])
    add("Reshape", [shifted, add("Shape", [original])], output: output)
  }
}

/// `y = scale · x / √(mean(x²) + ε)` over the last axes.
///
/// Shapes: `x [..., d]`, `scale [d]` → `y [..., d]`. ONNX `RMSNormalization`, opsets 23–28.
enum RMSNormalization: CompositeOperator {
  static let type = "RMSNormalization"
  static let requiredInputs = 2

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let epsilon = try node.float("epsilon", default: 1e-5)
    let axis = try node.int("axis", default: -1)
    let (x, scale) = (node.node.inputs[0], node.node.inputs[1])
    // The axes that are normalised become the last one.
    let flat = nodes.add("Flatten", [x], ["axis": .int(axis)])
    let squares = nodes.add("ReduceMean", [nodes.add("Mul", [flat, flat])], ["axes": .ints([-1])])
    let norm = nodes.add("Sqrt", [nodes.add("Add", [squares, nodes.number(epsilon)])])
    let normal = nodes.add("Div", [flat, norm])
    let shaped = nodes.add("Reshape", [normal, nodes.add("Shape", [x])])
    nodes.add("Mul", [shaped, scale], output: node.node.outputs[0])
    return true
  }
}

/// `LayerNormalization` whose means and deviations are asked for too.
enum LayerNormalizationWithStatistics: CompositeOperator {
  static let type = "LayerNormalization"
  static let requiredInputs = 2

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let outputs = node.node.outputs
    guard outputs.dropFirst().contains(where: { !$0.isEmpty }) else { return false }
    let epsilon = try node.float("epsilon", default: 1e-5)
    let axis = try node.int("axis", default: -1)
    let x = node.node.inputs[0]
    let flat = nodes.add("Flatten", [x], ["axis": .int(axis)])
    let mean = nodes.add("ReduceMean", [flat], ["axes": .ints([-1])])
    let centred = nodes.add("Sub", [flat, mean])
    let squares = nodes.add("Mul", [centred, centred])
    let variance = nodes.add("ReduceMean", [squares], ["axes": .ints([-1])])
    let deviation = nodes.add("Sqrt", [nodes.add("Add", [variance, nodes.number(epsilon)])])
    let normal = nodes.add("Div", [centred, deviation])
    let shaped = nodes.add("Reshape", [normal, nodes.add("Shape", [x])])
    let hasBias = node.hasInput(2)
    let scaled = nodes.add(
      "Mul", [shaped, node.node.inputs[1]], output: hasBias ? nil : outputs[0])
    if hasBias { nodes.add("Add", [scaled, node.node.inputs[2]], output: outputs[0]) }
    // Statistics keep the axes before and have extent 1 in the others.
    let kept = nodes.add("Shape", [x], axis == 0 ? ["end": .int(0)] : ["end": .int(axis)])
    let all = nodes.add("Shape", [x], ["start": .int(axis)])
    let ones = nodes.add("Div", [all, all])
    let shape = nodes.add("Concat", [kept, ones], ["axis": .int(0)])
    if outputs.count > 1, !outputs[1].isEmpty {
      nodes.add("Reshape", [mean, shape], output: outputs[1])
    }
    if outputs.count > 2, !outputs[2].isEmpty {
      let inverse = nodes.add("Reciprocal", [deviation])
      nodes.add("Reshape", [inverse, shape], output: outputs[2])
    }
    return true
  }
}

/// `y = x / ‖x‖` along an axis.
///
/// Shapes: `x [...] → y [...]`. ONNX `LpNormalization`, opsets 1–28.
enum LpNormalization: CompositeOperator {
  static let type = "LpNormalization"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let axis = try node.int("axis", default: -1)
    let power = try node.int("p", default: 2)
    guard power == 1 || power == 2 else { throw node.failure("p \(power) is not supported") }
    let x = node.node.inputs[0]
    let norm = nodes.add(power == 1 ? "ReduceL1" : "ReduceL2", [x], ["axes": .ints([axis])])
    // A norm of 0 leaves zeros.
    let isZero = nodes.add("Equal", [norm, nodes.number(0)])
    let divisor = nodes.add("Where", [isZero, nodes.number(1), norm])
    nodes.add("Div", [x, divisor], output: node.node.outputs[0])
    return true
  }
}

/// `y = ln Σ e^x` over some axes, without overflow.
///
/// Shapes: `x [...] → y`, the reduced axes 1 or gone. ONNX `ReduceLogSumExp`, opsets 1–28.
enum ReduceLogSumExp: CompositeOperator {
  static let type = "ReduceLogSumExp"

  static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    let inputs = node.node.inputs
    var kept = node.node.attributes
    kept["keepdims"] = .int(1)
    let largest = nodes.add("ReduceMax", inputs, kept)
    // Where all are −∞ nothing is subtracted; the maximum is a constant to the gradient's eye.
    let isInfinite = nodes.add("IsInf", [largest])
    let shift = nodes.add("Where", [isInfinite, nodes.number(0), largest])
    let shifted = nodes.add("Exp", [nodes.add("Sub", [inputs[0], shift])])
    let sum = nodes.add(
      "ReduceLogSum", [shifted] + inputs.dropFirst(), node.node.attributes)
    var shape = shift
    if try node.int("keepdims", default: 1) == 0 {
      shape = nodes.add("Reshape", [shift, nodes.add("Shape", [sum])])
    }
    nodes.add("Add", [sum, shape], output: node.node.outputs[0])
    return true
  }
}
