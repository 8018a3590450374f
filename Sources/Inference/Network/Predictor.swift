import Tensors

/// Runs a network on any number of images; belongs to one thread.
///
/// Batches do not depend on who asks nor on the number of threads, so that results are the same for any
/// number of workers and any history.
package final class Predictor {
  package let network: Network
  /// Images per pass of several images.
  package let batchSize: Int
  /// Called before every pass; what it throws ends the work.
  package var willRun: @Sendable () throws -> Void = {}

  private struct Key: Hashable {
    let batchSize: Int
    let values: [String]
  }

  private var sessions: [Key: Session] = [:]

  /// `batchSize`: images per pass.
  package init(_ network: Network, batchSize: Int) {
    self.network = network
    self.batchSize = batchSize
    OneDNN.useOneThread()
  }

  /// Outputs of `count` images.
  ///
  /// `fill`: writes image `i` as `[h, w, c]`.
  ///
  /// Returns `[count, classes]`, dense.
  ///
  /// Throws `InferenceError` and what `willRun` throws.
  package func outputs(
    count: Int, fill: (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws -> [Float] {
    var results: [Float] = []
    results.reserveCapacity(count * network.classCount)
    try forEachBatch(count: count, values: [], fill: fill) { outputs, _, images in
      results.append(contentsOf: outputs.prefix(images * network.classCount))
    }
    return results
  }

  /// Outputs of `count` images and inner values of each, in one pass.
  ///
  /// `values`: names that the network was compiled with, of values whose first axis counts images.
  ///
  /// Returns `[count, classes]` and for each value `[count, …]` in ONNX's axis order.
  ///
  /// Throws `InferenceError` and what `willRun` throws.
  package func outputs(
    count: Int, with values: [String], fill: (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws -> (outputs: [Float], values: [Tensor]) {
    for name in values where !network.valuesPerImage.contains(name) {
      let shape = network.values[name].map { ", \($0)," } ?? ""
      throw InferenceError.value(
        model: network.name, value: name, reason: "its first axis\(shape) does not count images")
    }
    var results: [Float] = []
    var parts = values.map { _ in [Float]() }
    var shapes = values.map { network.values[$0] ?? [0] }
    try forEachBatch(count: count, values: values, fill: fill) { outputs, session, images in
      results.append(contentsOf: outputs.prefix(images * network.classCount))
      for (index, name) in values.enumerated() {
        let value = session.value(name)
        let perImage = value.shape.count / session.batchSize
        parts[index].append(contentsOf: value.asFloats.prefix(images * perImage))
        shapes[index] = value.shape
      }
    }
    let tensors = zip(parts, shapes).map { numbers, shape in
      Tensor(Shape([count] + shape.dimensions.dropFirst()), numbers)
    }
    return (results, tensors)
  }

  /// `body`: told the outputs of a batch, its session, and how many of its images count.
  private func forEachBatch(
    count: Int, values: [String], fill: (Int, UnsafeMutableBufferPointer<Float>) -> Void,
    body: (UnsafeBufferPointer<Float>, Session, Int) throws -> Void
  ) throws {
    let size = network.input.elementCount
    var start = 0
    while start < count {
      try willRun()
      let session = try session(Key(batchSize: passSize(count - start), values: values))
      let end = min(start + session.batchSize, count)
      let images = session.images
      for i in start..<end {
        fill(
          i,
          UnsafeMutableBufferPointer(rebasing: images[(i - start) * size..<(i - start + 1) * size]))
      }
      for element in (end - start) * size..<images.count { images[element] = 0 }
      try body(session.forward(), session, end - start)
      start = end
    }
  }

  /// Images of the next pass when so many are left: what the model's file fixes, or all that a pass takes,
  /// or else a power of two, so that sessions are few and nothing is computed for nothing.
  private func passSize(_ images: Int) -> Int {
    guard images < batchSize else { return network.batch.nominal(dynamic: batchSize) }
    var size = 1
    while 2 * size <= images { size *= 2 }
    return network.batch.nominal(dynamic: size)
  }

  /// The first node whose result is NaN or infinite for an image, for an error message.
  package func firstNodeNotFinite(
    fill: (UnsafeMutableBufferPointer<Float>) -> Void
  ) -> String? {
    guard let session = try? Session(network, batchSize: 1, keepsActivations: true) else {
      return nil
    }
    fill(UnsafeMutableBufferPointer(rebasing: session.images[..<network.input.elementCount]))
    _ = session.forward()
    return session.firstNodeNotFinite()
  }

  private func session(_ key: Key) throws -> Session {
    if let session = sessions[key] { return session }
    let session = try Session(network, batchSize: key.batchSize, values: key.values)
    sessions[key] = session
    return session
  }
}
