import Tensors

/// The input, unchanged, as at inference.
///
/// Shapes: `x [...] → y [...]`. ONNX `Dropout`, opsets 7–22, without the mask output.
struct Dropout: ViewOperator {
  static let type = "Dropout"

  init(_ node: NodeReader) {}

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  /// - Throws: `ShapeMismatch` when the model was exported in training mode.
  func shape(for inputs: [ValueDescription]) throws -> Shape {
    let trains = inputs.count > 2 && inputs[2].constant?.asFloats.first != 0
    let drops = inputs.count < 2 || inputs[1].isOmitted || inputs[1].constant?.asFloats.first != 0
    guard !trains || !drops else {
      throw ShapeMismatch("training mode drops at random; export the model after model.eval()")
    }
    return inputs[0].shape
  }
}
