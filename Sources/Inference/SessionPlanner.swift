import Tensors

/// Chooses memory for a program's values, their gradients and its kernels' needs.
struct SessionPlanner {
  private(set) var plan = MemoryPlan([])
  private(set) var constantBuffers: [ConstantBuffer] = []

  private let program: Program
  private let gradient: Bool
  private let keepsActivations: Bool
  private var requests: [MemoryPlan.Request] = []
  private var forwardKernels: [any Kernel] = []
  private var gradientKernels: [any Kernel] = []
  /// One number per value whose bytes are its own; views share their source's.
  private var storages: [ValueName: Int] = [:]
  private var storageCounts: [Int] = []
  /// Storages that the output depends on.
  private var reached: Set<Int> = []
  private var constantPointers: [[UnsafeMutablePointer<Float>?]] = []
  private var valueSlots: [Int] = []
  private var gradientSlots: [Int] = []
  private var workspaceSlots: [Int] = []
  private var scratchSlot = 0
  private var accumulationSlots: [AccumulationKey: Int] = [:]

  private struct AccumulationKey: Hashable {
    let step: Int
    let input: Int
  }

  private var stepCount: Int { program.steps.count }
  /// When, on the time line of forward then backward steps, step `index` is differentiated.
  private func gradientTime(_ index: Int) -> Int { 2 * stepCount - 1 - index }

  init(
    _ program: Program, store: ConstantStore, gradient: Bool, keepsActivations: Bool = false
  ) throws {
    self.program = program
    self.gradient = gradient
    self.keepsActivations = keepsActivations
    try prepareKernels(store)
    assignStorages()
    requestMemory()
    plan = MemoryPlan(requests)
  }

  private mutating func prepareKernels(_ store: ConstantStore) throws {
    for step in program.steps {
      let context = KernelContext(
        label: step.label, inputs: step.inputs, outputs: step.outputs, constants: store,
        keepsForGradient: gradient)
      do {
        forwardKernels.append(try step.operation.forward(context))
        if gradient {
          guard let operation = step.operation as? any DifferentiableOperator else {
            throw InferenceError.noGradient(type: step.type, node: step.label)
          }
          gradientKernels.append(try operation.gradient(context))
        }
      } catch let mismatch as ShapeMismatch {
        throw InferenceError.shape(type: step.type, node: step.label, reason: mismatch.reason)
      }
      let packsConstants = step.operation.packsConstants
      var pointers: [UnsafeMutablePointer<Float>?] = []
      for input in step.inputs {
        guard !packsConstants, input.isConstant else {
          pointers.append(nil)
          continue
        }
        let buffer = store.buffer(ConstantKey(input.name, .stored(input.layout))) {
          ConstantBuffer(input.storedFloats)
        }
        constantBuffers.append(buffer)
        pointers.append(buffer.floats)
      }
      constantPointers.append(pointers)
    }
  }

  private mutating func assignStorages() {
    func add(_ value: ValueDescription) -> Int {
      storageCounts.append(value.shape.count)
      return storageCounts.count - 1
    }
    for input in program.inputs { storages[input.name] = add(input) }
    let reuse = gradient || keepsActivations ? [:] : inPlaceInputs()
    for (index, step) in program.steps.enumerated() {
      let reused = step.isView ? 0 : reuse[index]
      for output in step.outputs {
        storages[output.name] = reused.map { storage(step.inputs[$0]) } ?? add(output)
      }
    }
    // Only what the output depends on has a gradient.
    reached = [storage(program.output)]
    for step in program.steps.reversed()
    where step.outputs.contains(where: { reached.contains(storage($0)) }) {
      for input in step.inputs where !input.isConstant { reached.insert(storage(input)) }
    }
  }

  /// For steps that may write over an input that nothing reads afterwards, which.
  private func inPlaceInputs() -> [Int: Int] {
    // Views share their source's bytes.
    var roots: [ValueName: ValueName] = [:]
    func root(_ value: ValueDescription) -> ValueName { roots[value.name] ?? value.name }
    var lastReader: [ValueName: Int] = [:]
    for (index, step) in program.steps.enumerated() {
      if step.isView { roots[step.output.name] = root(step.inputs[0]) }
      for input in step.inputs where !input.isConstant { lastReader[root(input)] = index }
    }
    let kept = Set((program.inputs + [program.output]).map(root))
    var result: [Int: Int] = [:]
    for (index, step) in program.steps.enumerated() where !step.isView {
      result[index] = step.operation.inPlaceInputs(for: step.inputs).first { position in
        let input = step.inputs[position]
        return !input.isConstant && lastReader[root(input)] == index && !kept.contains(root(input))
          && input.shape.count == step.output.shape.count
          && step.inputs.count { root($0) == root(input) } == 1
      }
    }
    return result
  }

  private func storage(_ value: ValueDescription) -> Int {
    guard let storage = storages[value.name] else {
      preconditionFailure("'\(value.name)' has no memory")
    }
    return storage
  }

  private mutating func request(_ bytes: Int, _ steps: ClosedRange<Int>) -> Int {
    requests.append(MemoryPlan.Request(bytes: bytes, steps: steps))
    return requests.count - 1
  }

