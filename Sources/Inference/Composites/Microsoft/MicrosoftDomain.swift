import ONNX

/// The domain of operators that ONNX Runtime adds, most of them when it quantises or optimises a model.
enum MicrosoftDomain {
  static let name = "com.microsoft"
}

/// An operator of ONNX Runtime's own domain.
protocol MicrosoftOperator: CompositeOperator {}

extension MicrosoftOperator {
  package static var domains: [String] { [MicrosoftDomain.name] }
}

/// An operator that is ONNX's own of the same name.
protocol MicrosoftAlias: MicrosoftOperator {}

extension MicrosoftAlias {
  package static func expand(_ node: NodeReader, into nodes: inout NodeBuilder) throws -> Bool {
    var own = node.node
    own.domain = ""
    nodes.add(own)
    return true
  }
}

/// ONNX Runtime's `DequantizeLinear`, of files that quantise to 16 bits before opset 21.
enum MicrosoftDequantizeLinear: MicrosoftAlias {
  static let type = "DequantizeLinear"
  static let requiredInputs = 2
}

/// ONNX Runtime's `QuantizeLinear`, of files that quantise to 16 bits before opset 21.
enum MicrosoftQuantizeLinear: MicrosoftAlias {
  static let type = "QuantizeLinear"
  static let requiredInputs = 2
}

/// ONNX Runtime's `Gelu`, older than ONNX's.
enum MicrosoftGelu: MicrosoftAlias {
  static let type = "Gelu"
}

/// ONNX Runtime's `LayerNormalization`, older than ONNX's.
enum MicrosoftLayerNormalization: MicrosoftAlias {
  static let type = "LayerNormalization"
  static let requiredInputs = 2
}
