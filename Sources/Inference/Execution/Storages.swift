import Tensors

/// Which of a program's values share memory, and which steps write and read each piece of it.
///
/// A view has its source's bytes; a step may also write over an input that nothing reads afterwards.
struct Storages {
  /// Elements of each storage.
  private(set) var counts: [Int] = []
  /// The first step that writes each storage; 0 for inputs.
  private(set) var defined: [Int] = []
  /// The last step that reads or writes each storage.
  private(set) var lastUse: [Int] = []
  private var numbers: [ValueName: Int] = [:]

  /// Every value that is no view with memory of its own.
  init(_ program: Program) {
    self.init(program, overwriting: [:])
  }

  /// `overwriting`: for steps that write over an input, its position.
  private init(_ program: Program, overwriting: [Int: Int]) {
    for input in program.inputs { numbers[input.name] = add(input, definedAt: 0) }
    for (index, step) in program.steps.enumerated() {
      for input in step.inputs where !input.isConstant { lastUse[self[input]] = index }
      let source = step.isView ? 0 : overwriting[index]
      for output in step.outputs {
        let shared = source.map { self[step.inputs[$0]] }
        numbers[output.name] = shared ?? add(output, definedAt: index)
        lastUse[self[output]] = index
      }
    }
  }

  private mutating func add(_ value: ValueDescription, definedAt step: Int) -> Int {
    counts.append(value.shape.count)
    defined.append(step)
    lastUse.append(step)
    return counts.count - 1
  }

  /// The storage of a value, which is no constant.
  subscript(value: ValueDescription) -> Int {
    guard let number = numbers[value.name] else {
      preconditionFailure("'\(value.name)' has no memory")
    }
    return number
  }

  /// Storages by the names of all values, views included.
  var byName: [ValueName: Int] { numbers }

  /// The same with results written over inputs wherever operators allow it.
  ///
  /// Inputs and outputs of the program are never written over.
  func reusingInputs(of program: Program) -> Storages {
    let kept = Set(
      (program.inputs + program.outputs.filter { !$0.isConstant }).map { self[$0] })
    var overwriting: [Int: Int] = [:]
    for (index, step) in program.steps.enumerated() where !step.isView {
      overwriting[index] = step.operation.inPlaceInputs(for: step.inputs).first { position in
        let input = step.inputs[position]
        guard !input.isConstant, input.shape.count == step.output.shape.count else { return false }
        let storage = self[input]
        let readings = step.inputs.count { !$0.isConstant && self[$0] == storage }
        return lastUse[storage] == index && !kept.contains(storage) && readings == 1
      }
    }
    return Storages(program, overwriting: overwriting)
  }

  /// Bytes that are in use at once, at most, when each storage is there from its writing to its last
  /// reading.
  var mostBytesAtOnce: Int {
    var changes = [Int](repeating: 0, count: (lastUse.max() ?? 0) + 2)
    for storage in counts.indices {
      let bytes = counts[storage] * MemoryLayout<Float>.stride
      changes[defined[storage]] += bytes
      changes[lastUse[storage] + 1] -= bytes
    }
    var (alive, most) = (0, 0)
    for change in changes {
      alive += change
      most = max(most, alive)
    }
    return most
  }
}
