import Tensors

/// A compiled graph laid out for one batch size: every shape and layout known.
struct Program {
  struct Step {
    let label: String
    let type: String
    let operation: any Operator
    let inputs: [ValueDescription]
    let outputs: [ValueDescription]
    /// The only output is the first input's bytes.
    let isView: Bool

    /// `mayBeView`: whether the output may share the first input's bytes.
    init(
      label: String, type: String, operation: any Operator, inputs: [ValueDescription],
      outputs: [ValueDescription], mayBeView: Bool = true
    ) {
      self.label = label
      self.type = type
      self.operation = operation
      self.inputs = inputs
      self.outputs = outputs
      isView =
        mayBeView && outputs.count == 1 && !inputs[0].isConstant
        && operation.isView(of: inputs, as: outputs[0])
    }

    var output: ValueDescription { outputs[0] }
  }

  private(set) var steps: [Step] = []
  private var values: [ValueName: ValueDescription] = [:]
  let inputs: [ValueDescription]
  private let outputNames: [ValueName]
  /// Values with bytes of their own, although views of others.
  private let separate: Set<String>
  private var foldedElements = 0

  /// Steps laid out elsewhere.
  init(inputs: [ValueDescription], steps: [Step], outputs: [ValueDescription]) {
    self.inputs = inputs
    self.steps = steps
    outputNames = outputs.map(\.name)
    separate = []
    values = Dictionary(outputs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The program for a batch of images.
  ///
  /// `outputs`: what to compute; nil for all that the graph was read for.
  ///
  /// - Throws: `InferenceError` naming the node that does not fit.
  init(
    _ graph: CompiledGraph, input image: Network.ImageInput, batchSize: Int,
    outputs: [String]? = nil
  ) throws {
    var input = ValueDescription(
      name: ValueName(image.name), shape: [batchSize, image.height, image.width, image.channels])
    if image.layout == .nchw {
      input.shape = [batchSize, image.channels, image.height, image.width]
      input.layout = .channelsLast
    }
    try self.init(graph, inputs: [input], outputs: outputs)
  }

  /// Infers shapes, folds what depends on the inputs' shapes alone, and inserts layout changes.
  ///
  /// `separate`: values that must not share the bytes, and with them the gradient, of what they are views
  /// of.
  ///
  /// - Throws: `InferenceError` naming the node that does not fit.
  init(
    _ graph: CompiledGraph, inputs: [ValueDescription], outputs: [String]? = nil,
    separate: Set<String> = []
  ) throws {
    self.separate = separate
    for (constant, tensor) in graph.constants {
      let name = ValueName(constant)
      values[name] = ValueDescription(name: name, shape: tensor.shape, constant: tensor)
    }
    self.inputs = inputs
    outputNames = (outputs ?? graph.outputs).map { ValueName($0) }
    for input in inputs {
      guard input.shape.count < 1 << 31 else {
        throw InferenceError.tooLarge(node: input.name.base, elements: input.shape.count)
      }
      values[input.name] = input
    }
    for step in graph.steps {
      try graph.locating(step) { try append(step, graph) }
    }
    for output in outputNames where values[output] == nil {
      throw InferenceError.missingValue(node: graph.modelName, value: output.base)
    }
    dropUnread()
  }

  /// Drops steps that only shapes were asked of: their gradient would never be written.
  private mutating func dropUnread() {
    var read = Set(outputNames)
    for index in steps.indices.reversed() {
      if steps[index].outputs.contains(where: { read.contains($0.name) }) {
        read.formUnion(steps[index].inputs.map(\.name))
      } else {
        steps.remove(at: index)
      }
    }
  }

  /// What it computes, in the order asked for; constants among it are known already.
  var outputs: [ValueDescription] {
    outputNames.map { name in
      guard let output = values[name] else {
        preconditionFailure("the output '\(name)' was checked")
      }
      return output
    }
  }

  /// Of the graph's values, by its names.
  var shapes: [String: Shape] {
    values.reduce(into: [:]) { shapes, value in
      if value.key.isModelValue { shapes[value.key.base] = value.value.shape }
    }
  }

  /// A value of the graph, when it does not depend on the image.
  func constant(named name: String) -> Tensor? { values[ValueName(name)]?.constant }

  /// The graph's values that do not depend on the image.
  var constantNames: Set<String> {
    Set(values.filter { $0.key.isModelValue && $0.value.isConstant }.keys.map(\.base))
  }

  var multiplyAdds: Int {
    steps.reduce(0) { sum, step in
      sum + step.operation.multiplyAdds(inputs: step.inputs, output: step.output.shape)
    }
  }

  private mutating func append(_ step: CompiledGraph.Step, _ graph: CompiledGraph) throws {
    var inputs = try step.inputs.map { name in
      if name.isEmpty { return ValueDescription(shape: [0], constant: Tensor([0], [Float]())) }
      guard let value = values[ValueName(name)] else {
        throw InferenceError.missingValue(node: step.label, value: name)
      }
      return value
    }
    if let reader = step.operation as? any ShapeReader {
      return define(step.outputs[0], reader.fold(shape: inputs[0].shape))
    }
    if inputs.allSatisfy(\.isConstant),
      let results = try graph.fold(step, inputs: inputs.map(\.constant))
    {
      foldedElements += results.reduce(0) { $0 + $1.shape.count }
      guard foldedElements <= CompiledGraph.mostFoldedElements else {
        throw InferenceError.tooLarge(node: step.label, elements: foldedElements)
      }
      for (name, tensor) in zip(step.outputs, results) { define(name, tensor) }
      return
    }
    let rule = step.operation.layoutRule(for: inputs)
    var layout = chooseLayout(rule, inputs)
    if case .asStored(let result) = rule {
      layout = result
    } else {
      let isElementwise = step.operation is any BinaryOperator || step.operation is Where
      for index in inputs.indices {
        inputs[index] = arrange(inputs[index], layout, meetsMaps: isElementwise)
      }
    }
    let shapes = try step.operation.outputShapes(for: inputs)
    if step.operation is Slice, shapes[0].dimensions.contains(0) {
      // Nothing is taken, as of prefixes that a network does without; a Concat then joins nothing.
      return define(step.outputs[0], Tensor(shapes[0], [Float]()))
    }
    let outputs = try zip(step.outputs, shapes).map { name, shape in
      try check(shape, step)
      return ValueDescription(
        name: ValueName(name), shape: shape, layout: shape.rank == 4 ? layout : .rowMajor)
    }
    steps.append(
      Step(
        label: step.label, type: step.type, operation: step.operation, inputs: inputs,
        outputs: outputs, mayBeView: separate.isDisjoint(with: step.outputs)))
    for output in outputs { values[output.name] = output }
  }

  private mutating func define(_ name: String, _ tensor: Tensor) {
    // Such constants may depend on the batch size; their name keeps sessions from sharing them.
    let name = ValueName(name)
    values[name] = ValueDescription(
      name: name.with(.known(inputs: inputs.map(\.shape))), shape: tensor.shape, constant: tensor)
  }

  private func check(_ shape: Shape, _ step: CompiledGraph.Step) throws {
    var count = 1
    for extent in shape.dimensions {
      guard extent > 0 else { throw ShapeMismatch("the output \(shape) is empty") }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product < 1 << 31 else {
        throw InferenceError.tooLarge(node: step.label, elements: overflow ? .max : product)
      }
      count = product
    }
  }

  private func chooseLayout(_ rule: LayoutRule, _ inputs: [ValueDescription]) -> Layout {
    switch rule {
    case .rowMajor, .asStored: return .rowMajor
    case .channelsLast: return .channelsLast
    case .either:
      let activations = inputs.filter { !$0.isConstant }
      let areMaps = activations.allSatisfy { $0.shape.rank == 4 }
      let fit = inputs.allSatisfy { $0.shape.rank <= 4 }
      return areMaps && fit && activations.contains { $0.layout == .channelsLast }
        ? .channelsLast : .rowMajor
    }
  }

  /// The value in the layout asked for, through an inserted step when bytes must move.
  ///
  /// `meetsMaps`: whether a constant is met by a map's elements, whatever it holds.
  private mutating func arrange(
    _ value: ValueDescription, _ layout: Layout, meetsMaps: Bool
  ) -> ValueDescription {
    if value.isConstant {
      guard layout == .channelsLast, value.shape.rank <= 4,
        meetsMaps || value.constant?.floats != nil
      else { return value }
      var arranged = value
      arranged.shape = value.shape.padded(toRank: 4)
      arranged.layout = .channelsLast
      return arranged
    }
    guard value.shape.rank == 4, value.layout != layout else { return value }
    var arranged = value
    arranged.layout = layout
    let shape = value.shape
    if shape[1] == 1 || shape[2] * shape[3] == 1 { return arranged }
    arranged.name = value.name.with(.arranged(layout))
    if let known = values[arranged.name] { return known }
    steps.append(
      Step(
        label: "\(arranged.name)", type: LayoutChange.type, operation: LayoutChange(),
        inputs: [value], outputs: [arranged]))
    values[arranged.name] = arranged
    return arranged
  }
}

/// Moves a four-dimensional value between row-major and channels-last order.
struct LayoutChange: DifferentiableOperator {
  static let type = "(layout)"

  init() {}
  init(_ node: NodeReader) {}

  func outputShapes(for inputs: [ValueDescription]) -> [Shape] { [inputs[0].shape] }

  private func copy(_ context: KernelContext) -> StridedCopy {
    let toChannelsLast = context.output.layout == .channelsLast
    return StridedCopy(
      transposing: context.input.storedShape,
      axes: toChannelsLast ? Layout.channelsLastAxes : [0, 3, 1, 2])
  }

  func forward(_ context: KernelContext) throws -> any Kernel { try copy(context).forward() }
  func gradient(_ context: KernelContext) throws -> any Kernel { try copy(context).gradient() }
}
