import ONNX
import Tensors

/// `y = clamp(round(x / scale) + zero point)`, integers of 8 or 16 bits in steps of `scale`.
///
/// Shapes: `x [...]`, `scale` and `zero point` constants: one number, `[d]` for the extent of `axis`, or
/// blocks of it → `y` like `x`. ONNX `QuantizeLinear`, opsets 10–28. Halves round to even. The result's
/// integers are kept as floats.
struct QuantizeLinear: Operator {
  static let type = "QuantizeLinear"
  static let requiredInputs = 2

  private let layout: QuantizationLayout
  private let statedType: ElementType?

  init(_ node: NodeReader) throws {
    layout = try QuantizationLayout(node)
    let type = try node.int("output_dtype", default: 0)
    statedType = type == 0 ? nil : ElementType(rawValue: Int32(truncatingIfNeeded: type))
  }

  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { layout.layoutRule }

  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape] {
    _ = try type(inputs)
    _ = try layout.parameters(inputs)
    return [inputs[0].shape]
  }

  /// The integers to round to: the zero point's kind, stated, or unsigned bytes.
  private func type(_ inputs: [ValueDescription]) throws -> ElementType {
    let zeroPoint =
      inputs.count > 2 && !inputs[2].isOmitted ? inputs[2].constant?.elementType : nil
    let type = statedType ?? zeroPoint ?? .uint8
    guard type.integerRange != nil || type.isSmallFloat else {
      throw ShapeMismatch("quantisation to \(type) is not supported")
    }
    return type
  }

  func forward(_ context: KernelContext) throws -> any Kernel {
    let type = try type(context.inputs)
    let parameters = try layout.parameters(context.inputs)
    return FunctionKernel { buffers in
      let (x, y) = (buffers.input(0), buffers.output)
      parameters.forEachElement { i, scale, zeroPoint in
        y[i] = type.quantized(x[i] / scale, zeroPoint: zeroPoint)
      }
    }
  }
}

extension QuantizeLinear: WindowedOperator {
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    layout.receptiveFields(for: inputs)
  }
}

// The gradient passes straight through the rounding: that of x / scale, 0 where clamped.
extension QuantizeLinear: DifferentiableOperator {
  func gradient(_ context: KernelContext) throws -> any Kernel {
    let type = try type(context.inputs)
    let range = type.integerRange ?? -type.largestFinite...type.largestFinite
    let parameters = try layout.parameters(context.inputs)
    return FunctionKernel { buffers in
      guard let xGradient = buffers.inputGradients[0] else { return }
      let (x, yGradient) = (buffers.input(0), buffers.gradient)
      parameters.forEachElement { i, scale, zeroPoint in
        let rounded = (x[i] / scale).rounded(.toNearestOrEven) + zeroPoint
        xGradient[i] = range.contains(rounded) ? yGradient[i] / scale : 0
      }
    }
  }
}

/// Which elements share a scale.
struct QuantizationLayout: Sendable {
  private let axis: Int
  private let blockSize: Int

  init(_ node: NodeReader) throws {
    axis = try node.int("axis", default: 1)
    blockSize = try node.int("block_size", default: 0)
  }

  /// Maps keep their layout unless blocks of an axis have a scale each.
  var layoutRule: LayoutRule { blockSize > 0 ? .rowMajor : .either }

  /// The window rule: scales are the same everywhere on a map.
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    let isEven = inputs[1].shape.count == 1 || inputs[0].shape.resolve(axis: axis) == 1
    guard isEven, blockSize == 0 else { return nil }
    return [.pointwise] + inputs.dropFirst().map { _ in nil }
  }

  /// Scales and zero points with the elements that each is for.
  struct Parameters: Sendable {
    fileprivate let scales: [Float]
    fileprivate let zeroPoints: [Float]
    /// Groups before the axis, its extent, elements after; scales along the axis and behind it.
    fileprivate let extents: (outer: Int, axis: Int, inner: Int)
    fileprivate let block: Int
    fileprivate let isBlocked: Bool

    /// Calls `body` with each element and its scale and zero point, in memory order.
    @inline(__always)
    func forEachElement(_ body: (Int, Float, Float) -> Void) {
      var i = 0
      for outer in 0..<extents.outer {
        for a in 0..<extents.axis {
          for inner in 0..<extents.inner {
            let parameter =
              isBlocked
              ? (outer * ((extents.axis + block - 1) / block) + a / block) * extents.inner + inner
              : scales.count == 1 ? 0 : a
            body(i, scales[parameter], zeroPoints[parameter])
            i += 1
          }
        }
      }
    }
  }

  func parameters(_ inputs: [ValueDescription]) throws -> Parameters {
    let x = inputs[0].storedShape
    guard let scale = inputs[1].constant else { throw ShapeMismatch("scales must be constants") }
    let scales = scale.asFloats
    var zeroPoints = [Float](repeating: 0, count: scales.count)
    if inputs.count > 2, !inputs[2].isOmitted {
      guard let constant = inputs[2].constant else {
        throw ShapeMismatch("zero points must be constants")
      }
      zeroPoints = constant.asFloats
    }
    let isScalar = scales.count == 1
    let resolved =
      inputs[0].shape.resolve(axis: axis).map(inputs[0].storedAxis) ?? (isScalar ? 0 : nil)
    guard let resolved, zeroPoints.count == scales.count else {
      throw ShapeMismatch("\(scales.count) scales, \(zeroPoints.count) zero points on \(x)")
    }
    let extent = x.rank == 0 ? 1 : x[resolved]
    let outer = x.dimensions.prefix(resolved).reduce(1, *)
    let inner = x.dimensions.dropFirst(resolved + 1).reduce(1, *)
    let isBlocked = blockSize > 0
    let block = max(blockSize, 1)
    let expected = isBlocked ? outer * ((extent + block - 1) / block) * inner : extent
    guard isScalar && !isBlocked || scales.count == expected else {
      throw ShapeMismatch("\(scales.count) scales for \(x) along axis \(resolved)")
    }
    return Parameters(
      scales: scales, zeroPoints: zeroPoints, extents: (outer, extent, inner), block: block,
      isBlocked: isBlocked)
  }
}
