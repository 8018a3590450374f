import ONNX
import Tensors

/// One number of every whole map, whatever the rank of maps.
///
/// Shapes: `x [n, c, …] → y [n, c, 1, …]`. Maps of two axes are pooled by oneDNN; others are reduced over
/// all axes behind the channels.
protocol GlobalPoolingOperator: DifferentiableOperator {
  associatedtype OverAxes: Reduction
  static var pooling: Pooling.Reduction { get }
}

extension GlobalPoolingOperator {
  package func layoutRule(for inputs: [ValueDescription]) -> LayoutRule {
    inputs[0].shape.rank == 4 ? .channelsLast : .rowMajor
  }

  package func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    let x = inputs[0].shape
    guard x.rank >= 3 else { throw ShapeMismatch("input \(x) has no axes behind the channels") }
    return [Shape([x[0], x[1]] + x.dimensions.dropFirst(2).map { _ in 1 })]
  }

  /// The reduction over all axes behind the channels.
  private func overAxes(_ x: Shape) throws -> OverAxes {
    let node = Node(
      name: Self.type, type: OverAxes.type, inputs: ["x"], outputs: ["y"],
      attributes: ["axes": .ints(Array(2..<x.rank))])
    return try OverAxes(NodeReader(node, opset: 13))
  }

  package func forward(_ context: KernelContext) throws -> any Kernel {
    let x = context.input.shape
    return x.rank == 4
      ? try Pooling(Self.pooling, ofWhole: x).forward(context)
      : try overAxes(x).forward(context)
  }

  package func gradient(_ context: KernelContext) throws -> any Kernel {
    let x = context.input.shape
    return x.rank == 4
      ? try Pooling(Self.pooling, ofWhole: x).gradient(context)
      : try overAxes(x).gradient(context)
  }
}
