import Tensors

/// The input with longer or shorter axes: neighbours chosen, averaged, or joined by cubic curves.
///
/// Shapes: `x [d...]`, `roi`, `scales` or `sizes` known without the image → `y [⌊d · scale⌋...]` or
/// `y [sizes...]`. ONNX `Resize`, opsets 10–28.
struct Resize: Operator {
  static let type = "Resize"

  let filter: ResamplingFilter
  var isOnWindows = false
  private let namedAxes: [Int]?
  private let policy: AspectRatio
  /// Where `scales`, `sizes` and `roi` stand among the inputs.
  private let scalesInput: Int
  private let sizesInput: Int?
  private let cropInput: Int?

  /// What becomes of sizes that would change the ratio of the axes.
  private enum AspectRatio: String {
    case stretch
    case notLarger = "not_larger"
    case notSmaller = "not_smaller"
  }

  init(_ node: NodeReader) throws {
    filter = try ResamplingFilter(node)
    namedAxes = try node.ints("axes")
    let policyName = try node.string("keep_aspect_ratio_policy", default: "stretch")
    guard let policy = AspectRatio(rawValue: policyName) else {
      throw node.failure("keep_aspect_ratio_policy '\(policyName)' is not supported")
    }
    self.policy = policy
    let isOld = node.opset < 11
    scalesInput = isOld ? 1 : 2
    sizesInput = !isOld && node.hasInput(3) ? 3 : nil
    cropInput = !isOld && node.hasInput(1) ? 1 : nil
    guard node.hasInput(scalesInput) || sizesInput != nil else {
      throw node.failure("it has neither scales nor sizes")
    }
  }

  /// The numbers of an optional input; none where it is left out or empty.
  private func numbers(
    _ inputs: [ValueDescription], _ index: Int?, _ what: String
  ) throws -> [Float] {
    guard let index, index < inputs.count else { return [] }
    guard let constant = inputs[index].constant else {
      throw ShapeMismatch("\(what) must be constants or follow from shapes")
    }
    return constant.asFloats
  }

  /// The axes that scales or sizes are stated for.
  private func chosenAxes(_ x: Shape) throws -> [Int] {
    let axes = try (namedAxes ?? Array(0..<x.rank)).map { axis in
      guard let resolved = x.resolve(axis: axis) else {
        throw ShapeMismatch("axis \(axis) is outside \(x)")
      }
      return resolved
    }
    guard Set(axes).count == axes.count else { throw ShapeMismatch("axes \(axes) repeat") }
    return axes
  }

  func scales(_ inputs: [ValueDescription]) throws -> [Float]? {
    let stated = try numbers(inputs, scalesInput, "scales")
    guard !stated.isEmpty else { return nil }
    let x = inputs[0].shape
    let axes = try chosenAxes(x)
    guard stated.count == axes.count else {
      throw ShapeMismatch("\(stated.count) scales for axes \(axes) of \(x)")
    }
    var scales = [Float](repeating: 1, count: x.rank)
    for (scale, axis) in zip(stated, axes) { scales[axis] = scale }
    return scales
  }

  func axes(_ inputs: [ValueDescription]) throws -> [ResampledAxis] {
    let x = inputs[0].shape
    let axes = try chosenAxes(x)
    var result: [ResampledAxis]
    if let scales = try scales(inputs) {
      result = try zip(x.dimensions, scales).map { source, scale in
        let axis = try ResampledAxis(source: source, scale: scale)
        try checkLength(axis)
        return axis
      }
    } else {
      let sizes = try numbers(inputs, sizesInput, "sizes")
      guard sizes.count == axes.count else {
        throw ShapeMismatch("\(sizes.count) sizes for axes \(axes) of \(x)")
      }
      result = try x.dimensions.map { try ResampledAxis(source: $0, length: $0) }
      let common = try commonScale(x, axes, sizes: sizes)
      for (size, axis) in zip(sizes, axes) {
        let length = common.map { ($0 * Float(x[axis]) + 0.5).rounded(.down) } ?? size
        guard length <= ResampledAxis.longest else { throw ShapeMismatch("sizes \(sizes) on \(x)") }
        result[axis] = try ResampledAxis(source: x[axis], length: Int(length), scale: common)
      }
    }
    try crop(&result, axes, numbers(inputs, cropInput, "roi"))
    return result
  }

  /// Refuses lengths that are no whole numbers where positions depend on them.
  ///
  /// ONNX's reference counts with the fraction, ONNX Runtime and PyTorch without.
  private func checkLength(_ axis: ResampledAxis) throws {
    let exact = Float(axis.source) * axis.scale
    guard
      !filter.coordinates.dependsOnLength(axis.length)
        || (exact - Float(axis.length)).magnitude < 1e-4 * exact
    else {
      throw ShapeMismatch(
        "scale \(axis.scale) makes \(exact) of \(axis.source) positions, which runtimes place "
          + "differently in mode \(filter.coordinates.rawValue); export the model with sizes")
    }
  }

  /// One scale for all axes, where their ratio is to be kept.
  private func commonScale(_ x: Shape, _ axes: [Int], sizes: [Float]) throws -> Float? {
    guard sizes.allSatisfy({ (1...ResampledAxis.longest).contains($0) }) else {
      throw ShapeMismatch("sizes \(sizes) on \(x)")
    }
    let scales = zip(sizes, axes).map { $0 / Float(x[$1]) }
    switch policy {
    case .stretch: return nil
    case .notLarger: return scales.min()
    case .notSmaller: return scales.max()
    }
  }

  private func crop(
    _ result: inout [ResampledAxis], _ axes: [Int], _ region: [Float]
  ) throws {
    guard filter.coordinates == .tfCropAndResize else { return }
    guard region.count == 2 * axes.count, region.allSatisfy({ $0.magnitude < 0x1p20 }) else {
      throw ShapeMismatch("a region of \(region) for axes \(axes)")
    }
    for (position, axis) in axes.enumerated() {
      result[axis].crop = (region[position], region[position + axes.count])
    }
  }
}

extension Resize: ResamplingOperator {}

extension ResamplingFilter {
  /// Reads what `Resize` says of it.
  init(_ node: NodeReader) throws {
    let isOld = node.opset < 11
    func choice<Choice: RawRepresentable>(
      _ name: String, _ fallback: String
    ) throws -> Choice where Choice.RawValue == String {
      let text = try node.string(name, default: fallback)
      guard let choice = Choice(rawValue: text) else {
        throw node.failure("\(name) '\(text)' is not supported")
      }
      return choice
    }
    let mode = try node.string("mode", default: "nearest")
    switch mode {
    case "nearest":
      kind = .nearest(isOld ? .implicit : try choice("nearest_mode", "round_prefer_floor"))
    case "linear", "bilinear": kind = .linear
    case "cubic": kind = .cubic(try node.float("cubic_coeff_a", default: -0.75))
    default: throw node.failure("mode '\(mode)' is not supported")
    }
    coordinates = isOld ? .asymmetric : try choice("coordinate_transformation_mode", "half_pixel")
    excludesOutside = try node.int("exclude_outside", default: 0) == 1
    antialiases = try node.int("antialias", default: 0) == 1
    extrapolation = try node.float("extrapolation_value", default: 0)
  }
}
