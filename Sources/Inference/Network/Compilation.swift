import ONNX
import Tensors

/// A model's graph read for a classifier's output and inner values, folded, fused and laid out for one
/// batch size.
struct Compilation {
  let graph: CompiledGraph
  let program: Program
  /// Names of outputs and inner values whose first axis counts images.
  let perImage: Set<String>
  /// Images that the program is laid out for.
  let nominalBatch: Int
  /// Elements of all trained tensors.
  let parameterCount: Int
  let ending: OutputEnding
  /// What the input is multiplied by before anything else; nil when it is not.
  let firstFactor: Float?

  /// `values`: inner values to keep.
  ///
  /// - Throws: `InferenceError`, naming node and operator.
  init(
    _ model: Model, output: String, values: [String], name: String, input: Network.ImageInput,
    batch: Network.BatchSize
  ) throws {
    let wanted = [output] + values.filter { $0 != output }
    // At a batch of two, no other axis of extent one is taken for it.
    let layOut = { try Program($0, input: input, batchSize: batch.nominal(dynamic: 2)) }
    var graph = try CompiledGraph(model.reading(wanted), name: name, outputs: wanted)
    // Before anything is folded: what follows from trained tensors is none.
    parameterCount = graph.constants.values.reduce(0) { $0 + ($1.floats?.count ?? 0) }
    let unchosen = graph
    let decisions = try graph.chooseBranches(input: input.name, layOut)
    if batch == .dynamic { try unchosen.checkBranchesOfOneImage(decisions, input) }
    try graph.foldConstants()
    ending = graph.ending
    firstFactor = graph.firstFactor(of: input.name)
    let sample = try layOut(graph)
    let samples = batch.nominal(dynamic: 2)
    graph.fuse(shapes: sample.shapes, known: sample.constantNames)
    self.graph = graph
    nominalBatch = batch.nominal(dynamic: 1)
    program = try Program(graph, input: input, batchSize: nominalBatch)
    perImage = Set(
      zip(wanted, program.outputs).filter { name, output in
        output.shape.dimensions.first == batch.nominal(dynamic: 1)
          && sample.shapes[name]?.dimensions.first == samples
      }.map(\.0))
    for output in program.outputs {
      guard let constant = output.constant else { continue }
      throw InferenceError.constantOutput(model: name, value: output.name.base, constant)
    }
  }

  /// Numbers of one image's output.
  var numbersPerImage: Int { program.outputs[0].shape.count / max(nominalBatch, 1) }

  /// - Throws: `InferenceError.output` when the output is no row of classes.
  func classCount(name: String) throws -> Int {
    let shape = program.outputs[0].shape
    let classes = numbersPerImage
    let isRow =
      shape.rank >= 2 && shape[0] == nominalBatch && shape.dimensions.contains(classes)
    guard isRow, classes >= 2 else {
      throw InferenceError.output(
        model: name,
        reason: "shape \(shape) is not [batch, classes]; state the classifier's with "
          + "--output-name, or export its logits as an output")
    }
    return classes
  }
}

extension Network.BatchSize {
  /// The batch that the export fixed, or else the one given.
  func nominal(dynamic size: Int) -> Int {
    if case .fixed(let count) = self { count } else { size }
  }
}

extension Network.OutputKind {
  /// What an ending makes of the numbers when nothing else is known.
  init(_ ending: OutputEnding.Kind) {
    self =
      switch ending {
      case .softmax: .probabilities
      case .logSoftmax: .logProbabilities
      case .sigmoid: .sigmoid
      case .linear, .other: .logits
      }
  }
}
