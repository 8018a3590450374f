import ONNX
import Tensors

/// Attributes and shapes that `LSTM` and `GRU` have in common.
///
/// Inputs: `x [t, n, i]`, `w [d, g·h, i]`, `r [d, g·h, h]`, `b [d, 2·g·h]`, lengths, initial states
/// `[d, n, h]`; *d* is the number of directions and *g* of gates. All but `x` and the initial states
/// are constants.
struct RecurrentLayer: Sendable {
  let gates: Int
  /// For each direction, whether it begins at the end.
  let isReversed: [Bool]
  /// For each direction.
  let functions: [[RecurrentFunction]]
  /// What the functions' arguments are cut off at; 0 where they are not.
  let clip: Float
  private let hidden: Int?

  /// Positions of the node's inputs.
  static let (bias, lengths, initialState, initialCell, peepholes) = (3, 4, 5, 6, 7)

  /// `functions`: of one direction, when the node names none.
  ///
  /// Throws `InferenceError.attribute`.
  init(_ node: NodeReader, gates: Int, functions: [String]) throws {
    self.gates = gates
    let direction = try node.string("direction", default: "forward")
    switch direction {
    case "forward": isReversed = [false]
    case "reverse": isReversed = [true]
    case "bidirectional": isReversed = [false, true]
    default: throw node.failure("direction '\(direction)' is not supported")
    }
    self.functions = try RecurrentFunction.read(
      node, fallback: functions, directions: isReversed.count)
    clip = try node.float("clip", default: 0)
    guard clip >= 0 else { throw node.failure("clip \(clip) is negative") }
    hidden =
      node.node.attributes["hidden_size"] == nil ? nil : try node.int("hidden_size", default: 0)
  }

  /// Extents of one layer.
  struct Extents {
    let steps: Int
    let batch: Int
    let inputs: Int
    let hidden: Int

    /// Numbers of one step's state, `[n, h]`.
    var block: Int { batch * hidden }
    /// Numbers of all steps' states.
    var sequence: Int { steps * block }
  }

  /// - Throws: `ShapeMismatch` when the inputs do not fit together.
  func extents(_ inputs: [ValueDescription]) throws -> Extents {
    let x = inputs[0].shape
    let directions = isReversed.count
    guard let w = inputs[1].constant, let r = inputs[2].constant, w.floats != nil, r.floats != nil
    else { throw ShapeMismatch("weights must be constant floats") }
    guard x.rank == 3, w.shape.rank == 3, r.shape.rank == 3, x.count > 0 else {
      throw ShapeMismatch("input \(x), weights \(w.shape) and \(r.shape) must have three axes")
    }
    let size = r.shape[2]
    guard size > 0, size == hidden ?? size, w.shape == [directions, gates * size, x[2]],
      r.shape == [directions, gates * size, size]
    else {
      throw ShapeMismatch(
        "input \(x), weights \(w.shape) and \(r.shape) in \(directions) directions")
    }
    let extents = Extents(steps: x[0], batch: x[1], inputs: x[2], hidden: size)
    try check(inputs, RecurrentLayer.bias, [directions, 2 * gates * size], "biases")
    try check(inputs, RecurrentLayer.peepholes, [directions, 3 * size], "peepholes")
    try checkLengths(inputs, extents)
    for index in [RecurrentLayer.initialState, RecurrentLayer.initialCell] {
      guard let state = optional(inputs, index) else { continue }
      guard state.shape == [directions, x[1], size] else {
        throw ShapeMismatch("an initial state of \(state.shape) for input \(x)")
      }
    }
    return extents
  }

  private func optional(_ inputs: [ValueDescription], _ index: Int) -> ValueDescription? {
    index < inputs.count && !inputs[index].isOmitted ? inputs[index] : nil
  }

  private func check(
    _ inputs: [ValueDescription], _ index: Int, _ shape: Shape, _ what: String
  ) throws {
    guard let value = optional(inputs, index) else { return }
    guard value.constant?.floats != nil, value.constant?.shape == shape else {
      throw ShapeMismatch("\(what) must be constants of shape \(shape)")
    }
  }

  private func checkLengths(_ inputs: [ValueDescription], _ extents: Extents) throws {
    guard let lengths = optional(inputs, RecurrentLayer.lengths) else { return }
    guard lengths.constant?.integers?.allSatisfy({ $0 == extents.steps }) == true else {
      throw ShapeMismatch(
        "sequences of several lengths are not supported; export the model without sequence_lens")
    }
  }

