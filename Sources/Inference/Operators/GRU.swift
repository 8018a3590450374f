import Tensors

/// A recurrent layer with gates for update and reset, forth, back, or both.
///
/// `z = f(x·wᵀ + h·rᵀ + b)`, *reset* alike; `ĥ = g(x·wᵀ + (reset ⊙ h)·rᵀ + b)`, or with
/// `linear_before_reset` `ĥ = g(x·wᵀ + reset ⊙ (h·rᵀ + b) + b′)`; `h′ = (1 − z) ⊙ ĥ + z ⊙ h`.
///
/// Shapes: `x [t, n, i]`, weights as in `RecurrentLayer` with gates z, reset, ĥ → `y [t, d, n, h]`, last
/// states `[d, n, h]`. ONNX `GRU`, opsets 7–28.
struct GRU: RecurrentOperator {
  static let type = "GRU"
  static let requiredInputs = 3
  static let lastStates = 1

  let layer: RecurrentLayer
  private let multipliesFirst: Bool

  init(_ node: NodeReader) throws {
    layer = try RecurrentLayer(node, gates: 3, functions: ["Sigmoid", "Tanh"])
    multipliesFirst = try node.int("linear_before_reset", default: 0) != 0
    guard node.node.inputs.count <= 6 else { throw node.failure("it has more than six inputs") }
  }

  func cell(_ weights: RecurrentWeights) throws -> any RecurrentCell {
    try GRUCell(weights, multipliesFirst: multipliesFirst)
  }
}

/// One step of a GRU; keeps the state's part of the candidate.
private final class GRUCell: RecurrentCell {
  /// Order of the gates.
  private static let (update, reset, candidate) = (0, 1, 2)

  let weights: RecurrentWeights
  let keptBlocks = 1
  let hasCell = false
  /// Whether the state is multiplied by its weights before it is reset.
  private let multipliesFirst: Bool
  /// For each direction: of gates and candidates.
  let functions: [[RecurrentBlockFunction]]

  init(_ weights: RecurrentWeights, multipliesFirst: Bool) throws {
    self.weights = weights
    self.multipliesFirst = multipliesFirst
    functions = try weights.blockFunctions()
  }

  func addsStateBias(_ gate: Int) -> Bool { gate != GRUCell.candidate || !multipliesFirst }

  func run(_ step: RecurrentStep) {
    let functions = functions[step.direction]
    let (extents, count) = (weights.extents, weights.extents.block)
    for gate in [GRUCell.update, GRUCell.reset] {
      weights.addState(step, gate)
      apply(step, gate, functions[0])
    }
    let (z, r, before) = (step.gates[0], step.gates[1], step.previousState)
    let (part, argument) = (step.kept[0], step.arguments[GRUCell.candidate])
    if multipliesFirst {
      let bias = weights.bias(step.direction, GRUCell.candidate, ofState: true)
      for row in 0..<extents.batch {
        for (i, b) in bias.enumerated() { part[row * extents.hidden + i] = b }
      }
      weights.addState(step, GRUCell.candidate, from: before, into: part)
      for k in 0..<count { argument[k] += r[k] * part[k] }
    } else {
      for k in 0..<count { part[k] = r[k] * before[k] }
      weights.addState(step, GRUCell.candidate, from: part, into: argument)
    }
    apply(step, GRUCell.candidate, functions[1])
    let (h, state) = (step.gates[GRUCell.candidate], step.state)
    for k in 0..<count { state[k] = (1 - z[k]) * h[k] + z[k] * before[k] }
  }

  func runBack(_ step: RecurrentStep, _ gradients: RecurrentStepGradients) {
    let functions = functions[step.direction]
    let (update, reset, candidate) = (GRUCell.update, GRUCell.reset, GRUCell.candidate)
    let (count, clip) = (weights.extents.block, weights.layer.clip)
    func multiplyByDerivative(_ gate: Int, _ function: RecurrentBlockFunction) {
      function.multiplyByDerivative(
        gradients.arguments[gate], x: step.arguments[gate], y: step.gates[gate], clip: clip)
    }
    let (by, dh, spare) = (gradients.arguments, gradients.state, gradients.spare)
    let (z, r, h) = (step.gates[0], step.gates[1], step.gates[2])
    let (before, part) = (step.previousState, step.kept[0])
    for k in 0..<count {
      by[update][k] = dh[k] * (before[k] - h[k])
      by[candidate][k] = dh[k] * (1 - z[k])
      dh[k] *= z[k]
    }
    multiplyByDerivative(update, functions[0])
    multiplyByDerivative(candidate, functions[1])
    if multipliesFirst {
      for k in 0..<count {
        by[reset][k] = by[candidate][k] * part[k]
        spare[k] = by[candidate][k] * r[k]
      }
      weights.addStateGradient(step, candidate, spare, into: dh, adds: true)
    } else {
      weights.addStateGradient(step, candidate, by[candidate], into: spare, adds: false)
      for k in 0..<count {
        by[reset][k] = spare[k] * before[k]
        dh[k] += spare[k] * r[k]
      }
    }
    multiplyByDerivative(reset, functions[0])
    for gate in [update, reset] {
      weights.addStateGradient(step, gate, by[gate], into: dh, adds: true)
    }
  }
}
