import Tensors

/// The same numbers in another element type.
///
/// Shapes: `x [...] → y [...]`. ONNX `Cast`, opsets 6–24. Activations stay Float32; constants become
/// integers or floats.
struct Cast: ViewOperator {
  static let type = "Cast"

  private let makesFloat: Bool

  init(_ node: NodeReader) throws {
    let type = try node.int("to", default: 1)
    switch type {
    case 1, 10, 11: makesFloat = true
    case 2, 3, 6, 7, 9: makesFloat = false
    default: throw node.failure("target element type \(type) is not supported")
    }
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .either }

  func shape(for inputs: [ValueDescription]) throws -> Shape {
    guard makesFloat || inputs[0].isConstant else {
      throw ShapeMismatch("activations cannot be cast to integers")
    }
    return inputs[0].shape
  }

  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let input = inputs[0] else { return nil }
    switch input.elements {
    case .float(let values) where !makesFloat:
      guard values.allSatisfy({ $0.magnitude < 9e18 }) else {
        throw ShapeMismatch("a constant is too large for an integer")
      }
      return [Tensor(input.shape, values.map { Int64($0) })]
    case .int64(let values) where makesFloat:
      return [Tensor(input.shape, values.map { Float($0) })]
    default:
      return [input]
    }
  }
}
