import Tensors

/// A program with its routines and all its memory, ready to run again and again; belongs to one thread.
///
/// What is made once is made by `init`; `run` and `differentiate` only compute.
final class Executable {
  /// What to prepare for.
  struct Demands {
    /// Values, inputs or inner ones, by which gradients are asked for; none depends on another.
    var gradientsBy: [ValueName] = []
    /// Whether all results stay until the next run.
    var keepsActivations = false
    /// Bytes above which results that a gradient needs are made again rather than kept.
    var memoryLimit = Int.max
    /// Inputs that lie in another's memory, which stays where it is.
    var external: [ValueName: UnsafePointer<Float>] = [:]
  }

  let program: Program
  /// Bytes of activations, gradients and scratch memory; constants are the store's.
  let memoryBytes: Int
  /// Forward steps that `differentiate` runs a second time.
  let repeatedSteps: Int

  private let arena: Arena
  private let kernels: PreparedKernels
  private let forwardSteps: [BoundStep]
  private let backwardSteps: [BoundStep]
  private let inputs: [ValueName: UnsafeMutablePointer<Float>]
  private let values: [ValueName: UnsafeMutablePointer<Float>]
  private let gradients: [ValueName: UnsafeMutablePointer<Float>]
  /// Outputs whose gradient has been given since the last `differentiate`, by where it lies.
  private var seeded: Set<UnsafeMutablePointer<Float>> = []
  private let keepsActivations: Bool
  /// Whether what the last run left is still there to be differentiated.
  private var canDifferentiate = false

  /// Prepares routines and memory.
  ///
  /// - Throws: `InferenceError`, such as `noGradient`.
  init(_ program: Program, store: ConstantStore, _ demands: Demands = Demands()) throws {
    // Primitives are made for the number of threads that their maker may use.
    OneDNN.useOneThread()
    self.program = program
    keepsActivations = demands.keepsActivations
    let plain = Storages(program)
    let leaves = demands.gradientsBy.compactMap(program.value(named:))
    let path =
      leaves.isEmpty
      ? nil
      : GradientPath(
        program, plain, by: leaves, outputs: program.outputs.filter { !$0.isConstant })
    kernels = try PreparedKernels(program, store: store, path: path)
    let storages =
      path != nil || demands.keepsActivations ? plain : plain.reusingInputs(of: program)
    let (plan, schedule) = Executable.plan(program, kernels, storages, path, demands)
    memoryBytes = plan.plan.totalBytes
    repeatedSteps =
      schedule.ticks.count - schedule.forwardCount - (path == nil ? 0 : program.steps.count)
    arena = Arena(byteCount: memoryBytes)
    let binding = Binding(plan, kernels, program, to: arena, external: demands.external)
    forwardSteps = binding.steps(plan.forwardPlaces)
    backwardSteps = binding.steps(plan.backwardPlaces)
    inputs = plan.inputs.mapValues(binding.floats)
    values = plan.values.mapValues(binding.floats)
    gradients = plan.gradients.mapValues(binding.floats)
  }

  /// The first of ever finer schedules whose memory is within the limit, or else the smallest.
  private static func plan(
    _ program: Program, _ kernels: PreparedKernels, _ storages: Storages, _ path: GradientPath?,
    _ demands: Demands
  ) -> (StoragePlan, Schedule) {
    func plan(_ schedule: Schedule) -> (StoragePlan, Schedule) {
      let plan = StoragePlan(
        program, kernels, storages, schedule, path: path, keeps: demands.keepsActivations,
        external: Set(demands.external.keys))
      return (plan, schedule)
    }
    guard path != nil else { return plan(Schedule(steps: program.steps.count)) }
    let bytes = program.steps.map { step in
      step.isView ? 0 : step.outputs.reduce(0) { $0 + $1.shape.count }
    }
    var best = plan(Schedule(differentiating: [0..<program.steps.count]))
    for count in [2, 3, 4, 6, 8, 12, 16, 24] {
      guard best.0.plan.totalBytes > demands.memoryLimit, count < program.steps.count else { break }
      let finer = plan(Schedule(differentiating: Schedule.segments(count, bytes: bytes)))
      if finer.0.plan.totalBytes < best.0.plan.totalBytes { best = finer }
    }
    return best
  }

  // MARK: Running

  /// Computes the outputs from what lies in the inputs, which is used up.
  func run() {
    for step in forwardSteps { step.run() }
    canDifferentiate = true
  }

  /// Computes the gradient of the outputs, weighted by the seeds given since the last time, by the
  /// values that were asked for.
  ///
  /// `run` came before; again before every time, unless activations are kept: gradients take the memory
  /// of results that they no longer need.
  func differentiate() {
    precondition(canDifferentiate, "what is to be differentiated has not been run")
    canDifferentiate = keepsActivations
    for output in program.outputs {
      guard let seed = gradients[output.name], !seeded.contains(seed) else { continue }
      seed.update(repeating: 0, count: output.shape.count)
    }
    seeded = []
    for step in backwardSteps { step.run() }
  }

  // MARK: Memory

  /// Where an input is to be written before `run`.
  func input(_ name: ValueName) -> UnsafeMutablePointer<Float> {
    guard let pointer = inputs[name] else { preconditionFailure("'\(name)' is no input") }
    return pointer
  }

  /// An output after `run`; of an executable that keeps its activations any value.
  func value(_ name: ValueName) -> UnsafeMutablePointer<Float> {
    guard let pointer = values[name] else { preconditionFailure("'\(name)' was not kept") }
    return pointer
  }

  /// The gradient by a value that was asked for, after `differentiate`; nil when no output depends on
  /// it.
  func gradient(by name: ValueName) -> UnsafePointer<Float>? {
    gradients[name].map { UnsafePointer($0) }
  }

  /// Where the weights of an output, in memory order, are to be written before `differentiate`: zeros,
  /// or what was given already for a value that shares its memory; nil when no value asked for leads to
  /// it.
  func seed(_ name: ValueName, count: Int) -> UnsafeMutablePointer<Float>? {
    guard let pointer = gradients[name] else { return nil }
    if seeded.insert(pointer).inserted { pointer.update(repeating: 0, count: count) }
    return pointer
  }

  /// The first step with a result that is not finite after `run`, of an executable that keeps its
  /// activations.
  func firstStepNotFinite() -> String? {
    forwardSteps.first { !$0.isFinite }?.label
  }
}

extension Program {
  /// An input, or a step's result, of this name.
  func value(named name: ValueName) -> ValueDescription? {
    inputs.first { $0.name == name } ?? steps.lazy.flatMap(\.outputs).first { $0.name == name }
  }
}
