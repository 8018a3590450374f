import Tensors

/// Runs a network on any number of images, in batches of fixed size; belongs to one thread.
///
/// Batches do not depend on who asks, so that results are the same for any number of workers.
package final class Predictor {
  package let network: Network
  package let batchSize: Int
  private var sessions: [Int: Session] = [:]
  private var gradientSession: Session?

  package init(_ network: Network, batchSize: Int) {
    self.network = network
    self.batchSize = batchSize
    OneDNN.useOneThread()
    LinearAlgebra.useOneThread()
  }

  /// Outputs of `count` images.
  ///
  /// `batchSize`: images per pass, or nil for the predictor's own.
  ///
  /// `fill`: writes image `i` as `[h, w, c]`.
  ///
  /// Returns `[count, classes]`, dense.
  package func outputs(
    count: Int, batchSize: Int? = nil,
    fill: (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws -> [Float] {
    let session = try session(batchSize ?? self.batchSize)
    let size = network.input.elementCount
    let classes = network.classCount
    var results: [Float] = []
    results.reserveCapacity(count * classes)
    for start in stride(from: 0, to: count, by: session.batchSize) {
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

  /// Output and gradient of one image.
  ///
  /// `fill`: writes the image as `[h, w, c]`.
  ///
  /// `outputGradient`: turns the output `[classes]` into the gradient of the score by it.
  ///
  /// Returns the output `[classes]` and the score's gradient by the image `[h, w, c]`.
  package func gradient(
    fill: (UnsafeMutableBufferPointer<Float>) -> Void,
    outputGradient: ([Float]) -> [Float]
  ) throws -> (output: [Float], gradient: [Float]) {
    let session = try gradientSession ?? Session(network, batchSize: 1, gradient: true)
    gradientSession = session
    let size = network.input.elementCount
    fill(UnsafeMutableBufferPointer(rebasing: session.images[..<size]))
    let output = Array(session.forward().prefix(network.classCount))
    let target = session.outputGradients
    target.update(repeating: 0)
    for (i, value) in outputGradient(output).enumerated() { target[i] = value }
    return (output, Array(session.backward().prefix(size)))
  }

  /// The first node whose result is NaN or infinite for an image, for an error message.
  package func firstNodeNotFinite(
    fill: (UnsafeMutableBufferPointer<Float>) -> Void
  ) -> String? {
    guard let session = try? Session(network, batchSize: 1, gradient: true) else { return nil }
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
