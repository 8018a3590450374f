import Tensors

/// A network prepared for one batch size, with all its memory; belongs to one thread.
///
/// Images and their gradients lie `[n, h, w, c]`, whatever order the model's input has.
package final class Session {
  package let batchSize: Int
  package let hasGradient: Bool
  package let network: Network
  /// Bytes of activations, gradients and scratch memory, weights not counted.
  package let memoryBytes: Int

  private let arena: Arena
  private let activations: [ValueName: UnsafeMutablePointer<Float>]
  private let forwardSteps: [PreparedStep]
  private let gradientSteps: [PreparedStep]
  private let constants: [ConstantBuffer]
  private let imagePointer: UnsafeMutablePointer<Float>
  private let outputPointer: UnsafeMutablePointer<Float>
  private let outputGradientPointer: UnsafeMutablePointer<Float>?
  private let imageGradientPointer: UnsafeMutablePointer<Float>?

  /// Prepares primitives and memory.
  ///
  /// `batchSize`: images per pass; a fixed batch of the model takes precedence.
  ///
  /// `gradient`: whether `backward` will be called.
  ///
  /// `keepsActivations`: whether all results stay until the next `forward`, for `WindowedSession`.
  ///
  /// Throws `InferenceError`, such as `noGradient`.
  package init(
    _ network: Network, batchSize: Int, gradient: Bool = false, keepsActivations: Bool = false
  ) throws {
    // Primitives are made for the number of threads that their maker may use.
    OneDNN.useOneThread()
    var size = batchSize
    if case .fixed(let count) = network.batch { size = count }
    let program = try Program(network.graph, input: network.input, batchSize: size)
    guard program.output.shape.count == size * network.classCount else {
      throw InferenceError.output(
        model: network.name,
        reason: "it has \(program.output.shape.count) elements for a batch of \(size)")
    }
    let planner = try SessionPlanner(
      program, store: network.store, gradient: gradient, keepsActivations: keepsActivations)
    self.network = network
    self.batchSize = size
    hasGradient = gradient
    memoryBytes = planner.plan.totalBytes
    arena = Arena(byteCount: planner.plan.totalBytes)
    let bound = planner.bind(to: arena.base)
    activations = keepsActivations ? bound.activations : [:]
    forwardSteps = bound.forward
    gradientSteps = bound.gradient
    imagePointer = bound.inputs[0]
    outputPointer = bound.output
    outputGradientPointer = bound.outputGradient
    imageGradientPointer = bound.inputGradients[0]
    constants = planner.constantBuffers
  }

  /// Where to write the images before `forward`: `[n, h, w, c]`.
  package var images: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(
      start: imagePointer, count: batchSize * network.input.elementCount)
  }

  /// Computes the outputs `[n, classes]` of `images`, which are used up.
  package func forward() -> UnsafeBufferPointer<Float> {
    for step in forwardSteps { step.kernel.run(step.buffers) }
    return UnsafeBufferPointer(start: outputPointer, count: batchSize * network.classCount)
  }

  /// Where to write the gradient by the outputs before `backward`: `[n, classes]`.
  package var outputGradients: UnsafeMutableBufferPointer<Float> {
    precondition(hasGradient, "the session was prepared without a gradient")
    return UnsafeMutableBufferPointer(
      start: outputGradientPointer, count: batchSize * network.classCount)
  }

  /// Computes the gradient by the images `[n, h, w, c]` after `forward`.
  package func backward() -> UnsafeBufferPointer<Float> {
    precondition(hasGradient, "the session was prepared without a gradient")
    for step in gradientSteps {
      step.kernel.run(step.buffers)
      step.addAccumulated()
    }
    return UnsafeBufferPointer(
      start: imageGradientPointer, count: batchSize * network.input.elementCount)
  }

  /// The results `[n, ...]` that carry a name, for sessions that keep their activations.
  func activation(_ name: ValueName) -> UnsafePointer<Float> {
    guard let pointer = activations[name] else {
      preconditionFailure("'\(name)' was not kept")
    }
    return UnsafePointer(pointer)
  }

  /// The first node whose result is not finite after `forward`; only for sessions that keep their
  /// activations.
  package func firstNodeNotFinite() -> String? {
    precondition(!activations.isEmpty, "results were not kept")
    return forwardSteps.first { step in
      zip(step.buffers.outputs, step.resultCounts).contains { output, count in
        UnsafeBufferPointer(start: output, count: count).contains { !$0.isFinite }
      }
    }?.label
  }
}

/// A kernel with its memory.
struct PreparedStep {
  let label: String
  let kernel: any Kernel
  let buffers: Buffers
  let resultCounts: [Int]
  /// Gradients that join one already there: from, to, count.
  var accumulations: [Accumulation] = []

  typealias Accumulation = (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int)

  func addAccumulated() {
    for (source, target, count) in accumulations {
      accumulate(source, into: target, count: count)
    }
  }
}
