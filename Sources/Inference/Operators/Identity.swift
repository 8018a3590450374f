import Tensors

/// The input, unchanged.
///
/// Shapes: `x [...] → y [...]`. ONNX `Identity`, opsets 1–24.
struct Identity: ViewOperator {
  static let type = "Identity"

  init() {}
  init(_ node: NodeReader) {}

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  func shape(for inputs: [ValueDescription]) throws -> Shape { inputs[0].shape }
}
