import Tensors

/// The input with longer axes: neighbours repeated or averaged.
///
/// Shapes: `x [d...]` → `y [⌊d · scale⌋...]`; scales are an attribute, or a constant input from opset 9.
/// ONNX `Upsample`, opsets 7–9; `Resize` took its place.
struct Upsample: Operator {
  static let type = "Upsample"

  let filter: ResamplingFilter
  var isOnWindows = false
  private let attributeScales: [Float]?

  init(_ node: NodeReader) throws {
    let mode = try node.string("mode", default: "nearest")
    guard ["nearest", "linear", "bilinear"].contains(mode) else {
      throw node.failure("mode '\(mode)' is not supported")
    }
    filter = ResamplingFilter(
      kind: mode == "nearest" ? .nearest(.implicit) : .linear, coordinates: .asymmetric)
    attributeScales = try node.floats("scales")
    guard attributeScales != nil || node.hasInput(1) else { throw node.failure("it has no scales") }
  }

  func scales(_ inputs: [ValueDescription]) throws -> [Float]? {
    let x = inputs[0].shape
    guard let scales = attributeScales ?? inputs[1].constant?.asFloats else {
      throw ShapeMismatch("scales must be constants or follow from shapes")
    }
    guard scales.count == x.rank else { throw ShapeMismatch("\(scales.count) scales for \(x)") }
    return scales
  }

  func axes(_ inputs: [ValueDescription]) throws -> [ResampledAxis] {
    try zip(inputs[0].shape.dimensions, scales(inputs) ?? []).map {
      try ResampledAxis(source: $0, scale: $1)
    }
  }
}

extension Upsample: ResamplingOperator {}
