import ArgumentParser
import Datasets
import Foundation
import Inference
import ONNX
import Tensors

/// One batch through one model, from and to NPY files.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Compute a batch's outputs, and gradients on request.")

  @Argument(help: "ONNX file.") var model: String
  @Option(help: "Batch in the model's own axis order, float32 NPY.") var input: String
  @Option(help: "Where the outputs [n, classes] go, NPY.") var output: String
  @Option(help: "Weights [n, classes] of the outputs in the sum to differentiate, NPY.")
  var seed: String?
  @Option(help: "Where the sum's gradient by the batch goes, NPY.") var gradient: String?
  @Option(help: "An inner value of each image to compute in the same pass, and where it goes, NPY.")
  var value: [NamedFile] = []

  func run() throws {
    let batch = try InputBatch(input)
    let network = try batch.network(model, values: value.map(\.name))
    let count = batch.shape[0]
    let size = network.input.elementCount
    let images = batch.channelsLast
    let (outputs, values) = try Predictor(network, batchSize: count).outputs(
      count: count, with: value.map(\.name)
    ) { image, target in
      _ = target.update(fromContentsOf: images[image * size..<(image + 1) * size])
    }
    try NPYArray.encode(outputs, shape: [count, network.classCount])
      .write(to: URL(fileURLWithPath: output))
    for (file, tensor) in zip(value, values) { try file.write(tensor) }
    guard let seed, let gradient else { return }
    let gradients = try self.gradients(network, images, weights: InputBatch(seed).values, count)
    try NPYArray.encode(batch.ownOrder(gradients), shape: batch.shape)
      .write(to: URL(fileURLWithPath: gradient))
  }

  private func gradients(
    _ network: Network, _ images: [Float], weights: [Float], _ count: Int
  ) throws -> [Float] {
    let session = try Session(network, batchSize: count, gradient: true)
    let (size, classes) = (network.input.elementCount, network.classCount)
    guard count.isMultiple(of: session.batchSize) else {
      throw ValidationError(
        "The model takes batches of \(session.batchSize) images; there are \(count).")
    }
    return stride(from: 0, to: count, by: session.batchSize).flatMap { start -> [Float] in
      let end = start + session.batchSize
      _ = session.images.update(fromContentsOf: images[start * size..<end * size])
      _ = session.forward()
      _ = session.outputGradients.update(fromContentsOf: weights[start * classes..<end * classes])
      return Array(session.backward())
    }
  }
}

/// Images as a model's input wants them, read from an NPY file.
struct InputBatch {
  let shape: [Int]
  let values: [Float]

  init(_ path: String) throws {
    let array = try NPYArray(Data(contentsOf: URL(fileURLWithPath: path)), path: path)
    guard case .floats(let floats) = array.elements else {
      throw ValidationError("'\(path)' is not an array of float32.")
    }
    shape = array.shape
    values = floats
  }

  func network(_ path: String, values: [String] = []) throws -> Network {
    let model = try Model(contentsOf: path)
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let isLast = shape.count == 4 && shape[3] <= 4 && shape[1] > 4
    let network = try Network(
      model, name: name,
      options: Network.Options(
        layout: isLast ? .nhwc : .nchw, values: values,
        imageSize: isLast ? (shape[1], shape[2]) : (shape[2], shape[3])))
    let input = network.input
    let own = isLast ? Array(shape[1...]) : [shape[2], shape[3], shape[1]]
    guard own == [input.height, input.width, input.channels] else {
      throw ValidationError("Images \(shape) are not what '\(path)' takes.")
    }
    return network
  }

  private var isChannelsLast: Bool { shape[3] <= 4 && shape[1] > 4 }

  /// `[n, h, w, c]`.
  var channelsLast: [Float] {
    isChannelsLast
      ? values : Tensor(Shape(shape), values).transposed([0, 2, 3, 1]).floats ?? []
  }

  /// From `[n, h, w, c]` to the model's own order.
  func ownOrder(_ values: [Float]) -> [Float] {
    if isChannelsLast { return values }
    let stored = Shape([shape[0], shape[2], shape[3], shape[1]])
    return Tensor(stored, values).transposed([0, 3, 1, 2]).floats ?? []
  }
}
