import Tensors

/// A network prepared for one batch size, with all its memory; belongs to one thread.
///
/// Images and their gradients lie `[n, h, w, c]`, whatever order the model's input has.
package final class Session {
  /// Images per pass.
  package let batchSize: Int
  package let network: Network

  let executable: Executable
  private let image: ValueDescription
  private let outputs: [ValueDescription]

  /// Prepares primitives and memory.
  ///
  /// `batchSize`: images per pass; a fixed batch of the model takes precedence.
  ///
  /// `values`: which of the network's inner values to compute besides.
  ///
  /// `gradient`: whether `backward` will be called.
  ///
  /// `keepsActivations`: whether all results stay until the next `forward`, for `WindowedSession`.
  ///
  /// `memoryLimit`: bytes above which a gradient's session computes results anew instead of keeping them.
  ///
  /// Throws `InferenceError`, such as `noGradient`.
  package init(
    _ network: Network, batchSize: Int, values: [String] = [], gradient: Bool = false,
    keepsActivations: Bool = false, memoryLimit: Int = Session.usualMemoryLimit
  ) throws {
    let size = network.batch.nominal(dynamic: batchSize)
    let program = try Program(
      network.graph, input: network.input, batchSize: size,
      outputs: [network.graph.outputs[0]] + network.checked(values))
    guard program.outputs[0].shape.count == size * network.classCount else {
      throw InferenceError.output(
        model: network.name,
        reason: "it has \(program.outputs[0].shape.count) elements for a batch of \(size)")
    }
    self.network = network
    self.batchSize = size
    image = program.inputs[0]
    outputs = program.outputs
    executable = try Executable(
      program, store: network.store,
      Executable.Demands(
        gradientsBy: gradient ? [image.name] : [], keepsActivations: keepsActivations,
        memoryLimit: keepsActivations ? .max : memoryLimit))
  }

  /// Bytes of a gradient's session above which results are computed twice.
  package static let usualMemoryLimit = 2 << 30

  /// Where to write the images before `forward`: `[n, h, w, c]`.
  package var images: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: executable.input(image.name), count: image.shape.count)
  }

  /// Computes the outputs `[n, classes]` of `images`, which are used up.
  package func forward() -> UnsafeBufferPointer<Float> {
    executable.run()
    return UnsafeBufferPointer(
      start: executable.value(outputs[0].name), count: batchSize * network.classCount)
  }

  /// One of the values that were asked for, of the whole batch in ONNX's axis order, after `forward`.
  package func value(_ name: String) -> Tensor {
    executable.tensor(of: output(name))
  }

  /// Where to write the gradient by the outputs before `backward`: `[n, classes]`.
  package var outputGradients: UnsafeMutableBufferPointer<Float> {
    let count = batchSize * network.classCount
    return UnsafeMutableBufferPointer(start: seed(of: outputs[0]), count: count)
  }

  /// Adds to the function that `backward` differentiates a value that was asked for, weighted.
  ///
  /// `weights`: shaped like the value, in ONNX's axis order.
  package func addToGradient(of name: String, weights: Tensor) {
    executable.addSeed(weights, to: output(name))
  }

  /// Computes the gradient by the images `[n, h, w, c]` after `forward`.
  ///
  /// It is that of the outputs and values whose weights were written since the last time.
  package func backward() -> UnsafeBufferPointer<Float> {
    executable.differentiate()
    guard let gradient = executable.gradient(by: image.name) else {
      preconditionFailure("the session was prepared without a gradient")
    }
    return UnsafeBufferPointer(start: gradient, count: image.shape.count)
  }

  /// The first node whose result is not finite after `forward`; only for sessions that keep their
  /// activations.
  package func firstNodeNotFinite() -> String? {
    executable.firstStepNotFinite()
  }

  private func output(_ name: String) -> ValueDescription {
    guard let output = outputs.first(where: { $0.name == ValueName(name) }) else {
      preconditionFailure("the session was not prepared for '\(name)'")
    }
    return output
  }

  private func seed(of output: ValueDescription) -> UnsafeMutablePointer<Float> {
    guard let pointer = executable.seed(output.name, count: output.shape.count) else {
      preconditionFailure("the session was prepared without a gradient")
    }
    return pointer
  }
}
