import Dispatch
import Synchronization
import Tensors

/// Runs a network on any number of images, or on small edits of one; belongs to one thread.
///
/// Batches do not depend on who asks nor on the number of threads, and the kind of session that a
/// question goes to is fixed from the start, so that results are the same for any number of workers
/// and any history: a session with a gradient may compute by other kernels than one without.
package final class Predictor {
  package let network: Network
  package let batchSize: Int
  /// Whether the reference image's session can give gradients.
  package let hasGradient: Bool
  /// Called before every pass, from any thread that runs one; what it throws ends the work.
  package var willRun: @Sendable () throws -> Void = {}
  /// Threads to evaluate edits on; asked at every call, because other work may have ended.
  package var threads: @Sendable () -> Int = { 1 }

  private var sessions: [Int: Session] = [:]
  private var reference: Session?
  private var lanes: [EditLane] = []
  /// Raised by every `setReference`, so that who set one can tell whether it is still there.
  package private(set) var referenceNumber = 0

  /// `batchSize`: images per pass.
  ///
  /// `gradient`: whether `referenceGradient` will be called.
  package init(_ network: Network, batchSize: Int, gradient: Bool = false) {
    self.network = network
    self.batchSize = batchSize
    hasGradient = gradient
    OneDNN.useOneThread()
    LinearAlgebra.useOneThread()
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
    let session = try session(count == 1 ? 1 : batchSize)
    let size = network.input.elementCount
    let classes = network.classCount
    var results: [Float] = []
    results.reserveCapacity(count * classes)
    for start in stride(from: 0, to: count, by: session.batchSize) {
      try willRun()
      let end = min(start + session.batchSize, count)
      let images = session.images
      for i in start..<end {
        fill(
          i,
          UnsafeMutableBufferPointer(rebasing: images[(i - start) * size..<(i - start + 1) * size]))
      }
      for element in (end - start) * size..<images.count { images[element] = 0 }
      results.append(contentsOf: session.forward().prefix((end - start) * classes))
    }
    return results
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

  private func session(_ batchSize: Int) throws -> Session {
    if let session = sessions[batchSize] { return session }
    let session = try Session(network, batchSize: batchSize)
    sessions[batchSize] = session
    return session
  }
}

// MARK: - One image, its gradient and its edits

extension Predictor {
  /// Edits evaluated in one pass.
  ///
  /// Small batches are as fast as large ones, stay in the cache, and divide any number of edits
  /// without remainder.
  private static let largestEditBatch = 8

  /// Prepares what gradients and edits need, before there is an image.
  ///
  /// - Throws: `InferenceError.noGradient` when an operator lacks a gradient that was asked for.
  package func prepareReference() throws {
    _ = try referenceSession()
  }

  private func referenceSession() throws -> Session {
    if let reference { return reference }
    let session = try Session(
      network, batchSize: 1, gradient: hasGradient, keepsActivations: true)
    reference = session
    return session
  }

  /// Makes an image the one that gradients and edits refer to.
  ///
  /// `fill`: writes the image as `[h, w, c]`.
  ///
  /// Returns its output `[classes]`.
  ///
  /// Throws `InferenceError` and what `willRun` throws.
  package func setReference(
    fill: (UnsafeMutableBufferPointer<Float>) -> Void
  ) throws -> [Float] {
    let reference = try referenceSession()
    try willRun()
    fill(UnsafeMutableBufferPointer(rebasing: reference.images[..<network.input.elementCount]))
    referenceNumber += 1
    return Array(reference.forward().prefix(network.classCount))
  }

  /// The score's gradient by the reference image, `[h, w, c]`.
  ///
  /// The predictor was made with a gradient. `outputGradient`: the score's gradient by the output,
  /// `[classes]`.
  package func referenceGradient(_ outputGradient: [Float]) -> [Float] {
    guard let reference else { preconditionFailure("no reference image is set") }
    let target = reference.outputGradients
    target.update(repeating: 0)
    for (i, value) in outputGradient.enumerated() { target[i] = value }
    return Array(reference.backward().prefix(network.input.elementCount))
  }

  /// Outputs of the reference image with a window changed, one for each edit.
  ///
  /// `origins`: first row and column of each window.
  ///
  /// `height`, `width`: of the windows.
  ///
  /// `fill`: writes the window of edit `i` as `[h, w, c]`; called from several threads.
  ///
  /// Returns `[count, classes]`, dense.
  ///
  /// Throws `InferenceError` and what `willRun` throws.
  package func outputs(
    ofEdits origins: [(row: Int, column: Int)], height: Int, width: Int,
    fill: @escaping @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws -> [Float] {
    guard let reference else { preconditionFailure("no reference image is set") }
    let batches = batches(ofEdits: origins, height: height, width: width)
    let laneCount = max(1, min(threads(), batches.count))
    while lanes.count < laneCount { lanes.append(EditLane(reference)) }
    for lane in lanes[..<laneCount] { try lane.prepare(batches, height, width, willRun) }
    let classes = network.classCount
    let results = EditResults(count: origins.count, classes: classes)
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: laneCount) { [lanes, willRun] index in
      OneDNN.useOneThread()
      do {
        for batch in batches[index...].striding(by: laneCount) {
          try willRun()
          results.store(lanes[index].run(batch, origins, fill), of: batch.edits)
        }
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return results.values
  }

  /// Cuts edits into batches of one region each: of the largest size, then of halves of it, so that
  /// none is padded.
  private func batches(
    ofEdits origins: [(row: Int, column: Int)], height: Int, width: Int
  ) -> [EditBatch] {
    if case .fixed(let size) = network.batch {
      let region = EditRegion.whole(network.input, height: height, width: width)
      return stride(from: 0, to: origins.count, by: size).map {
        EditBatch(region: region, edits: Array($0..<min($0 + size, origins.count)))
      }
    }
    let regions = EditRegion.regions(
      network.input, height: height, width: width, edits: origins.count)
    return regions.flatMap { region -> [EditBatch] in
      var rest = origins.indices.filter { region.contains(origins[$0]) }[...]
      var batches: [EditBatch] = []
      var size = min(Predictor.largestEditBatch, batchSize)
      while !rest.isEmpty {
        while size > rest.count { size = max(1, size / 2) }
        batches.append(EditBatch(region: region, edits: Array(rest.prefix(size))))
        rest = rest.dropFirst(size)
      }
      return batches
    }
  }
}

/// Edits of one pass, by index.
private struct EditBatch: Sendable {
  let region: EditRegion
  let edits: [Int]
}

/// What one thread needs to evaluate edits.
///
/// `@unchecked Sendable` holds because each lane is run by one thread at a time.
private final class EditLane: @unchecked Sendable {
  private struct Key: Hashable {
    let region: EditRegion
    let batchSize: Int
  }

  private let reference: Session
  /// For edits of one extent.
  private var sessions: [Key: WindowedSession] = [:]
  private var extent = [0, 0]

  init(_ reference: Session) {
    self.reference = reference
  }

  /// `willMake`: called before each session is made.
  func prepare(
    _ batches: [EditBatch], _ height: Int, _ width: Int, _ willMake: () throws -> Void
  ) throws {
    // Superpixels of another image have another extent: what was made for the last goes.
    if extent != [height, width] { sessions = [:] }
    extent = [height, width]
    for batch in batches where sessions[key(batch)] == nil {
      try willMake()
      sessions[key(batch)] = try WindowedSession(
        reference, batchSize: batch.edits.count, height: height, width: width,
        region: batch.region)
    }
  }

  /// A model that fixes its batch has one session for any number of edits.
  private func key(_ batch: EditBatch) -> Key {
    if case .fixed(let size) = reference.network.batch {
      return Key(region: batch.region, batchSize: size)
    }
    return Key(region: batch.region, batchSize: batch.edits.count)
  }

  func run(
    _ batch: EditBatch, _ origins: [(row: Int, column: Int)],
    _ fill: (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> UnsafeBufferPointer<Float> {
    guard let session = sessions[key(batch)] else {
      preconditionFailure("the session was prepared")
    }
    return session.forward(origins: batch.edits.map { origins[$0] }) { fill(batch.edits[$0], $1) }
  }
}

/// Results that several threads write, each its own part.
///
/// `@unchecked Sendable` holds because parts do not overlap and are read after all threads ended.
private final class EditResults: @unchecked Sendable {
  private let buffer: UnsafeMutableBufferPointer<Float>
  private let classes: Int

  init(count: Int, classes: Int) {
    buffer = .allocate(capacity: count * classes)
    buffer.initialize(repeating: 0)
    self.classes = classes
  }

  deinit {
    buffer.deallocate()
  }

  /// `outputs`: `[edits.count, classes]`.
  func store(_ outputs: UnsafeBufferPointer<Float>, of edits: [Int]) {
    for (position, edit) in edits.enumerated() {
      for c in 0..<classes { buffer[edit * classes + c] = outputs[position * classes + c] }
    }
  }

  var values: [Float] { Array(buffer) }
}

extension ArraySlice {
  /// Every `step`th element.
  fileprivate func striding(by step: Int) -> [Element] {
    stride(from: startIndex, to: endIndex, by: step).map { self[$0] }
  }
}
