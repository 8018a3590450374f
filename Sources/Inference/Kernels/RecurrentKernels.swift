import Tensors

/// What distinguishes one kind of recurrent layer: its steps, forth and back.
protocol RecurrentCell: AnyObject {
  var weights: RecurrentWeights { get }
  /// Blocks that a step keeps beside its gates: an LSTM's cell comes first.
  var keptBlocks: Int { get }
  var hasCell: Bool { get }
  /// For each direction: of gates, candidates and, where there are any, cells.
  var functions: [[RecurrentBlockFunction]] { get }
  /// Gates whose two biases are not simply added.
  func addsStateBias(_ gate: Int) -> Bool
  func run(_ step: RecurrentStep)
  /// Turns gradients by a step's results into those by what its gates were computed from and by what
  /// came before.
  func runBack(_ step: RecurrentStep, _ gradients: RecurrentStepGradients)
}

extension RecurrentCell {
  var scratchBytes: Int { functions.joined().map(\.scratchBytes).max() ?? 0 }

  /// Computes a gate from its argument.
  func apply(_ step: RecurrentStep, _ gate: Int, _ function: RecurrentBlockFunction) {
    weights.clip(step.arguments[gate])
    function.run(step.arguments[gate], into: step.gates[gate], scratch: step.scratch)
  }
}

/// Memory of one step of one direction; blocks are `[n, h]`.
struct RecurrentStep {
  let direction: Int
  /// What the gates' functions are applied to; holds the input's part when the step begins.
  let arguments: [UnsafeMutablePointer<Float>]
  let gates: [UnsafeMutablePointer<Float>]
  let kept: [UnsafeMutablePointer<Float>]
  let previousState: UnsafePointer<Float>
  /// Used by layers that have cells.
  let previousCell: UnsafePointer<Float>
  let state: UnsafeMutablePointer<Float>
  let scratch: UnsafeMutableRawPointer
}

/// Gradients of one step; blocks are `[n, h]`.
struct RecurrentStepGradients {
  /// By the functions' arguments; written.
  let arguments: [UnsafeMutablePointer<Float>]
  /// By the step's state, then by the one before.
  let state: UnsafeMutablePointer<Float>
  let cell: UnsafeMutablePointer<Float>
  /// Free.
  let spare: UnsafeMutablePointer<Float>
}

/// Where one layer's numbers lie between forward and gradient.
private struct RecurrentMemory {
  let extents: RecurrentLayer.Extents
  let gates: Int
  let kept: Int
  let directions: Int
  /// Without a gradient, functions overwrite their arguments and steps what earlier ones kept.
  let keepsAll: Bool

  var count: Int {
    directions
      * (keepsAll
        ? (2 * gates + kept) * extents.sequence : gates * extents.sequence + kept * extents.block)
  }

  func step(
    _ base: UnsafeMutablePointer<Float>, direction: Int, time: Int
  ) -> (
    arguments: [UnsafeMutablePointer<Float>], gates: [UnsafeMutablePointer<Float>],
    kept: [UnsafeMutablePointer<Float>]
  ) {
    let start = base + direction * (count / directions)
    let offset = time * extents.block
    let arguments = (0..<gates).map { start + $0 * extents.sequence + offset }
    guard keepsAll else {
      let rest = start + gates * extents.sequence
      return (arguments, arguments, (0..<kept).map { rest + $0 * extents.block })
    }
    return (
      arguments, (gates..<2 * gates).map { start + $0 * extents.sequence + offset },
      (2 * gates..<2 * gates + kept).map { start + $0 * extents.sequence + offset }
    )
  }
}

/// Runs a recurrent layer's steps in each direction.
///
/// The input's part of all steps is one product for each gate; only the state's part goes step by
/// step.
final class RecurrentKernel: Kernel {
  let scratchBytes: Int
  let workspaceBytes: Int
  private let cell: any RecurrentCell
  private let memory: RecurrentMemory
  private let cellScratch: Int

  init(_ cell: any RecurrentCell, keepsForGradient: Bool) {
    self.cell = cell
    let weights = cell.weights
    memory = RecurrentMemory(
      extents: weights.extents, gates: weights.layer.gates, kept: cell.keptBlocks,
      directions: weights.layer.isReversed.count, keepsAll: keepsForGradient)
    let bytes = memory.count * MemoryLayout<Float>.stride
    cellScratch = MemoryPlan.align(cell.scratchBytes)
    workspaceBytes = keepsForGradient ? bytes : 0
    scratchBytes = cellScratch + (keepsForGradient ? 0 : bytes)
  }

  func run(_ buffers: Buffers) {
    let layer = cell.weights.layer
    for (direction, isReversed) in layer.isReversed.enumerated() {
      project(buffers, direction)
      let steps = cell.weights.extents.steps
      var previous: Int?
      for k in 0..<steps {
        let time = isReversed ? steps - 1 - k : k
        cell.run(step(buffers, direction, time: time, previous: previous))
        previous = time
      }
      guard let last = previous else { continue }
      copyLast(buffers, direction, time: last)
    }
  }

  /// The input's part of every gate at all steps, with biases.
  private func project(_ buffers: Buffers, _ direction: Int) {
    let (weights, extents) = (cell.weights, memory.extents)
    let blocks = memory.step(base(buffers), direction: direction, time: 0)
    for (gate, target) in blocks.arguments.enumerated() {
      multiply(
        buffers.input(0), weights.input(direction, gate), into: target,
        rows: extents.steps * extents.batch, columns: extents.hidden, inner: extents.inputs,
        transposesRight: true)
      var bias = Array(weights.bias(direction, gate, ofState: false))
      if cell.addsStateBias(gate) {
        for (i, b) in weights.bias(direction, gate, ofState: true).enumerated() { bias[i] += b }
      }
      for row in 0..<extents.steps * extents.batch {
        let start = target + row * extents.hidden
        for i in 0..<extents.hidden { start[i] += bias[i] }
      }
    }
  }

