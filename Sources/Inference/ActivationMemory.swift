import Tensors

extension Program {
  /// Bytes of the activations that are alive at once, at most, in a forward pass.
  var activationBytes: Int {
    var roots: [ValueName: ValueName] = [:]
    var defined: [ValueName: Int] = [:]
    var lastReader: [ValueName: Int] = [:]
    var bytes: [ValueName: Int] = [:]
    func define(_ value: ValueDescription, at step: Int) {
      defined[value.name] = step
      lastReader[value.name] = step
      bytes[value.name] = value.shape.count * MemoryLayout<Float>.stride
    }
    for input in inputs { define(input, at: 0) }
    for (index, step) in steps.enumerated() {
      for input in step.inputs where !input.isConstant {
        lastReader[roots[input.name] ?? input.name] = index
      }
      if step.isView {
        let source = step.inputs[0].name
        roots[step.output.name] = roots[source] ?? source
      } else {
        for output in step.outputs { define(output, at: index) }
      }
    }
    var changes = [Int](repeating: 0, count: steps.count + 1)
    for (name, size) in bytes {
      changes[defined[name] ?? 0] += size
      changes[(lastReader[name] ?? 0) + 1] -= size
    }
    var (alive, most) = (0, 0)
    for change in changes {
      alive += change
      most = max(most, alive)
    }
    return most
  }
}

extension Network {
  /// Activations of a pass that a processor's cache holds: larger batches are slower, not faster.
  private static let cachedBytes = 16 << 20
  private static let largestBatch = 64

  /// Images per pass: as many as keep activations in the cache, and memory below a limit.
  ///
  /// `memoryLimit`: bytes that the activations of one pass may take.
  package func automaticBatchSize(memoryLimit: Int) -> Int {
    if case .fixed(let count) = batch { return count }
    let most = min(Network.cachedBytes, memoryLimit) / max(activationBytes, 1)
    return min(Network.largestBatch, max(1, most))
  }
}
