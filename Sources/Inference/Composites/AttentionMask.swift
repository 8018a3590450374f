import Tensors

/// A mask as numbers to add to attention's scores: truth values become 0 or −∞.
///
/// Shapes: `mask [...] → y [...]`. Not an operator of ONNX: `Attention` stands for it and others. Masks of
/// numbers may be computed; truth values that are computed are told by `Where`, as they cannot be told
/// from numbers here.
struct AttentionMask: ViewOperator {
  static let type = "AttentionMask"

  init(_ node: NodeReader) {}

  func shape(for inputs: [ValueDescription]) -> Shape { inputs[0].shape }

  func fold(_ inputs: [Tensor?]) -> [Tensor]? {
    guard let mask = inputs[0] else { return nil }
    guard case .int64(let values) = mask.elements else { return [mask] }
    return [Tensor(mask.shape, values.map { $0 == 0 ? -Float.infinity : 0 })]
  }
}
