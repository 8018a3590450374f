import ONNX
import Spelling
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
    /// What the file says the input's numbers are; nil when it does not.
    package var elementType: ElementType?
    package let layout: InputLayout
    package let channels: Int
    package let height: Int
    package let width: Int

    /// Positions, each with all channels.
    package var pixelCount: Int { height * width }
    /// Numbers of one image.
    package var elementCount: Int { pixelCount * channels }
  }

  /// How many images the file lets a pass have.
  package enum BatchSize: Equatable, Sendable {
    case dynamic
    /// The export fixed it; larger batches are run in pieces.
    case fixed(Int)
  }

  /// What the output's numbers are.
  package enum OutputKind: String, Codable, Sendable, CaseIterable {
    case logits
    /// Rows that sum to 1.
    case probabilities
    case logProbabilities = "log-probabilities"
    /// Independent probabilities of several classes, each in 0...1.
    case sigmoid
  }

  /// What one image's output is made of.
  package enum Head: String, Sendable {
    /// One number per class.
    case classes
    /// One number, how sure the model is of class 1; the network gives both classes.
    case binary
  }

  /// What a user may state when the file leaves it open or the guess is wrong.
  package struct Options: Sendable {
    /// The whole input shape, batch first.
    package var inputShape: [Int]?
    package var layout: InputLayout?
    package var output: OutputKind?
    /// Which of the model's outputs to read; nil for its first.
    package var outputName: String?
    /// Inner values, or other outputs, to compute besides, by their names in the file.
    package var values: [String]
    /// Height and width of the images to come, for inputs of open size.
    package var imageSize: (height: Int, width: Int)?

    package init(
      inputShape: [Int]? = nil, layout: InputLayout? = nil, output: OutputKind? = nil,
      outputName: String? = nil, values: [String] = [],
      imageSize: (height: Int, width: Int)? = nil
    ) {
      self.inputShape = inputShape
      self.layout = layout
      self.output = output
      self.outputName = outputName
      self.values = values
      self.imageSize = imageSize
    }
  }

  /// How messages call the model.
  package let name: String
  package let opset: Int
  package let input: ImageInput
  package let batch: BatchSize
  /// What the output's numbers are taken for.
  package private(set) var outputKind: OutputKind
  /// The model's output that is read.
  package let outputName: String
  /// Inner values that sessions can compute besides, by name, with their shapes for the least batch.
  package let values: [String: Shape]
  /// Those of them whose first axis counts images.
  let valuesPerImage: Set<String>
  /// What one image's numbers in the file are made of.
  package let head: Head
  /// What the graph tells of its output's numbers.
  package let ending: OutputEnding
  /// What the graph multiplies its input by before anything else, such as 1/255; nil when it does not.
  package let firstFactor: Float?
  /// Columns of the output; 2 for a binary head.
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
    let (input, stated) = try Network.resolveInput(of: model, name: name, options: options)
    // Where an image's result depends on the others of its batch, each comes alone.
    let comeAlone = stated == .dynamic && model.graph.readsWholeBatches
    let batch = comeAlone ? .fixed(1) : stated
    (self.input, self.batch) = (input, batch)
    let outputName = try Network.outputName(of: model, options: options, name: name)
    self.outputName = outputName
    try Network.check(options.values, in: model, name: name)
    var compiled = try Compilation(
      model, output: outputName, values: options.values, name: name, input: input, batch: batch)
    ending = compiled.ending
    firstFactor = compiled.firstFactor
    if compiled.numbersPerImage == 1 {
      head = .binary
      let stated = options.output.map { [.sigmoid, .probabilities].contains($0) }
      let isProbability = stated ?? (ending.kind == .sigmoid)
      let (graph, pair) = BinaryHead.widening(
        model.graph, output: outputName, isProbability: isProbability)
      compiled = try Compilation(
        Model(
          irVersion: model.irVersion, opset: model.opset, producer: model.producer,
          metadata: model.metadata, graph: graph),
        output: pair, values: options.values, name: name, input: input, batch: batch)
      outputKind = isProbability ? .sigmoid : .logits
    } else {
      head = .classes
      outputKind = options.output ?? OutputKind(ending.kind)
    }
    graph = compiled.graph
    parameterCount = compiled.parameterCount
    values = Dictionary(
      compiled.program.outputs.map { ($0.name.base, $0.shape) }, uniquingKeysWith: { $1 }
    ).filter { options.values.contains($0.key) }
    valuesPerImage = compiled.perImage
    classCount = try compiled.classCount(name: name)
    let nominal = compiled.nominalBatch
    let program = compiled.program
    multiplyAdds = program.multiplyAdds / nominal
    activationBytes = program.activationBytes / nominal
    let nodes = program.steps.filter { !($0.operation is LayoutChange) }
    operatorTypes = nodes.map(\.type)
    nodesWithoutGradient = nodes.filter { !($0.operation is any DifferentiableOperator) }
      .map { "\($0.type) '\($0.label)'" }
  }

  /// The network with its output's numbers taken for another kind.
  package func reading(outputAs kind: OutputKind) -> Network {
    var network = self
    network.outputKind = kind
    return network
  }

  /// Whether the model computes with quantised numbers, whose gradient passes straight through.
  package var isQuantized: Bool {
    graph.steps.contains { $0.operation is any QuantizingOperator }
  }

  /// - Throws: `InferenceError.unknownValue` when a value is none of a node's.
  private static func check(_ values: [String], in model: Model, name: String) throws {
    let made = Set(model.graph.nodes.flatMap(\.outputs)).subtracting([""])
    for value in values where !made.contains(value) {
      throw InferenceError.unknownValue(
        model: name, value: value, suggestion: nearest(to: value, among: made.sorted()))
    }
  }

  /// Names of values that the network was compiled with.
  ///
  /// - Throws: `InferenceError.unknownValue` for others.
  func checked(_ names: [String]) throws -> [String] {
    for value in names where values[value] == nil {
      throw InferenceError.unknownValue(
        model: name, value: value, suggestion: nearest(to: value, among: values.keys.sorted()))
    }
    return names.filter { $0 != graph.outputs[0] }
  }

  private static func outputName(
    of model: Model, options: Options, name: String
  ) throws -> String {
    let names = model.graph.outputs.map(\.name)
    guard let stated = options.outputName else { return names[0] }
    guard names.contains(stated) else {
      let near = nearest(to: stated, among: names).map { "; did you mean '\($0)'?" } ?? ""
      throw InferenceError.output(
        model: name,
        reason: "there is none called '\(stated)' among \(names.joined(separator: ", "))" + near)
    }
    return stated
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
    if let stated = options.inputShape, declared.dimensions?.count ?? 4 == 4 {
      dimensions = stated.map { .fixed($0) }
    }
    guard dimensions.count == 4 else {
      let shape = "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
      // A shape of another rank is the file's own: stating four axes would not change its nodes.
      throw failure(
        declared.dimensions == nil || options.inputShape != nil
          ? "shape \(shape) is not [batch, channels, height, width]; state one with --input-shape "
            + "\(declared.name):1,3,224,224"
          : "shape \(shape) is not a batch of images [batch, channels, height, width]. Rows of "
            + "numbers have no pixels to mask; export the model with an image input that it "
            + "flattens itself")
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
      name: declared.name, elementType: declared.elementType, layout: layout, channels: extents[0],
      height: extents[1],
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
