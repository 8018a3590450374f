import ONNX
import Tensors

/// A constant written into the graph.
///
/// Shapes: `→ y`, the shape of the value. ONNX `Constant`, opsets 1–24.
struct Constant: ConstantOperator {
  static let type = "Constant"
  static let requiredInputs = 0

  private let value: Tensor

  init(_ node: NodeReader) throws {
    let attributes = node.node.attributes
    if case .tensor(let tensor) = attributes["value"] {
      value = tensor
    } else if case .float(let number) = attributes["value_float"] {
      value = Tensor([], [number])
    } else if case .floats(let numbers) = attributes["value_floats"] {
      value = Tensor([numbers.count], numbers)
    } else if case .int(let number) = attributes["value_int"] {
      value = Tensor([], [Int64(number)])
    } else if case .ints(let numbers) = attributes["value_ints"] {
      value = Tensor([numbers.count], numbers.map { Int64($0) })
    } else {
      throw node.failure("the constant has no value of a supported kind")
    }
  }

  func fold(_ inputs: [Tensor?]) -> [Tensor]? { [value] }
}

/// An operator that only ever runs on constants: what is left of it at run time is an error.
protocol ConstantOperator: FoldableOperator {}

extension ConstantOperator {
  package func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    throw ShapeMismatch("it is supported on shapes and constants only, not on activations")
  }

  package func forward(_ context: KernelContext) throws -> any Kernel {
    throw ShapeMismatch("it is supported on shapes and constants only, not on activations")
  }
}
