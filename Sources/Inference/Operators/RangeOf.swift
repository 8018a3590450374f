import Tensors

/// Numbers from `start` by `delta` up to, and without, `limit`.
///
/// Shapes: three scalars, constant → `y [n]`. ONNX `Range`, opsets 11–28.
struct RangeOf: ConstantOperator {
  static let type = "Range"
  static let requiredInputs = 3

  init(_ node: NodeReader) {}

  func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    let tensors = inputs.compactMap { $0 }
    guard tensors.count == 3, tensors.allSatisfy({ $0.shape.count == 1 }) else { return nil }
    let numbers = try tensors.map { Double(try $0.floats?[0] ?? $0.exactFloats[0]) }
    let count = ((numbers[1] - numbers[0]) / numbers[2]).rounded(.up)
    guard numbers[2] != 0, count.isFinite, count < Double(CompiledGraph.mostFoldedElements) else {
      throw ShapeMismatch("a range from \(numbers[0]) to \(numbers[1]) by \(numbers[2])")
    }
    let values = (0..<max(0, Int(count))).map { numbers[0] + Double($0) * numbers[2] }
    return tensors[0].floats == nil
      ? [Tensor([values.count], values.map { Int64(exactly: $0.rounded()) ?? .max })]
      : [Tensor([values.count], values.map { Float($0) })]
  }
}
