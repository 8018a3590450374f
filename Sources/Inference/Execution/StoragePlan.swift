import Tensors

/// Where everything that a schedule touches lies in one arena.
///
/// The schedule is played through once: what each tick reads and writes tells how long each piece of
/// memory is in use.
struct StoragePlan {
  /// A place in the arena, by the number of its request; nil where there is nothing.
  typealias Slot = Int

  /// The places of what one tick touches.
  struct Places {
    let step: Int
    let isBackward: Bool
    var inputs: [Slot?] = []
    var outputs: [Slot] = []
    var workspace: Slot = 0
    var outputGradients: [Slot?] = []
    var inputGradients: [Slot?] = []
    /// Gradients that join those of other readers: from, to, elements.
    var accumulations: [(from: Slot, to: Slot, count: Int)] = []
  }

  /// Of the forward pass.
  private(set) var forwardPlaces: [Places] = []
  /// Of all that follows, steps that are run again among it.
  private(set) var backwardPlaces: [Places] = []
  private(set) var plan = MemoryPlan([])
  let scratch: Slot
  /// Where the forward pass leaves each value that still exists when everything has run; others are
  /// overwritten.
  private(set) var values: [ValueName: Slot] = [:]
  /// Where inputs are to be written.
  private(set) var inputs: [ValueName: Slot] = [:]
  /// Where the gradients of outputs are given, and those by the values asked for are left.
  private(set) var gradients: [ValueName: Slot] = [:]

  private let program: Program
  private let storages: Storages
  private let path: GradientPath?
  private var requests: [MemoryPlan.Request] = []
  /// The newest place of each storage, with the pass that made it.
  private var newest: [Int: (slot: Slot, pass: Int)] = [:]
  private var gradientSlots: [Int: Slot] = [:]
  private var workspaces: [Int: Slot] = [:]

  /// What lies elsewhere and needs no memory here.
  private let external: Set<Int>

  /// Plans memory for a schedule.
  ///
  /// `keeps`: whether all results stay until the next run.
  ///
  /// `external`: inputs whose memory is another's.
  init(
    _ program: Program, _ kernels: PreparedKernels, _ storages: Storages, _ schedule: Schedule,
    path: GradientPath?, keeps: Bool, external: Set<ValueName>
  ) {
    self.program = program
    self.storages = storages
    self.path = path
    self.external = Set(program.inputs.filter { external.contains($0.name) }.map { storages[$0] })
    let scratchBytes = kernels.steps.compactMap { $0?.scratchBytes }.max() ?? 0
    let end = schedule.ticks.count
    scratch = 0
    requests = [MemoryPlan.Request(bytes: scratchBytes, steps: 0...end)]
    for input in program.inputs where !self.external.contains(storages[input]) {
      let slot = request(floats: input.shape.count, at: 0)
      newest[storages[input]] = (slot, 0)
      inputs[input.name] = slot
    }
    var computed: [Int: Slot] = newest.mapValues(\.slot)
    for (time, tick) in schedule.ticks.enumerated() {
      if time == schedule.forwardCount {
        computed = newest.mapValues(\.slot)
        placeSeeds(at: time)
      }
      let place =
        switch tick.run {
        case .forward(let step): forward(step, kernels, tick.pass, at: time)
        case .backward(let step): backward(step, at: time)
        }
      guard let place else { continue }
      if time < schedule.forwardCount {
        forwardPlaces.append(place)
      } else {
        backwardPlaces.append(place)
      }
    }
    if schedule.forwardCount == end { computed = newest.mapValues(\.slot) }
    keep(computed, everything: keeps, until: end)
    plan = MemoryPlan(requests)
  }

  private mutating func request(floats count: Int, at time: Int) -> Slot {
    request(bytes: count * MemoryLayout<Float>.stride, at: time)
  }

  private mutating func request(bytes: Int, at time: Int) -> Slot {
    requests.append(MemoryPlan.Request(bytes: bytes, steps: time...time))
    return requests.count - 1
  }

