import ONNX
import Spelling
import Tensors

/// Every operator, sorted by ONNX name.
package enum OperatorRegistry {
  package static let all: [any Operator.Type] = [
    Abs.self,
    Add.self,
    And.self,
    ArgMax.self,
    ArgMin.self,
    AveragePool.self,
    BatchNormalization.self,
    Cast.self,
    Ceil.self,
    Celu.self,
    Clip.self,
    Compress.self,
    Concat.self,
    Constant.self,
    ConstantOfShape.self,
    Convolution.self,
    TransposedConvolution.self,
    Cos.self,
    CumSum.self,
    DepthToSpace.self,
    DequantizeLinear.self,
    Div.self,
    Dropout.self,
    DynamicQuantizeLinear.self,
    Einsum.self,
    Elu.self,
    Equal.self,
    Erf.self,
    Exp.self,
    Expand.self,
    Flatten.self,
    Floor.self,
    GRU.self,
    Gather.self,
    GatherElements.self,
    GatherND.self,
    Gelu.self,
    Gemm.self,
    GlobalAveragePool.self,
    GlobalLpPool.self,
    GlobalMaxPool.self,
    Greater.self,
    GreaterOrEqual.self,
    HardSigmoid.self,
    HardSwish.self,
    Identity.self,
    Conditional.self,
    IsInf.self,
    IsNaN.self,
    LRN.self,
    LSTM.self,
    LayerNormalization.self,
    LeakyRelu.self,
    Less.self,
    LessOrEqual.self,
    Log.self,
    LogSoftmax.self,
    LpPool.self,
    MatMul.self,
    Max.self,
    MaxPool.self,
    Min.self,
    Mish.self,
    Mod.self,
    Mul.self,
    Neg.self,
    NonZero.self,
    Not.self,
    OneHot.self,
    Or.self,
    PRelu.self,
    Pad.self,
    Pow.self,
    QuantizeLinear.self,
    RangeOf.self,
    Reciprocal.self,
    ReduceL1.self,
    ReduceL2.self,
    ReduceLogSum.self,
    ReduceMax.self,
    ReduceMean.self,
    ReduceMin.self,
    ReduceProd.self,
    ReduceSum.self,
    ReduceSumSquare.self,
    Relu.self,
    Reshape.self,
    Resize.self,
    Round.self,
    ScatterElements.self,
    ScatterND.self,
    Selu.self,
    ShapeOf.self,
    Sigmoid.self,
    Sign.self,
    Sin.self,
    Size.self,
    Slice.self,
    Softmax.self,
    Softplus.self,
    Softsign.self,
    SpaceToDepth.self,
    Split.self,
    Sqrt.self,
    Squeeze.self,
    Sub.self,
    Swish.self,
    Tanh.self,
    ThresholdedRelu.self,
    Tile.self,
    TopK.self,
    Transpose.self,
    Trilu.self,
    Unsqueeze.self,
    Upsample.self,
    Where.self,
    Xor.self,
  ]

  /// Operators, and forms of operators, that are computed by others, sorted by ONNX name.
  package static let composites: [any CompositeOperator.Type] = [
    Attention.self,
    AveragePoolOfRows.self,
    BatchFirstGRU.self,
    BatchFirstLSTM.self,
    ConvolutionOfRows.self,
    ConvInteger.self,
    DropoutWithMask.self,
    GroupNormalization.self,
    InstanceNormalization.self,
    LayerNormalizationWithStatistics.self,
    LpNormalization.self,
    LpPoolOfRows.self,
    MatMulInteger.self,
    MaxOfAll.self,
    MaxPoolOfRows.self,
    MeanOfAll.self,
    MinOfAll.self,
    QLinearConv.self,
    QLinearMatMul.self,
    RMSNormalization.self,
    ReduceLogSumExp.self,
    SimplifiedLayerNormalization.self,
    SumOfAll.self,
    TrainingBatchNormalization.self,
  ]

  /// Operators that composite ones use and ONNX does not have.
  private static let auxiliary: [any Operator.Type] = [
    AttentionMask.self, AttentionWeights.self, BranchResults.self, Centred.self,
    MatrixTranspose.self, QuantizedSum.self, Requantize.self, ZeroPointLike.self,
  ]

  private static let byType = Dictionary(
    uniqueKeysWithValues: (all + auxiliary).map { ($0.type, $0) })
  private static let compositeByName = Dictionary(
    uniqueKeysWithValues: (composites + microsoft).flatMap { composite in
      composite.domains.map { (OperatorName(composite.type, domain: $0), composite) }
    })

  /// The operator that runs nodes of a type, ONNX's or an auxiliary one; nil when there is none.
  package static func find(_ type: String) -> (any Operator.Type)? {
    byType[type]
  }

  /// The composite operator that a node may be.
  static func composite(_ node: Node) -> (any CompositeOperator.Type)? {
    compositeByName[node.operatorName]
  }

  /// The names of all operators that a file may have, sorted.
  package static let names: [OperatorName] =
    Set(all.map { OperatorName($0.type) } + compositeByName.keys).sorted()

  private static let runnable = Set(names + auxiliary.map { OperatorName($0.type) })

  /// Whether a node of this name can be run.
  package static func contains(_ name: OperatorName) -> Bool { runnable.contains(name) }

  /// The known operator whose name is nearest to `name`, when one is near.
  package static func suggestion(for name: OperatorName) -> String? {
    let domains = Set(names.map(\.domain))
    let domain = domains.contains(name.domain) ? name.domain : ""
    let types = names.filter { $0.domain == domain }.map(\.type)
    return nearest(to: name.type, among: types).map { OperatorName($0, domain: domain).description }
  }
}
