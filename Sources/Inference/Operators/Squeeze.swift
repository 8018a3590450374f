import Tensors

/// The same elements without some axes of extent 1.
///
/// Shapes: `x [..., 1, ...] → y [...]`. ONNX `Squeeze`, opsets 1–24; axes are an attribute, or a
/// constant input from opset 13; all axes of extent 1 when not given.
struct Squeeze: ViewOperator {
  static let type = "Squeeze"

  private let axes: StatedAxes

  init(_ node: NodeReader) throws {
    axes = try StatedAxes(node)
  }

  func shape(for inputs: [ValueDescription]) throws -> Shape {
    let x = inputs[0].shape
    let gone = try axes.resolve(inputs, rank: x.rank) ?? x.dimensions.indices.filter { x[$0] == 1 }
    guard gone.allSatisfy({ x[$0] == 1 }) else {
      throw ShapeMismatch("axes \(gone) of \(x) are not all of extent 1")
    }
    return Shape(x.dimensions.indices.filter { !gone.contains($0) }.map { x[$0] })
  }
}

/// Axes given by an attribute or by the second input.
struct StatedAxes: Sendable {
  private let attribute: [Int]?
  private let hasInput: Bool

  init(_ node: NodeReader) throws {
    attribute = try node.ints("axes")
    hasInput = node.hasInput(1)
  }

  /// `rank`: of the value whose axes are named.
  ///
  /// Returns axes counted from 0, or nil when none are stated.
  func resolve(_ inputs: [ValueDescription], rank: Int) throws -> [Int]? {
    var stated = attribute
    if hasInput {
      guard let constant = inputs[1].constant?.integers else {
        throw ShapeMismatch("axes must be constants")
      }
      stated = constant
    }
    return try stated?.map { axis in
      let resolved = axis < 0 ? axis + rank : axis
      guard (0..<rank).contains(resolved) else {
        throw ShapeMismatch("axis \(axis) is outside rank \(rank)")
      }
      return resolved
    }
  }
}
