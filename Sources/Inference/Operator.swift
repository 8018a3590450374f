import ONNX
import Tensors

/// One ONNX operator: what it does to shapes and numbers.
///
/// One file per operator in `Operators/`, one line in `OperatorRegistry`. An operator with a
/// gradient also conforms to `DifferentiableOperator`; one that can compute on constants while the
/// graph is compiled, to `FoldableOperator`; one with a window rule, to `WindowedOperator`.
package protocol Operator: Sendable {
  /// ONNX's `op_type`.
  static var type: String { get }

  /// How many inputs must be connected.
  static var requiredInputs: Int { get }

  /// Reads the node's attributes.
  ///
  /// - Throws: `InferenceError.attribute` when one has a value that is not supported.
  init(_ node: NodeReader) throws

  /// How the operator wants four-dimensional values to lie in memory.
  func layoutRule(for inputs: [ValueDescription]) -> LayoutRule

  /// Shapes of the outputs, in ONNX's axis order.
  func outputShapes(for inputs: [ValueDescription]) throws -> [Shape]

  /// The routine that computes the outputs.
  func forward(_ context: KernelContext) throws -> any Kernel

  /// True when the output is the first input's bytes under another shape.
  ///
  /// `output`: as it would be stored.
  func isView(of inputs: [ValueDescription], as output: ValueDescription) -> Bool

  /// Inputs whose memory may become the first output's, when nothing reads them afterwards.
  func inPlaceInputs(for inputs: [ValueDescription]) -> [Int]

  /// True when the operator takes its constant inputs from the context: planners then keep no copy.
  var packsConstants: Bool { get }

  /// Multiply-adds of one call.
  func multiplyAdds(inputs: [ValueDescription], output: Shape) -> Int
}

extension Operator {
  package static var requiredInputs: Int { 1 }
  package func layoutRule(for inputs: [ValueDescription]) -> LayoutRule { .rowMajor }
  package func isView(of inputs: [ValueDescription], as output: ValueDescription) -> Bool { false }
  package func inPlaceInputs(for inputs: [ValueDescription]) -> [Int] { [] }
  package var packsConstants: Bool { false }
  package func multiplyAdds(inputs: [ValueDescription], output: Shape) -> Int { 0 }
}

/// An operator whose gradient with respect to its inputs is known.
package protocol DifferentiableOperator: Operator {
  /// The routine that turns `Buffers.outputGradients` into `Buffers.inputGradients`.
  func gradient(_ context: KernelContext) throws -> any Kernel
}

/// An operator that can be computed on constants, integers included, when the graph is compiled.
package protocol FoldableOperator: Operator {
  /// The outputs, or nil when these inputs are left to the float routine.
  func fold(_ inputs: [Tensor?]) throws -> [Tensor]?
}

/// An operator whose result in a window follows from windows of its inputs.
package protocol WindowedOperator: Operator {
  /// The field in each input, nil for constants; nil when these inputs have no such rule.
  func receptiveFields(for inputs: [ValueDescription]) -> [ReceptiveField?]?

  /// The same operator on windows that were cut out with everything the result reads.
  var onWindows: any Operator { get }
}

extension WindowedOperator {
  package var onWindows: any Operator { self }

  /// The rule of operators that work element by element on several maps.
  ///
  /// Maps of one size meet; a constant must be the same everywhere on the map.
  func elementwiseFields(for inputs: [ValueDescription]) -> [ReceptiveField?]? {
    let extents = Set(inputs.filter { !$0.isConstant }.map { $0.shape.dimensions.suffix(2) })
    let areEven = inputs.allSatisfy { input in
      !input.isConstant || input.shape.padded(toRank: 4).dimensions.suffix(2) == [1, 1]
    }
    guard extents.count == 1, areEven else { return nil }
    return inputs.map { $0.isConstant ? nil : .pointwise }
  }

  /// The rule of operators that work element by element on one map.
  func pointwiseField(for inputs: [ValueDescription]) -> [ReceptiveField?] {
    [.pointwise] + inputs.dropFirst().map { _ in nil }
  }
}

