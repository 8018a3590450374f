import ONNX
import Tensors

/// A classifier compiled once: operators read, constants folded, convolutions fused.
///
/// Immutable and shared between threads; a `Session` runs it for one batch size.
package struct Network: Sendable {
  /// Which of the input's axes holds the channels.
  package enum InputLayout: String, Sendable, CaseIterable {
    case nchw = "NCHW"
    case nhwc = "NHWC"
  }

  /// The image the network expects.
  package struct ImageInput: Equatable, Sendable {
    package let name: String
    package let layout: InputLayout
    package let channels: Int
    package let height: Int
    package let width: Int

    package var pixelCount: Int { height * width }
    package var elementCount: Int { pixelCount * channels }
  }

  package enum BatchSize: Equatable, Sendable {
    case dynamic
    /// The export fixed it; larger batches are run in pieces.
    case fixed(Int)
  }

  /// What the output's numbers are.
  package enum OutputKind: String, Sendable, CaseIterable {
    case logits, probabilities
  }

  /// What a user may state when the file leaves it open or the guess is wrong.
  package struct Options: Sendable {
    /// The whole input shape, batch first.
    package var inputShape: [Int]?
    package var layout: InputLayout?
    package var output: OutputKind?
    /// Height and width of the images to come, for inputs of open size.
    package var imageSize: (height: Int, width: Int)?

    package init(
      inputShape: [Int]? = nil, layout: InputLayout? = nil, output: OutputKind? = nil,
      imageSize: (height: Int, width: Int)? = nil
    ) {
      self.inputShape = inputShape
      self.layout = layout
      self.output = output
      self.imageSize = imageSize
    }
  }

  /// How messages call the model.
  package let name: String
  package let opset: Int
  package let input: ImageInput
  package let batch: BatchSize
  package let outputKind: OutputKind
  package let classCount: Int
  /// Multiply-adds of one image's forward pass.
  package let multiplyAdds: Int
  /// ONNX names of the operators that run, in order, after folding and fusion.
  package let operatorTypes: [String]
  /// Nodes without a gradient, as operator and label.
  package let nodesWithoutGradient: [String]
  /// Bytes of activations alive at once in one image's forward pass.
  package let activationBytes: Int
  /// Elements of all trained tensors.
  package let parameterCount: Int
  let graph: CompiledGraph
  let store = ConstantStore()

  /// Compiles a model.
  ///
  /// - Throws: `InferenceError`, naming node and operator.
  package init(_ model: Model, name: String, options: Options = Options()) throws {
    self.name = name
    opset = model.opset
    (input, batch) = try Network.resolveInput(of: model, name: name, options: options)
    let outputName = model.graph.outputs[0].name
    var graph = try CompiledGraph(model, name: name, output: outputName)
    parameterCount = graph.constants.values.reduce(0) { $0 + ($1.floats?.count ?? 0) }
    try graph.foldConstants()
    var nominal = 1
    if case .fixed(let count) = batch { nominal = count }
    let input = input
    // At a batch of two, no other axis of extent one is taken for it.
    let sample = try Program(graph, input: input, batchSize: batch == .dynamic ? 2 : nominal)
    graph.fuse(shapes: sample.shapes, known: sample.constantNames)
    self.graph = graph
    let program = try Program(graph, input: input, batchSize: nominal)
    classCount = try Network.classCount(of: program, batchSize: nominal, name: name)
    multiplyAdds = program.multiplyAdds / nominal
    activationBytes = program.activationBytes / nominal
    let nodes = program.steps.filter { !($0.operation is LayoutChange) }
    operatorTypes = nodes.map(\.type)
    nodesWithoutGradient = nodes.filter { !($0.operation is any DifferentiableOperator) }
      .map { "\($0.type) '\($0.label)'" }
    let endsInSoftmax = graph.endsInSoftmax
    outputKind = options.output ?? (endsInSoftmax ? .probabilities : .logits)
  }

  /// Whether the model computes with quantised numbers, whose gradient passes straight through.
  package var isQuantized: Bool { graph.steps.contains { $0.operation is QuantizeLinear } }

  private static func classCount(
    of program: Program, batchSize: Int, name: String
  ) throws -> Int {
    let shape = program.output.shape
    let classes = shape.count / max(batchSize, 1)
    let isRow = shape.rank >= 2 && shape[0] == batchSize && shape.dimensions.contains(classes)
    guard isRow, classes >= 2 else {
      throw InferenceError.output(
        model: name,
        reason: "shape \(shape) is not [batch, classes] with two classes or more; "
          + "export the classifier's logits as the first output")
    }
    return classes
  }

  private static func resolveInput(
    of model: Model, name: String, options: Options
  ) throws -> (ImageInput, BatchSize) {
    func failure(_ reason: String) -> InferenceError { .input(model: name, reason: reason) }
    guard model.graph.inputs.count == 1 else {
      let names = model.graph.inputs.map { "'\($0.name)'" }.joined(separator: ", ")
      throw failure("it has \(model.graph.inputs.count) inputs (\(names)); one image is supported")
    }
    let declared = model.graph.inputs[0]
    var dimensions = declared.dimensions ?? []
    if let stated = options.inputShape { dimensions = stated.map { .fixed($0) } }
    guard dimensions.count == 4 else {
      let shape = "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
      throw failure(
        "shape \(shape) is not an image batch; state one with --input-shape "
          + "\(declared.name):1,3,224,224")
    }
    let layout = options.layout ?? guessLayout(dimensions)
    let axes = layout == .nchw ? [1, 2, 3] : [3, 1, 2]
    let size = options.imageSize.map { [0, $0.height, $0.width] } ?? [0, 0, 0]
    let extents = try zip(axes, size).map { axis, fallback in
      if case .fixed(let extent) = dimensions[axis], extent > 0 { return extent }
      guard fallback > 0 else {
        throw failure(
          "axis \(axis) has no fixed extent; state it with --input-shape "
            + "\(declared.name):1,3,224,224")
      }
      return fallback
    }
    guard extents.allSatisfy({ $0 <= 1 << 16 }), extents[0] <= 16 else {
      throw failure("an image of \(extents[0]) channels, \(extents[1])×\(extents[2]) pixels")
    }
    var batch = BatchSize.dynamic
    if options.inputShape == nil || declared.dimensions != nil,
      case .fixed(let count)? = declared.dimensions?.first, count > 0
    {
      guard count <= 4096 else { throw failure("a fixed batch of \(count)") }
      batch = .fixed(count)
    }
    let input = ImageInput(
      name: declared.name, layout: layout, channels: extents[0], height: extents[1],
      width: extents[2])
    return (input, batch)
  }

  /// Channels stand where an extent looks like a number of channels; ONNX's order when in doubt.
  private static func guessLayout(_ dimensions: [ValueInfo.Dimension]) -> InputLayout {
    func looksLikeChannels(_ axis: Int) -> Bool {
      [.fixed(1), .fixed(3), .fixed(4)].contains(dimensions[axis])
    }
    return !looksLikeChannels(1) && looksLikeChannels(3) ? .nhwc : .nchw
  }
}
