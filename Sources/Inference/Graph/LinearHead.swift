import ONNX
import Tensors

/// The last linear layer of a classifier: logit *k* is `weights[k] · φ + biases[k]`, φ being the *features*.
///
/// Found in the graph: a `Gemm`, a `MatMul` with or without a constant added, or a 1×1 `Conv`, behind
/// nothing but functions of the logits, views and a mean over positions.
///
/// "Features" in Singla and Feizi, "Salient ImageNet" (2022).
package struct LinearHead: Equatable, Sendable {
  /// A value `[n, d, h, w]`, or `[n, h, w, d]`, whose mean over positions φ is.
  package struct Map: Equatable, Sendable {
    package let name: String
    package let height: Int
    package let width: Int
    package let isChannelsLast: Bool
  }

  /// Operator and label of the layer's node.
  package let type: String
  package let node: String
  /// The layer's input in the file, `[n, d]` with axes of extent 1, or the map itself when the mean over
  /// positions comes after the layer.
  package let input: String
  /// The layer's output, `[n, classes]` with axes of extent 1, or a map of it; what is added behind it is part
  /// of `biases` all the same.
  package let output: String
  /// Axes of the output.
  package let outputRank: Int
  /// nil where φ is no mean over positions.
  package let map: Map?
  /// What the layer's logits are multiplied by on their way to the output, such as one over a temperature;
  /// `weights` and `biases` are without it.
  package let outputScale: Float
  /// `[classes, d]`.
  package let weights: [Float]
  /// `[classes]`.
  package let biases: [Float]
  /// *d*.
  package let featureCount: Int

  package var classCount: Int { biases.count }

  /// Whether the input is the map, so that the mean over its positions is left to be taken.
  package var isMeanOfInput: Bool { map?.name == input }

  /// Names of values that a network is to be compiled with.
  package var values: [String] { [input] + (isMeanOfInput ? [] : map.map { [$0.name] } ?? []) }

  /// The weights of one class.
  package func weights(of classIndex: Int) -> ArraySlice<Float> {
    weights[classIndex * featureCount..<(classIndex + 1) * featureCount]
  }
}

extension LinearHead {
  /// Finds the layer.
  ///
  /// A model with one output, how sure it is of class 1, has a class 0 of the negative weights.
  ///
  /// `stated`: label of the layer's node, or its input; nil to follow the graph back from its output.
  ///
  /// Throws `InferenceError.noLinearHead`, saying what is in the way.
  package init(in model: Model, of network: Network, at stated: String? = nil) throws {
    let batch = network.batch.nominal(dynamic: 2)
    let layOut = { try Program($0, input: network.input, batchSize: batch) }
    let graph = try CompiledGraph.folded(
      model.reading([network.outputName]), name: network.name, outputs: [network.outputName],
      input: network.input.name, layOut: layOut)
    let trace = HeadTrace(
      graph: graph, program: try layOut(graph), image: network.input.name, batch: batch,
      isBinary: network.head == .binary)
    self = try trace.head(at: stated)
  }
}

/// Follows a graph back from its output to the last linear layer.
private struct HeadTrace {
  typealias Step = CompiledGraph.Step
  private let model: String
  private let output: String
  /// The network's input.
  private let image: String
  private let steps: [Step]
  private let producers: [String: Step]
  private let constants: [String: Tensor]
  private let shapes: [String: Shape]
  private let program: Program
  private let batch: Int
  private let isBinary: Bool

  init(graph: CompiledGraph, program: Program, image: String, batch: Int, isBinary: Bool) {
    model = graph.modelName
    self.image = image
    output = graph.outputs[0]
    steps = graph.steps
    producers = Dictionary(
      graph.steps.flatMap { step in step.outputs.map { ($0, step) } },
      uniquingKeysWith: { first, _ in first })
    constants = graph.constants
    self.program = program
    shapes = program.shapes
    self.batch = batch
    self.isBinary = isBinary
  }

  /// What makes probabilities of logits.
  private static let ofLogits: Set<String> = ["Softmax", "LogSoftmax", "Sigmoid"]

  private func failure(_ reason: String) -> InferenceError {
    .noLinearHead(model: model, reason: reason)
  }