  private func base(_ buffers: Buffers) -> UnsafeMutablePointer<Float> {
    (memory.keepsAll ? buffers.workspace : buffers.scratch + cellScratch)
      .assumingMemoryBound(to: Float.self)
  }

  /// Memory of the step at `time`, which follows the one at `previous`.
  fileprivate func step(
    _ buffers: Buffers, _ direction: Int, time: Int, previous: Int?
  ) -> RecurrentStep {
    let (weights, extents) = (cell.weights, memory.extents)
    let blocks = memory.step(base(buffers), direction: direction, time: time)
    func state(_ time: Int) -> UnsafeMutablePointer<Float> {
      buffers.output + (time * memory.directions + direction) * extents.block
    }
    let initialState = weights.initial(RecurrentLayer.initialState, direction, buffers)
    let initialCell =
      cell.hasCell
      ? weights.initial(RecurrentLayer.initialCell, direction, buffers) : initialState
    return RecurrentStep(
      direction: direction, arguments: blocks.arguments, gates: blocks.gates, kept: blocks.kept,
      previousState: previous.map { UnsafePointer(state($0)) } ?? initialState,
      previousCell: previous.map {
        UnsafePointer(memory.step(base(buffers), direction: direction, time: $0).kept[0])
      } ?? initialCell,
      state: state(time), scratch: buffers.scratch)
  }

  private func copyLast(_ buffers: Buffers, _ direction: Int, time: Int) {
    let block = memory.extents.block
    let step = step(buffers, direction, time: time, previous: nil)
    if buffers.outputs.count > 1 {
      (buffers.outputs[1] + direction * block).update(from: step.state, count: block)
    }
    if cell.hasCell, buffers.outputs.count > 2 {
      (buffers.outputs[2] + direction * block).update(from: step.kept[0], count: block)
    }
  }
}

/// Goes back through a recurrent layer's steps.
///
/// `∂x = Σ_gates ∂arguments · w`, one product for all steps.
final class RecurrentGradientKernel: Kernel {
  let scratchBytes: Int
  let workspaceBytes = 0
  private let cell: any RecurrentCell
  private let forward: RecurrentKernel
  private let cellScratch: Int

  init(_ cell: any RecurrentCell) {
    self.cell = cell
    forward = RecurrentKernel(cell, keepsForGradient: true)
    let (extents, gates) = (cell.weights.extents, cell.weights.layer.gates)
    cellScratch = MemoryPlan.align(cell.scratchBytes)
    scratchBytes =
      cellScratch + (gates * extents.sequence + 3 * extents.block) * MemoryLayout<Float>.stride
  }

  func run(_ buffers: Buffers) {
    let (layer, extents) = (cell.weights.layer, cell.weights.extents)
    let block = extents.block
    let arguments = (buffers.scratch + cellScratch).assumingMemoryBound(to: Float.self)
    let rest = arguments + layer.gates * extents.sequence
    for (direction, isReversed) in layer.isReversed.enumerated() {
      let (state, stateCell) = (rest, rest + block)
      start(state, buffers, output: 1, direction)
      start(stateCell, buffers, output: 2, direction)
      for k in (0..<extents.steps).reversed() {
        let time = isReversed ? extents.steps - 1 - k : k
        let previous = k == 0 ? nil : isReversed ? time + 1 : time - 1
        if let yGradient = buffers.outputGradients[0] {
          let source = yGradient + (time * layer.isReversed.count + direction) * block
          for i in 0..<block { state[i] += source[i] }
        }
        cell.runBack(
          forward.step(buffers, direction, time: time, previous: previous),
          RecurrentStepGradients(
            arguments: (0..<layer.gates).map { arguments + $0 * extents.sequence + time * block },
            state: state, cell: stateCell, spare: rest + 2 * block))
      }
      finish(state, buffers, input: RecurrentLayer.initialState, direction)
      if cell.hasCell { finish(stateCell, buffers, input: RecurrentLayer.initialCell, direction) }
      guard let xGradient = buffers.inputGradients[0] else { continue }
      for gate in 0..<layer.gates {
        multiply(
          arguments + gate * extents.sequence, cell.weights.input(direction, gate),
          into: xGradient, rows: extents.steps * extents.batch, columns: extents.inputs,
          inner: extents.hidden, adds: direction + gate > 0)
      }
    }
  }

  /// The gradient by a direction's last state.
  private func start(
    _ target: UnsafeMutablePointer<Float>, _ buffers: Buffers, output: Int, _ direction: Int
  ) {
    let block = cell.weights.extents.block
    target.update(repeating: 0, count: block)
    guard output < buffers.outputGradients.count, let gradient = buffers.outputGradients[output]
    else { return }
    target.update(from: gradient + direction * block, count: block)
  }

  /// The gradient by a direction's initial state, where one is wanted.
  private func finish(
    _ source: UnsafeMutablePointer<Float>, _ buffers: Buffers, input: Int, _ direction: Int
  ) {
    let block = cell.weights.extents.block
    guard input < buffers.inputGradients.count, let gradient = buffers.inputGradients[input]
    else { return }
    (gradient + direction * block).update(from: source, count: block)
  }
}