/// How a four-dimensional value lies in memory.
package enum Layout: Sendable {
  /// In ONNX's axis order, last axis fastest.
  case rowMajor
  /// ONNX's `[n, c, h, w]` stored as `[n, h, w, c]`.
  case channelsLast
}

/// What an operator asks of the layout of its activations.
package enum LayoutRule: Sendable {
  case rowMajor
  case channelsLast
  /// Works on either, as long as all operands agree.
  case either
  /// Reads operands as they lie and stores its result in the layout named.
  case asStored(Layout)
}

/// What is known of a value before any image is seen.
package struct ValueDescription: Sendable {
  package var name = ValueName("")
  package var shape: Shape
  package var layout: Layout = .rowMajor
  /// The value itself, when it does not depend on the image.
  package var constant: Tensor?

  package var isConstant: Bool { constant != nil }

  /// Whether it stands for an optional input that is left out.
  var isOmitted: Bool { name.base.isEmpty && shape.count == 0 }

  package init(
    name: ValueName = ValueName(""), shape: Shape, layout: Layout = .rowMajor,
    constant: Tensor? = nil
  ) {
    self.name = name
    self.shape = shape
    self.layout = layout
    self.constant = constant
  }

  /// Extents in memory order, outermost first.
  package var storedShape: Shape {
    layout == .channelsLast ? Shape(Layout.channelsLastAxes.map { shape[$0] }) : shape
  }

  /// Where the axis `axis` of ONNX's order stands in memory order.
  package func storedAxis(_ axis: Int) -> Int {
    layout == .channelsLast ? [0, 3, 1, 2][axis] : axis
  }
}

extension Layout {
  /// For each axis in memory order, the axis in ONNX's order.
  static let channelsLastAxes = [0, 2, 3, 1]
}

/// What an operator may know while it builds a routine.
package struct KernelContext {
  package let label: String
  package let inputs: [ValueDescription]
  package let outputs: [ValueDescription]
  package let constants: ConstantStore
  /// True when a gradient will be asked for after the forward pass.
  package let keepsForGradient: Bool

  package var input: ValueDescription { inputs[0] }
  package var output: ValueDescription { outputs[0] }
}

/// Memory of one step, planned once; element type Float32.
package struct Buffers {
  package var inputs: [UnsafePointer<Float>?]
  package var outputs: [UnsafeMutablePointer<Float>]
  /// Free memory during one call.
  package var scratch: UnsafeMutableRawPointer
  /// What the forward routine leaves for the gradient routine.
  package var workspace: UnsafeMutableRawPointer
  /// Nil where nothing that matters reads an output.
  package var outputGradients: [UnsafeMutablePointer<Float>?]
  /// Nil where no gradient is wanted.
  package var inputGradients: [UnsafeMutablePointer<Float>?]

  package var output: UnsafeMutablePointer<Float> { outputs[0] }

  /// The memory of input `index`, which is connected and was not packed by the operator.
  package func input(_ index: Int) -> UnsafePointer<Float> {
    guard let pointer = inputs[index] else {
      preconditionFailure("input \(index) has no memory")
    }
    return pointer
  }

  package var gradient: UnsafeMutablePointer<Float> {
    guard let gradient = outputGradients[0] else {
      preconditionFailure("no output gradient in a forward pass")
    }
    return gradient
  }
}

/// A routine prepared for fixed shapes; belongs to one session.
package protocol Kernel: AnyObject {
  var scratchBytes: Int { get }
  var workspaceBytes: Int { get }
  func run(_ buffers: Buffers)
}

/// A kernel that is a function.
final class FunctionKernel: Kernel {
  let scratchBytes: Int
  let workspaceBytes = 0
  private let function: (Buffers) -> Void

  init(scratchBytes: Int = 0, _ function: @escaping (Buffers) -> Void) {
    self.scratchBytes = scratchBytes
    self.function = function
  }

  func run(_ buffers: Buffers) {
    function(buffers)
  }
}
