import Tensors

/// A recurrent layer with gates for input, output and forgetting, forth, back, or both.
///
/// `i = f(x·wᵢᵀ + h·rᵢᵀ + pᵢ ⊙ c + bᵢ)`, `o` and the gate *forget* alike (`o` sees the new cell),
/// `ĉ = g(x·wᵀ + h·rᵀ + b)`, `c′ = forget ⊙ c + i ⊙ ĉ`, `h′ = o ⊙ k(c′)`.
///
/// Shapes: `x [t, n, i]`, weights as in `RecurrentLayer` with gates i, o, forget, ĉ, `p [d, 3·h]` →
/// `y [t, d, n, h]`, last states `[d, n, h]` of `h` and `c`. ONNX `LSTM`, opsets 7–28.
struct LSTM: RecurrentOperator {
  static let type = "LSTM"
  static let requiredInputs = 3
  static let lastStates = 2

  let layer: RecurrentLayer
  private let forgetsInput: Bool

  init(_ node: NodeReader) throws {
    layer = try RecurrentLayer(node, gates: 4, functions: ["Sigmoid", "Tanh", "Tanh"])
    forgetsInput = try node.int("input_forget", default: 0) == 1
  }

  func cell(_ weights: RecurrentWeights) throws -> any RecurrentCell {
    try LSTMCell(weights, forgetsInput: forgetsInput)
  }
}

/// One step of an LSTM; keeps the cell and its function's value.
private final class LSTMCell: RecurrentCell {
  /// Order of the gates, and of the peepholes.
  private static let (input, output, forget, candidate) = (0, 1, 2, 3)

  let weights: RecurrentWeights
  let keptBlocks = 2
  let hasCell = true
  private let forgetsInput: Bool
  /// For each direction: of gates, candidates and cells.
  let functions: [[RecurrentBlockFunction]]
  private let clip: Float

  init(_ weights: RecurrentWeights, forgetsInput: Bool) throws {
    self.weights = weights
    self.forgetsInput = forgetsInput
    clip = weights.layer.clip
    functions = try weights.blockFunctions()
  }

  func addsStateBias(_ gate: Int) -> Bool { true }

  private func peephole(_ direction: Int, _ gate: Int) -> ArraySlice<Float>? {
    let hidden = weights.extents.hidden
    return weights.peepholes.map {
      $0[(direction * 3 + gate) * hidden..<(direction * 3 + gate + 1) * hidden]
    }
  }

  /// Adds `peephole ⊙ source` to `target`.
  private func peep(
    _ step: RecurrentStep, _ gate: Int, at source: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    guard let peephole = peephole(step.direction, gate) else { return }
    let hidden = weights.extents.hidden
    for row in 0..<weights.extents.batch {
      for (i, p) in peephole.enumerated() {
        target[row * hidden + i] += p * source[row * hidden + i]
      }
    }
  }

  func run(_ step: RecurrentStep) {
    let functions = functions[step.direction]
    let (input, output, forget, candidate) = (
      LSTMCell.input, LSTMCell.output, LSTMCell.forget, LSTMCell.candidate
    )
    for gate in 0..<4 { weights.addState(step, gate) }
    peep(step, input, at: step.previousCell, into: step.arguments[input])
    peep(step, forget, at: step.previousCell, into: step.arguments[forget])
    apply(step, input, functions[0])
    apply(step, candidate, functions[1])
    let (i, f, g) = (step.gates[input], step.gates[forget], step.gates[candidate])
    let (before, cell, count) = (step.previousCell, step.kept[0], weights.extents.block)
    if forgetsInput {
      for k in 0..<count { f[k] = 1 - i[k] }
    } else {
      apply(step, forget, functions[0])
    }
    for k in 0..<count { cell[k] = f[k] * before[k] + i[k] * g[k] }
    peep(step, output, at: cell, into: step.arguments[output])
    apply(step, output, functions[0])
    functions[2].run(cell, into: step.kept[1], scratch: step.scratch)
    let (o, h, state) = (step.gates[output], step.kept[1], step.state)
    for k in 0..<count { state[k] = o[k] * h[k] }
  }

  func runBack(_ step: RecurrentStep, _ gradients: RecurrentStepGradients) {
    let functions = functions[step.direction]
    let (input, output, forget, candidate) = (
      LSTMCell.input, LSTMCell.output, LSTMCell.forget, LSTMCell.candidate
    )
    let count = weights.extents.block
    func multiplyByDerivative(_ gate: Int, _ function: RecurrentBlockFunction) {
      function.multiplyByDerivative(
        gradients.arguments[gate], x: step.arguments[gate], y: step.gates[gate], clip: clip)
    }
    let (by, dh, dc, spare) = (
      gradients.arguments, gradients.state, gradients.cell, gradients.spare
    )
    let (i, o, f, g) = (step.gates[0], step.gates[1], step.gates[2], step.gates[3])
    for k in 0..<count {
      by[output][k] = dh[k] * step.kept[1][k]
      spare[k] = dh[k] * o[k]
    }
    multiplyByDerivative(output, functions[0])
    functions[2].multiplyByDerivative(spare, x: step.kept[0], y: step.kept[1], clip: 0)
    for k in 0..<count { dc[k] += spare[k] }
    peep(step, output, at: by[output], into: dc)
    let before = step.previousCell
    for k in 0..<count {
      by[candidate][k] = dc[k] * i[k]
      by[input][k] = dc[k] * (forgetsInput ? g[k] - before[k] : g[k])
      by[forget][k] = forgetsInput ? 0 : dc[k] * before[k]
    }
    multiplyByDerivative(candidate, functions[1])
    multiplyByDerivative(input, functions[0])
    if !forgetsInput { multiplyByDerivative(forget, functions[0]) }
    for k in 0..<count { dc[k] *= f[k] }
    peep(step, input, at: by[input], into: dc)
    peep(step, forget, at: by[forget], into: dc)
    for gate in 0..<4 { weights.addStateGradient(step, gate, by[gate], into: dh, adds: gate > 0) }
  }
}
