import Dispatch
import Synchronization
import Tensors

/// Shows a network one image at a time, of which gradients and small edits can be asked; belongs to one
/// thread.
///
/// Everything is prepared once and serves all images. The kind of session that answers is fixed from the
/// start, so that results do not depend on what was asked before: a session with a gradient may compute
/// by other kernels than one without.
package final class ReferenceSession {
  package let network: Network
  /// The most edits per pass.
  package let batchSize: Int
  /// Called before every pass, from any thread that runs one; what it throws ends the work.
  package var willRun: @Sendable () throws -> Void = {}
  /// Threads to evaluate edits on; asked at every call, because other work may have ended.
  package var threads: @Sendable () -> Int = { 1 }

  private let session: Session
  private var lanes: [EditLane] = []
  /// Whose activations the session holds.
  private weak var shown: ReferenceImage?

  /// Prepares a network.
  ///
  /// `batchSize`: the most edits a pass.
  ///
  /// `values`: which of the network's inner values images can give.
  ///
  /// `gradient`: whether images will be asked for gradients.
  ///
  /// Throws `InferenceError.noGradient` when an operator lacks one that was asked for.
  package init(
    _ network: Network, batchSize: Int, values: [String] = [], gradient: Bool = false
  ) throws {
    self.network = network
    self.batchSize = batchSize
    OneDNN.useOneThread()
    session = try Session(
      network, batchSize: 1, values: values, gradient: gradient, keepsActivations: true)
  }

  /// Runs the network on an image.
  ///
  /// `pixels`: `[h, w, c]`.
  ///
  /// Throws what `willRun` throws.
  package func image(_ pixels: [Float]) throws -> ReferenceImage {
    let image = ReferenceImage(self, pixels: pixels)
    try image.outputs = run(image)
    return image
  }

  private func run(_ image: ReferenceImage) throws -> [Float] {
    try willRun()
    _ = session.images.update(fromContentsOf: image.pixels)
    shown = image
    return Array(session.forward().prefix(network.classCount))
  }

  /// The session with an image's activations in it.
  fileprivate func showing(_ image: ReferenceImage) throws -> Session {
    if shown !== image { _ = try run(image) }
    return session
  }

  /// Lanes of one thread each, prepared for batches of edits.
  fileprivate func lanes(
    _ count: Int, for batches: [EditBatch], height: Int, width: Int
  ) throws -> ArraySlice<EditLane> {
    while lanes.count < count { lanes.append(EditLane(session)) }
    for lane in lanes[..<count] { try lane.prepare(batches, height, width, willRun) }
    return lanes[..<count]
  }
}

/// An image shown to a network: its outputs, gradients of them, and what small edits would give.
///
/// Any number of images may be held; the last one shown answers fastest.
package final class ReferenceImage {
  /// `[h, w, c]`.
  package let pixels: [Float]
  /// `[classes]`.
  package fileprivate(set) var outputs: [Float] = []

  private let session: ReferenceSession

  fileprivate init(_ session: ReferenceSession, pixels: [Float]) {
    self.session = session
    self.pixels = pixels
    precondition(
      pixels.count == session.network.input.elementCount,
      "\(pixels.count) numbers for an image of \(session.network.input.elementCount)")
  }

  /// One of the inner values that the session was prepared for, of a batch of this image alone; where the model fixes its batch, zeros stand for the others.
  ///
  /// Throws what `willRun` throws.
  package func value(_ name: String) throws -> Tensor {
    try session.showing(self).value(name)
  }

  /// The gradient by the image, `[h, w, c]`, of a weighted sum of outputs and inner values.
  ///
  /// `outputs`: weights `[classes]`; nil for none.
  ///
  /// `values`: weights of inner values, each shaped like it.
  ///
  /// Throws what `willRun` throws.
  package func gradient(
    _ outputs: [Float]?, values: [String: Tensor] = [:]
  ) throws -> [Float] {
    let session = try session.showing(self)
    if let outputs {
      let target = session.outputGradients
      target.update(repeating: 0)
      for (index, weight) in outputs.enumerated() { target[index] = weight }
    }
    for (name, weights) in values { session.addToGradient(of: name, weights: weights) }
    return Array(session.backward().prefix(pixels.count))
  }

  /// Outputs of the image with a window changed, one for each edit.
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
    let network = session.network
    _ = try session.showing(self)
    let batches = EditBatch.cut(
      origins, height: height, width: width, network: network, batchSize: session.batchSize)
    let laneCount = max(1, min(session.threads(), batches.count))
    let lanes = try session.lanes(laneCount, for: batches, height: height, width: width)
    let results = EditResults(count: origins.count, classes: network.classCount)
    let failure = Mutex<(any Error)?>(nil)
    DispatchQueue.concurrentPerform(iterations: laneCount) { [willRun = session.willRun] index in
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
}

extension ArraySlice {
  /// Every `step`th element.
  fileprivate func striding(by step: Int) -> [Element] {
    stride(from: startIndex, to: endIndex, by: step).map { self[$0] }
  }
}