  /// Shapes of all states and of `last` kinds of last state.
  func outputShapes(for inputs: [ValueDescription], last: Int) throws -> [Shape] {
    let extents = try extents(inputs)
    let directions = isReversed.count
    let state: Shape = [directions, extents.batch, extents.hidden]
    return [[extents.steps, directions, extents.batch, extents.hidden]]
      + Array(repeating: state, count: last)
  }

  func multiplyAdds(_ inputs: [ValueDescription]) -> Int {
    let x = inputs[0].shape
    return x[0] * x[1] * (inputs[1].shape.count + inputs[2].shape.count)
  }
}

/// The constants of one layer, as its routines read them.
final class RecurrentWeights {
  let layer: RecurrentLayer
  let extents: RecurrentLayer.Extents
  private let input: ConstantBuffer
  private let recurrent: ConstantBuffer
  /// Both biases of each direction's gates, `[d, 2, g, h]`.
  private let biases: [Float]
  /// `[d, 3, h]`, when there are some.
  let peepholes: [Float]?
  private let initial: [Int: ConstantBuffer]

  init(_ layer: RecurrentLayer, _ context: KernelContext) throws {
    self.layer = layer
    extents = try layer.extents(context.inputs)
    input = context.constants.plain(context.inputs[1])
    recurrent = context.constants.plain(context.inputs[2])
    func numbers(_ index: Int) -> [Float]? {
      guard index < context.inputs.count, !context.inputs[index].isOmitted else { return nil }
      return context.inputs[index].constant?.asFloats
    }
    let count = layer.isReversed.count * 2 * layer.gates * extents.hidden
    biases = numbers(RecurrentLayer.bias) ?? [Float](repeating: 0, count: count)
    peepholes = numbers(RecurrentLayer.peepholes)
    let zeros = [Float](repeating: 0, count: layer.isReversed.count * extents.block)
    var initial: [Int: ConstantBuffer] = [:]
    for index in [RecurrentLayer.initialState, RecurrentLayer.initialCell] {
      let isActivation =
        index < context.inputs.count && !context.inputs[index].isOmitted
        && !context.inputs[index].isConstant
      if !isActivation { initial[index] = ConstantBuffer(numbers(index) ?? zeros) }
    }
    self.initial = initial
  }

  /// A gate's weights of the input, `[h, i]`.
  func input(_ direction: Int, _ gate: Int) -> UnsafePointer<Float> {
    UnsafePointer(input.floats + (direction * layer.gates + gate) * extents.hidden * extents.inputs)
  }

  /// A gate's weights of the state, `[h, h]`.
  func recurrent(_ direction: Int, _ gate: Int) -> UnsafePointer<Float> {
    UnsafePointer(
      recurrent.floats + (direction * layer.gates + gate) * extents.hidden * extents.hidden)
  }

  /// A gate's bias of the input or of the state, `[h]`.
  func bias(_ direction: Int, _ gate: Int, ofState: Bool) -> ArraySlice<Float> {
    let start = ((direction * 2 + (ofState ? 1 : 0)) * layer.gates + gate) * extents.hidden
    return biases[start..<start + extents.hidden]
  }

  /// For each direction, the layer's functions on blocks.
  func blockFunctions() throws -> [[RecurrentBlockFunction]] {
    try layer.functions.map {
      try $0.map { try RecurrentBlockFunction($0, count: extents.block) }
    }
  }

  /// A direction's state before the first step, `[n, h]`.
  func initial(_ index: Int, _ direction: Int, _ buffers: Buffers) -> UnsafePointer<Float> {
    (initial[index]?.floats ?? buffers.input(index)) + direction * extents.block
  }
}

extension RecurrentWeights {
  /// Adds the state's part to what a gate's function is applied to.
  func addState(
    _ step: RecurrentStep, _ gate: Int, from state: UnsafePointer<Float>? = nil,
    into target: UnsafeMutablePointer<Float>? = nil
  ) {
    multiply(
      state ?? step.previousState, recurrent(step.direction, gate),
      into: target ?? step.arguments[gate], rows: extents.batch, columns: extents.hidden,
      inner: extents.hidden, transposesRight: true, adds: true)
  }

  /// The gradient by the state, from that by a gate's argument.
  func addStateGradient(
    _ step: RecurrentStep, _ gate: Int, _ gradient: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>, adds: Bool
  ) {
    multiply(
      gradient, recurrent(step.direction, gate), into: target, rows: extents.batch,
      columns: extents.hidden, inner: extents.hidden, adds: adds)
  }

  /// Cuts a block off at the layer's limit.
  func clip(_ block: UnsafeMutablePointer<Float>) {
    let limit = layer.clip
    guard limit > 0 else { return }
    for k in 0..<extents.block { block[k] = min(max(block[k], -limit), limit) }
  }
}
