import Tensors

/// The input, unchanged, as at inference.
///
/// Shapes: `x [...] → y [...]`. ONNX `Dropout`, opsets 7–22, without the mask output.
struct Dropout: ViewOperator {
  static let type = "Dropout"

  init(_ node: NodeReader) {}

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  func shape(for inputs: [ValueDescription]) throws -> Shape { inputs[0].shape }
}
