import Tensors

/// The same elements with axes of extent 1 added.
///
/// Shapes: `x [...] → y [..., 1, ...]`. ONNX `Unsqueeze`, opsets 1–24; axes count in the result and
/// are an attribute, or a constant input from opset 13.
struct Unsqueeze: ViewOperator {
  static let type = "Unsqueeze"

  private let axes: StatedAxes

  init(_ node: NodeReader) throws {
    axes = try StatedAxes(node)
  }

  func shape(for inputs: [ValueDescription]) throws -> Shape {
    let x = inputs[0].shape
    var count = 0
    if inputs.count > 1 {
      count = inputs[1].constant?.shape.count ?? 0
    } else {
      count = try axes.resolve(inputs, rank: Int.max / 2)?.count ?? 0
    }
    let rank = x.rank + count
    let added = Set(try axes.resolve(inputs, rank: rank) ?? [])
    guard added.count == count else { throw ShapeMismatch("axes are missing or repeated") }
    var rest = x.dimensions[...]
    return Shape((0..<rank).map { added.contains($0) ? 1 : rest.removeFirst() })
  }
}