  private mutating func requestMemory() {
    let end = gradient ? 2 * stepCount : stepCount
    var defined = [Int](repeating: stepCount, count: storageCounts.count)
    var lastUse = [Int](repeating: 0, count: storageCounts.count)
    for input in program.inputs { defined[storage(input)] = 0 }
    for (index, step) in program.steps.enumerated() {
      for output in step.outputs {
        defined[storage(output)] = min(defined[storage(output)], index)
        lastUse[storage(output)] = index
      }
      for input in step.inputs where !input.isConstant { lastUse[storage(input)] = index }
    }
    let output = storage(program.output)
    let images = Set(program.inputs.map(storage))
    for id in storageCounts.indices {
      let bytes = storageCounts[id] * MemoryLayout<Float>.stride
      // With a gradient, a value lives until its own step has been differentiated.
      var last = gradient ? gradientTime(defined[id]) : lastUse[id]
      if keepsActivations || id == output { last = end }
      valueSlots.append(request(bytes, defined[id]...max(last, defined[id])))
      if gradient {
        let from = id == output ? stepCount : gradientTime(lastUse[id])
        let to = images.contains(id) ? end : gradientTime(defined[id])
        gradientSlots.append(request(bytes, from...max(from, to)))
      }
    }
    let kernels = forwardKernels + gradientKernels
    scratchSlot = request(kernels.map(\.scratchBytes).max() ?? 0, 0...end)
    for (index, kernel) in forwardKernels.enumerated() {
      let last = gradient ? gradientTime(index) : index
      // Both routines of a step share its workspace: what one leaves there, the other reads.
      let bytes = max(
        kernel.workspaceBytes, gradient ? gradientKernels[index].workspaceBytes : 0)
      workspaceSlots.append(request(bytes, index...last))
    }
    if gradient { requestAccumulations() }
  }

  /// The first reader of a value, counted from the end, writes its gradient; others add to it.
  private mutating func requestAccumulations() {
    var written: Set<Int> = [storage(program.output)]
    for (index, step) in program.steps.enumerated().reversed() where !step.isView {
      for (position, input) in step.inputs.enumerated() where !input.isConstant {
        guard !written.insert(storage(input)).inserted else { continue }
        let time = gradientTime(index)
        let bytes = input.shape.count * MemoryLayout<Float>.stride
        accumulationSlots[AccumulationKey(step: index, input: position)] = request(
          bytes, time...time)
      }
    }
  }

  /// Everything a session runs, with addresses in an arena.
  struct Bound {
    var forward: [PreparedStep] = []
    var gradient: [PreparedStep] = []
    /// In the program's order.
    let inputs: [UnsafeMutablePointer<Float>]
    let output: UnsafeMutablePointer<Float>
    let outputGradient: UnsafeMutablePointer<Float>?
    let inputGradients: [UnsafeMutablePointer<Float>?]
    let activations: [ValueName: UnsafeMutablePointer<Float>]
  }

  func bind(to arena: UnsafeMutableRawPointer) -> Bound {
    func value(_ description: ValueDescription) -> UnsafeMutablePointer<Float> {
      floats(valueSlots[storage(description)], arena)
    }
    var bound = Bound(
      inputs: program.inputs.map(value), output: value(program.output),
      outputGradient: gradient(of: program.output, arena),
      inputGradients: program.inputs.map { gradient(of: $0, arena) },
      activations: storages.mapValues { floats(valueSlots[$0], arena) })
    for (index, step) in program.steps.enumerated() where !step.isView {
      var buffers = Buffers(
        inputs: step.inputs.enumerated().map { position, input in
          input.isConstant ? constantPointers[index][position] : value(input)
        },
        outputs: step.outputs.map(value),
        scratch: UnsafeMutableRawPointer(floats(scratchSlot, arena)),
        workspace: UnsafeMutableRawPointer(floats(workspaceSlots[index], arena)),
        outputGradients: [], inputGradients: [])
      let counts = step.outputs.map(\.shape.count)
      bound.forward.append(
        PreparedStep(
          label: step.label, kernel: forwardKernels[index], buffers: buffers,
          resultCounts: counts))
      guard gradient else { continue }
      buffers.outputGradients = step.outputs.map { gradient(of: $0, arena) }
      let targets = gradientTargets(of: index, arena)
      buffers.inputGradients = targets.written
      bound.gradient.append(
        PreparedStep(
          label: step.label, kernel: gradientKernels[index], buffers: buffers,
          resultCounts: counts, accumulations: targets.accumulations))
    }
    bound.gradient.reverse()
    return bound
  }

  private func floats(
    _ slot: Int, _ arena: UnsafeMutableRawPointer
  ) -> UnsafeMutablePointer<Float> {
    (arena + plan.offsets[slot]).assumingMemoryBound(to: Float.self)
  }

  /// Nil where the output does not depend on a value.
  private func gradient(
    of description: ValueDescription, _ arena: UnsafeMutableRawPointer
  ) -> UnsafeMutablePointer<Float>? {
    let storage = storage(description)
    return gradient && reached.contains(storage) ? floats(gradientSlots[storage], arena) : nil
  }

  /// Where step `index` writes its inputs' gradients, and which of them are then added to others.
  private func gradientTargets(
    of index: Int, _ arena: UnsafeMutableRawPointer
  ) -> (written: [UnsafeMutablePointer<Float>?], accumulations: [PreparedStep.Accumulation]) {
    var written: [UnsafeMutablePointer<Float>?] = []
    var accumulations: [PreparedStep.Accumulation] = []
    for (position, input) in program.steps[index].inputs.enumerated() {
      guard !input.isConstant, let target = gradient(of: input, arena) else {
        written.append(nil)
        continue
      }
      if let slot = accumulationSlots[AccumulationKey(step: index, input: position)] {
        let source = floats(slot, arena)
        accumulations.append((source, target, input.shape.count))
        written.append(source)
      } else {
        written.append(target)
      }
    }
    return (written, accumulations)
  }
}
