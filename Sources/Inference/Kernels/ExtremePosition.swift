import Tensors

/// An operator that says where along an axis the largest or smallest number stands.
///
/// Of equals the first counts, or with `select_last_index` the last. Positions of activations are
/// whole numbers in Float32.
protocol ExtremePositionOperator: StaircaseOperator, FoldableOperator {
  static var wantsLargest: Bool { get }
  var search: ExtremeSearch { get }
}

/// Along which axis, and what of equals counts.
struct ExtremeSearch: Sendable {
  private let axis: Int
  private let keepsAxis: Bool
  private let takesLast: Bool

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: 0)
    keepsAxis = try node.int("keepdims", default: 1) == 1
    takesLast = try node.int("select_last_index", default: 0) == 1
  }

  func view(_ x: Shape) throws -> AxisView {
    let view = try AxisView(x, resolving: axis)
    guard view.extent > 0, view.extent < Tensor.leastInexact else {
      throw ShapeMismatch("\(x) has no position along axis \(axis) that Float32 holds")
    }
    return view
  }

  func outputShape(_ x: Shape) throws -> Shape {
    _ = try view(x)
    var extents = x.dimensions
    let axis = x.resolve(axis: axis) ?? 0
    if keepsAxis { extents[axis] = 1 } else { extents.remove(at: axis) }
    return Shape(extents)
  }

  /// The position on the line of `view` that begins at `start`.
  func position(
    _ x: UnsafePointer<Float>, start: Int, _ view: AxisView, largest: Bool
  ) -> Int {
    var best = 0
    var value = x[start]
    for k in 1..<max(view.extent, 1) {
      let other = x[start + k * view.inner]
      let isBetter = largest ? other > value : other < value
      if isBetter || takesLast && other == value { (best, value) = (k, other) }
    }
    return best
  }
}

extension ExtremePositionOperator {
  package func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    [try search.outputShape(inputs[0].shape)]
  }

  package func forward(_ context: KernelContext) throws -> any Kernel {
    let view = try search.view(context.input.shape)
    return FunctionKernel { buffers in
      view.forEachLine { line, start in
        buffers.output[line] = Float(
          self.search.position(buffers.input(0), start: start, view, largest: Self.wantsLargest))
      }
    }
  }

  /// Positions in constants are integers.
  package func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    guard let input = inputs[0] else { return nil }
    let view = try search.view(input.shape)
    let x = try input.exactFloats
    var positions = [Int64](repeating: 0, count: view.outer * view.inner)
    view.forEachLine { line, start in
      positions[line] = Int64(
        search.position(x, start: start, view, largest: Self.wantsLargest))
    }
    return [Tensor(try search.outputShape(input.shape), positions)]
  }
}
