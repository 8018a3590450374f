import Tensors

/// The routines of a program's steps, and the constants that they read.
struct PreparedKernels {
  /// One step's; a view has none.
  struct Step {
    let forward: any Kernel
    /// Nil where no gradient passes.
    let gradient: (any Kernel)?
    /// Where the step's constant inputs lie, by position; nil for activations and for constants that the
    /// routines took from the store themselves.
    let constants: [ConstantBuffer?]

    var scratchBytes: Int { max(forward.scratchBytes, gradient?.scratchBytes ?? 0) }
    /// Both routines share a workspace: what one leaves there, the other reads.
    var workspaceBytes: Int { max(forward.workspaceBytes, gradient?.workspaceBytes ?? 0) }
  }

  private(set) var steps: [Step?] = []

  /// Prepares every step.
  ///
  /// `path`: where gradients pass; nil without any.
  ///
  /// Throws `InferenceError`, such as `noGradient`.
  init(_ program: Program, store: ConstantStore, path: GradientPath?) throws {
    for (index, step) in program.steps.enumerated() {
      guard !step.isView else {
        steps.append(nil)
        continue
      }
      do {
        steps.append(
          try PreparedKernels.prepare(step, store, hasGradient: path?.passes(step: index) ?? false))
      } catch let mismatch as ShapeMismatch {
        throw InferenceError.shape(type: step.type, node: step.label, reason: mismatch.reason)
      }
    }
  }

  private static func prepare(
    _ step: Program.Step, _ store: ConstantStore, hasGradient: Bool
  ) throws -> Step {
    let context = KernelContext(
      label: step.label, inputs: step.inputs, outputs: step.outputs, constants: store,
      keepsForGradient: hasGradient)
    let forward = try step.operation.forward(context)
    var gradient: (any Kernel)?
    if hasGradient {
      guard let operation = step.operation as? any DifferentiableOperator else {
        throw InferenceError.noGradient(type: step.type, node: step.label)
      }
      gradient = try operation.gradient(context)
    }
    let constants = step.inputs.map { input -> ConstantBuffer? in
      guard input.isConstant, !step.operation.packsConstants else { return nil }
      return store.buffer(ConstantKey(input.name, .stored(input.layout))) {
        ConstantBuffer(input.storedFloats)
      }
    }
    return Step(forward: forward, gradient: gradient, constants: constants)
  }
}

/// Through which storages gradients pass: those that a value asked for leads to, and that lead to an
/// output whose gradient is given.
struct GradientPath {
  /// By which the gradient is asked for; none depends on another.
  let leaves: [ValueDescription]
  private let storages: Storages
  private let steps: [Program.Step]
  private let passed: Set<Int>

  /// `leaves`: by which the gradient is asked for.
  ///
  /// `outputs`: of which it is taken.
  init(
    _ program: Program, _ storages: Storages, by leaves: [ValueDescription],
    outputs: [ValueDescription]
  ) {
    self.leaves = leaves
    var leading = Set(outputs.map { storages[$0] })
    for step in program.steps.reversed()
    where step.outputs.contains(where: { leading.contains(storages[$0]) }) {
      // A view hands on its first input alone.
      let inputs = step.isView ? step.inputs.prefix(1) : step.inputs[...]
      for input in inputs where !input.isConstant { leading.insert(storages[input]) }
    }
    passed = leading.intersection(GradientPath.led(by: leaves, program, storages))
    self.storages = storages
    steps = program.steps
  }

  /// Storages that some values lead to, theirs among them.
  private static func led(
    by values: [ValueDescription], _ program: Program, _ storages: Storages
  ) -> Set<Int> {
    var led = Set(values.map { storages[$0] })
    for step in program.steps
    where step.inputs.contains(where: { !$0.isConstant && led.contains(storages[$0]) }) {
      for output in step.outputs { led.insert(storages[output]) }
    }
    return led
  }

  /// The first two of some values of which one leads to the other: what passes the second on its way
  /// to the first changes in place, and is then no gradient by the second.
  static func dependence(
    among values: [ValueDescription], _ program: Program
  ) -> (value: ValueDescription, on: ValueDescription)? {
    let storages = Storages(program)
    for source in values {
      let led = led(by: [source], program, storages)
      let dependent = values.first { $0.name != source.name && led.contains(storages[$0]) }
      if let dependent { return (dependent, source) }
    }
    return nil
  }

  func contains(_ value: ValueDescription) -> Bool {
    !value.isConstant && passed.contains(storages[value])
  }

  func passes(step index: Int) -> Bool {
    steps[index].outputs.contains(where: contains) && steps[index].inputs.contains(where: contains)
  }
}