  func head(at stated: String?) throws -> LinearHead {
    guard let stated else { return try follow() }
    let linear = steps.filter { ["Gemm", "MatMul", "Conv"].contains($0.type) }
    guard let step = linear.last(where: { $0.label == stated || $0.inputs[0] == stated }) else {
      let near = linear.suffix(3).map { "'\($0.label)'" }.joined(separator: ", ")
      throw failure("it has no linear layer '\(stated)'; its last ones are \(near)")
    }
    // What is added behind the layer belongs to it.
    let after = steps.first { $0.type == "Add" && $0.inputs.contains(step.outputs[0]) }
    let bias = after?.inputs.compactMap { constants[$0] }.first
    return try layer(step, bias: bias, isPooled: true, scale: 1)
  }

  /// What a step multiplies by everywhere, when that is one positive number.
  private func factor(_ step: Step) -> Float? {
    guard step.inputs.count == 2,
      let constant = step.inputs.compactMap({ constants[$0] }).first, constant.shape.count == 1,
      let number = constant.asFloats.first, number > 0, number.isFinite
    else { return nil }
    switch step.type {
    case "Mul": return number
    case "Div": return constants[step.inputs[1]] == nil ? nil : 1 / number
    default: return nil
    }
  }

  private func follow() throws -> LinearHead {
    var value = output
    var scale: Float = 1
    var bias: Tensor?
    var isPooled = false
    while true {
      guard let step = producers[value] else { throw failure("its output is its input") }
      switch step.type {
      case "Gemm", "MatMul", "Conv":
        return try layer(step, bias: bias, isPooled: isPooled, scale: scale)
      case "Add" where bias == nil && step.inputs.contains { constants[$0] != nil }:
        bias = step.inputs.compactMap { constants[$0] }.first
        value = step.inputs.first { constants[$0] == nil } ?? ""
      case "GlobalAveragePool" where bias == nil,
        "ReduceMean" where bias == nil && isOverPositions(step):
        isPooled = true
        value = step.inputs[0]
      case _ where HeadTrace.ofLogits.contains(step.type) && bias == nil && !isPooled:
        value = step.inputs[0]
      case _ where bias == nil && !isPooled && factor(step) != nil:
        scale *= factor(step) ?? 1
        value = step.inputs.first { constants[$0] == nil } ?? ""
      case _ where handsOn(step):
        value = step.inputs[0]
      default:
        throw failure(
          "between its last linear layer and its output stands \(step.type) '\(step.label)'")
      }
    }
  }

  /// Whether a step changes at most the shape: PyTorch writes some views as a `Gather` of all elements.
  private func handsOn(_ step: Step) -> Bool {
    if step.type == "Cast" || step.operation is any ViewOperator { return true }
    guard step.operation is Gather, let x = shapes[step.inputs[0]], x.rank == 1,
      let indices = (constants[step.inputs[1]] ?? program.constant(named: step.inputs[1]))?.integers
    else { return false }
    return indices == Array(0..<x.count)
  }

  private func isOverPositions(_ step: Step) -> Bool {
    guard let x = shapes[step.inputs[0]], let y = shapes[step.outputs[0]] else { return false }
    return x.rank == 4 && x[0] == batch && y.count == batch * x[1]
  }

