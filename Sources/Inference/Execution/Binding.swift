/// A routine with the memory that it works on.
struct BoundStep {
  let label: String
  fileprivate let kernel: any Kernel
  fileprivate let buffers: Buffers
  fileprivate let resultCounts: [Int]
  /// Gradients that join those of other readers.
  fileprivate let accumulations: [Accumulation]

  fileprivate typealias Accumulation = (
    from: UnsafeMutablePointer<Float>, to: UnsafeMutablePointer<Float>, count: Int
  )

  func run() {
    kernel.run(buffers)
    for (source, target, count) in accumulations { target.add(source, count: count) }
  }

  var isFinite: Bool {
    zip(buffers.outputs, resultCounts).allSatisfy { output, count in
      UnsafeBufferPointer(start: output, count: count).allSatisfy(\.isFinite)
    }
  }
}

/// Turns the places of a plan into addresses in an arena.
struct Binding {
  private let plan: StoragePlan
  private let kernels: PreparedKernels
  private let program: Program
  private let arena: UnsafeMutableRawPointer
  private let external: [ValueName: UnsafePointer<Float>]

  init(
    _ plan: StoragePlan, _ kernels: PreparedKernels, _ program: Program, to arena: Arena,
    external: [ValueName: UnsafePointer<Float>]
  ) {
    self.plan = plan
    self.kernels = kernels
    self.program = program
    self.arena = arena.base
    self.external = external
  }

  func floats(_ slot: StoragePlan.Slot) -> UnsafeMutablePointer<Float> {
    bytes(slot).assumingMemoryBound(to: Float.self)
  }

  private func bytes(_ slot: StoragePlan.Slot) -> UnsafeMutableRawPointer {
    arena + plan.plan.offsets[slot]
  }

  /// The steps of the plan's places, in order.
  func steps(_ places: some Sequence<StoragePlan.Places>) -> [BoundStep] {
    places.compactMap { place in kernels.steps[place.step].flatMap { bind(place, $0) } }
  }

  private func bind(_ place: StoragePlan.Places, _ kernel: PreparedKernels.Step) -> BoundStep? {
    let step = program.steps[place.step]
    guard let routine = place.isBackward ? kernel.gradient : kernel.forward else { return nil }
    let buffers = Buffers(
      inputs: step.inputs.indices.map { position in
        place.inputs[position].map { UnsafePointer(floats($0)) }
          ?? kernel.constants[position]?.floats
          ?? external[step.inputs[position].name]
      },
      outputs: place.outputs.map(floats), scratch: bytes(plan.scratch),
      workspace: bytes(place.workspace),
      outputGradients: place.outputGradients.map { $0.map(floats) },
      inputGradients: place.inputGradients.map { $0.map(floats) })
    return BoundStep(
      label: step.label, kernel: routine, buffers: buffers,
      resultCounts: step.outputs.map(\.shape.count),
      accumulations: place.accumulations.map { (floats($0.from), floats($0.to), $0.count) })
  }
}

extension UnsafeMutablePointer<Float> {
  /// Adds numbers that lie elsewhere.
  func add(_ source: UnsafePointer<Float>, count: Int) {
    for i in 0..<count { self[i] += source[i] }
  }
}