  private mutating func touch(_ slot: Slot, at time: Int) {
    let request = requests[slot]
    requests[slot] = MemoryPlan.Request(
      bytes: request.bytes,
      steps: min(request.steps.lowerBound, time)...max(request.steps.upperBound, time))
  }

  /// Inputs and results of a step as they lie now.
  private mutating func inputs(of step: Program.Step, at time: Int) -> [Slot?] {
    step.inputs.map { input in
      guard !input.isConstant, !external.contains(storages[input]) else { return nil }
      return read(input, at: time)
    }
  }

  private mutating func read(_ value: ValueDescription, at time: Int) -> Slot {
    guard let slot = newest[storages[value]]?.slot else {
      preconditionFailure("'\(value.name)' was not computed")
    }
    touch(slot, at: time)
    return slot
  }

  private mutating func forward(
    _ index: Int, _ kernels: PreparedKernels, _ pass: Int, at time: Int
  ) -> Places? {
    let step = program.steps[index]
    guard !step.isView, let kernel = kernels.steps[index] else { return nil }
    var place = Places(step: index, isBackward: false)
    place.inputs = inputs(of: step, at: time)
    for output in step.outputs {
      let storage = storages[output]
      // A result that takes an input's memory is written where that lies.
      if newest[storage]?.pass != pass || storages.defined[storage] == index {
        newest[storage] = (request(floats: storages.counts[storage], at: time), pass)
      }
      place.outputs.append(read(output, at: time))
    }
    let workspace = request(bytes: kernel.workspaceBytes, at: time)
    workspaces[index] = workspace
    place.workspace = workspace
    return place
  }

  // MARK: Gradients

  /// The gradients of outputs are given before the first step is differentiated.
  private mutating func placeSeeds(at time: Int) {
    guard let path else { return }
    for output in program.outputs where path.contains(output) {
      let storage = storages[output]
      if gradientSlots[storage] == nil {
        gradientSlots[storage] = request(floats: storages.counts[storage], at: time)
      }
      gradients[output.name] = gradientSlots[storage]
    }
  }

  private mutating func backward(_ index: Int, at time: Int) -> Places? {
    let step = program.steps[index]
    guard !step.isView, let path, path.passes(step: index) else { return nil }
    var place = Places(step: index, isBackward: true)
    place.inputs = inputs(of: step, at: time)
    for output in step.outputs { place.outputs.append(read(output, at: time)) }
    let workspace = workspaces[index] ?? scratch
    touch(workspace, at: time)
    place.workspace = workspace
    for output in step.outputs {
      let slot = path.contains(output) ? gradientSlots[storages[output]] : nil
      if let slot { touch(slot, at: time) }
      place.outputGradients.append(slot)
    }
    for input in step.inputs {
      guard path.contains(input) else {
        place.inputGradients.append(nil)
        continue
      }
      let storage = storages[input]
      if let joined = gradientSlots[storage] {
        // The first reader, counted from the end, wrote it; others add to it.
        touch(joined, at: time)
        let own = request(floats: input.shape.count, at: time)
        place.inputGradients.append(own)
        place.accumulations.append((own, joined, input.shape.count))
      } else {
        let slot = request(floats: input.shape.count, at: time)
        gradientSlots[storage] = slot
        place.inputGradients.append(slot)
      }
    }
    return place
  }

  // MARK: What outlives the run

  private mutating func keep(_ computed: [Int: Slot], everything: Bool, until end: Int) {
    let lasting = Set(program.outputs.filter { !$0.isConstant }.map { storages[$0] })
    for (storage, slot) in computed where everything || lasting.contains(storage) {
      touch(slot, at: end)
    }
    for (name, storage) in storages.byName {
      guard let slot = computed[storage], everything || lasting.contains(storage) else { continue }
      values[name] = slot
    }
    for value in path?.leaves ?? [] {
      guard let slot = gradientSlots[storages[value]] else { continue }
      touch(slot, at: end)
      gradients[value.name] = slot
    }
  }
}
