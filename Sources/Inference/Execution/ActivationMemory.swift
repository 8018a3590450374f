extension Program {
  /// Bytes of the activations that are alive at once, at most, in a forward pass.
  var activationBytes: Int { Storages(self).mostBytesAtOnce }
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
