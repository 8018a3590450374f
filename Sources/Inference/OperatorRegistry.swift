import Tensors

/// Every operator, sorted by ONNX name.
package enum OperatorRegistry {
  package static let all: [any Operator.Type] = [
    Add.self,
    AveragePool.self,
    BatchNormalization.self,
    Cast.self,
    Clip.self,
    Concat.self,
    Constant.self,
    Convolution.self,
    Div.self,
    Dropout.self,
    Flatten.self,
    Gather.self,
    Gemm.self,
    GlobalAveragePool.self,
    HardSigmoid.self,
    HardSwish.self,
    Identity.self,
    LeakyRelu.self,
    MatMul.self,
    MaxPool.self,
    Mul.self,
    Pad.self,
    ReduceMean.self,
    Relu.self,
    Reshape.self,
    ShapeOf.self,
    Sigmoid.self,
    Softmax.self,
    Squeeze.self,
    Sub.self,
    Transpose.self,
    Unsqueeze.self,
  ]

  private static let byType = Dictionary(uniqueKeysWithValues: all.map { ($0.type, $0) })

  package static func find(_ type: String) -> (any Operator.Type)? {
    byType[type]
  }

  /// The known operator whose name is nearest to `type`, when one is near.
  package static func suggestion(for type: String) -> String? {
    nearest(to: type, among: all.map { $0.type })
  }
}
