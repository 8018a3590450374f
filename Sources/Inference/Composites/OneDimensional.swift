import ONNX
import Tensors

/// Convolutions and pools along one axis run as those of maps of one row.
///
/// Shapes: `x [n, c, l]` as `[n, c, 1, l]`.
protocol OneDimensionalForm: CompositeOperator {
  /// Inputs that have a spatial axis, all required.
  static var spatialInputs: Int { get }
}

extension OneDimensionalForm {
  package static var requiredInputs: Int { spatialInputs }

  package static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    guard try node.ints("kernel_shape")?.count == 1 else { return false }
    var attributes = node.node.attributes
    for (name, before) in [("kernel_shape", 1), ("strides", 1), ("dilations", 1), ("pads", 0)] {
      guard let values = try node.ints(name) else { continue }
      attributes[name] = .ints(values.flatMap { [before, $0] })
    }
    let axis = nodes.integers([2])
    var inputs = node.node.inputs
    for index in inputs.indices.prefix(spatialInputs) {
      inputs[index] = addRow(inputs[index], axis, node.opset, &nodes)
    }
    let result = nodes.add(type, inputs, attributes)
    let output = node.node.outputs[0]
    if node.opset < 13 {
      nodes.add("Squeeze", [result], ["axes": .ints([2])], output: output)
    } else {
      nodes.add("Squeeze", [result, axis], output: output)
    }
    return true
  }

  private static func addRow(
    _ input: String, _ axis: String, _ opset: Int, _ nodes: inout NodeBuilder
  ) -> String {
    opset < 13
      ? nodes.add("Unsqueeze", [input], ["axes": .ints([2])])
      : nodes.add("Unsqueeze", [input, axis])
  }
}

/// ONNX `Conv` on `[n, c, l]`.
enum ConvolutionOfRows: OneDimensionalForm {
  static let type = "Conv"
  static let spatialInputs = 2
}

/// ONNX `MaxPool` on `[n, c, l]`.
enum MaxPoolOfRows: OneDimensionalForm {
  static let type = "MaxPool"
  static let spatialInputs = 1
}

/// ONNX `AveragePool` on `[n, c, l]`.
enum AveragePoolOfRows: OneDimensionalForm {
  static let type = "AveragePool"
  static let spatialInputs = 1
}

/// ONNX `LpPool` on `[n, c, l]`.
enum LpPoolOfRows: OneDimensionalForm {
  static let type = "LpPool"
  static let spatialInputs = 1
}