  private func layer(
    _ step: Step, bias: Tensor?, isPooled: Bool, scale: Float
  ) throws -> LinearHead {
    guard let matrix = constants[step.inputs[1]], let numbers = matrix.floats else {
      throw failure("the weights of \(step.type) '\(step.label)' are not constant")
    }
    guard let x = shapes[step.inputs[0]], let y = shapes[step.outputs[0]] else {
      throw failure("the shape of what \(step.type) '\(step.label)' reads is not known")
    }
    var weights = numbers
    let (classes, features): (Int, Int)
    var addends: [(tensor: Tensor, factor: Float)] = []
    if let bias { addends.append((bias, 1)) }
    switch step.operation {
    case let gemm as Gemm where matrix.shape.rank == 2 && !gemm.transposesA:
      (classes, features) =
        gemm.transposesB
        ? (matrix.shape[0], matrix.shape[1]) : (matrix.shape[1], matrix.shape[0])
      if !gemm.transposesB { weights = matrix.transposed([1, 0]).asFloats }
      weights = weights.map { gemm.alpha * $0 }
      if step.inputs.count > 2, let c = constants[step.inputs[2]] { addends.append((c, gemm.beta)) }
    case is MatMul where matrix.shape.rank == 2:
      (classes, features) = (matrix.shape[1], matrix.shape[0])
      weights = matrix.transposed([1, 0]).asFloats
    case let convolution as Convolution
    where convolution.groups == 1 && matrix.shape.dimensions.suffix(2) == [1, 1]:
      (classes, features) = (matrix.shape[0], matrix.shape[1])
      if step.inputs.count > 2, let c = constants[step.inputs[2]] { addends.append((c, 1)) }
      guard x[2] * x[3] == y[2] * y[3], isPooled || x[2] * x[3] == 1 else {
        throw failure("Conv '\(step.label)' has \(y[2])×\(y[3]) positions that are not averaged")
      }
    default:
      throw failure("\(step.type) '\(step.label)' has weights of shape \(matrix.shape)")
    }
    var biases = [Float](repeating: 0, count: classes)
    for (tensor, factor) in addends {
      let values = tensor.asFloats
      guard values.count == classes || values.count == 1 else {
        throw failure("what is added behind '\(step.label)' has shape \(tensor.shape)")
      }
      for k in 0..<classes { biases[k] += factor * values[values.count == 1 ? 0 : k] }
    }
    if isBinary, classes == 1 {
      weights = weights.map(-) + weights
      biases = biases.map(-) + biases
    } else if classes < 2 {
      throw failure("\(step.type) '\(step.label)' has one output")
    }
    guard step.inputs[0] != image else {
      throw failure(
        "\(step.type) '\(step.label)' reads the image itself, whose pixels are no features")
    }
    let map = try map(of: step, x, features)
    return LinearHead(
      type: step.type, node: step.label, input: step.inputs[0], output: step.outputs[0],
      outputRank: y.rank, map: map, outputScale: scale, weights: weights,
      biases: biases, featureCount: features)
  }

  /// Where φ is averaged from.
  private func map(of step: Step, _ x: Shape, _ features: Int) throws -> LinearHead.Map? {
    if x.rank == 4, x[2] * x[3] > 1 {
      return LinearHead.Map(
        name: step.inputs[0], height: x[2], width: x[3], isChannelsLast: false)
    }
    guard x.count == batch * features else {
      throw failure("\(step.type) '\(step.label)' reads \(x), not one row of numbers per image")
    }
    var value = step.inputs[0]
    while let step = producers[value] {
      // The image itself is no map of features.
      if let averaged = averagedMap(step, features) {
        return averaged.name == image ? nil : averaged
      }
      guard handsOn(step) else { return nil }
      value = step.inputs[0]
    }
    return nil
  }

  private func averagedMap(_ step: Step, _ features: Int) -> LinearHead.Map? {
    guard let x = shapes[step.inputs[0]], x.rank == 4, x[0] == batch,
      let y = shapes[step.outputs[0]], y.count == batch * features
    else { return nil }
    func map(height: Int, width: Int, isChannelsLast: Bool) -> LinearHead.Map {
      LinearHead.Map(
        name: step.inputs[0], height: height, width: width, isChannelsLast: isChannelsLast)
    }
    switch step.operation {
    case is GlobalAveragePool where x[1] == features:
      return map(height: x[2], width: x[3], isChannelsLast: false)
    case let pool as AveragePool where x[1] == features && pool.reduction.kernel == [x[2], x[3]]:
      return map(height: x[2], width: x[3], isChannelsLast: false)
    case let mean as ReduceMean:
      let inputs = step.inputs.map { name in
        ValueDescription(
          name: ValueName(name), shape: shapes[name] ?? constants[name]?.shape ?? [],
          constant: constants[name])
      }
      switch try? mean.axes.resolve(inputs) {
      case [2, 3]? where x[1] == features:
        return map(height: x[2], width: x[3], isChannelsLast: false)
      case [1, 2]? where x[3] == features:
        return map(height: x[1], width: x[2], isChannelsLast: true)
      default: return nil
      }
    default: return nil
    }
  }
}
