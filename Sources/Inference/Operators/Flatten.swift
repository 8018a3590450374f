import Tensors

/// Two axes: what stands before `axis`, and the rest.
///
/// Shapes: `x [d...] → y [Π d before axis, Π d from axis]`. ONNX `Flatten`, opsets 1–24.
struct Flatten: ViewOperator {
  static let type = "Flatten"

  private let axis: Int

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: 1)
  }

  func shape(for inputs: [ValueDescription]) throws -> Shape {
    let x = inputs[0].shape
    let axis = axis < 0 ? axis + x.rank : axis
    guard (0...x.rank).contains(axis) else {
      throw ShapeMismatch("axis \(axis) is outside \(x)")
    }
    return [
      x.dimensions[..<axis].reduce(1, *), x.dimensions[axis...].reduce(1, *),
    ]
  }
}
