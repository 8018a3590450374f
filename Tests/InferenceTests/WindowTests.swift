import Foundation
import Inference
import ONNX
import Testing

/// Random edits of random images, evaluated by windows and whole.
@Suite struct WindowTests {
  /// Largest difference between the two evaluations, relative to the largest output.
  private func difference(
    _ network: Network, height: Int, width: Int, edits count: Int, seed: Double
  ) throws -> Float {
    let input = network.input
    let size = input.elementCount
    let image = (0..<size).map { Float(sin(Double($0) * 0.7 + seed)) }
    let reference = try Session(network, batchSize: 1, keepsActivations: true)
    _ = reference.images.update(
      fromContentsOf: (0..<reference.batchSize).flatMap { _ in image })
    _ = reference.forward()
    let session = try WindowedSession(
      reference, batchSize: 5, height: height, width: width)

    // Corners first, then anywhere.
    let rows = input.height - height + 1
    let columns = input.width - width + 1
    let corners = [(0, 0), (rows - 1, columns - 1)]
    let origins =
      corners
      + (0..<count).map { edit in
        let position = Int(abs(sin(Double(edit) + seed)) * 1e6)
        return (position % rows, position / rows % columns)
      }
    func editValue(_ edit: Int, _ element: Int) -> Float {
      Float(cos(Double(edit * 31 + element) * 1.3 + seed))
    }
    let predictor = Predictor(network, batchSize: 4)
    let expected = try predictor.outputs(count: origins.count) { edit, target in
      _ = target.update(fromContentsOf: image)
      for element in 0..<height * width * input.channels {
        let (pixel, channel) = element.quotientAndRemainder(dividingBy: input.channels)
        let row = origins[edit].0 + pixel / width
        let column = origins[edit].1 + pixel % width
        target[(row * input.width + column) * input.channels + channel] = editValue(edit, element)
      }
    }
    var outputs: [Float] = []
    for start in stride(from: 0, to: origins.count, by: session.batchSize) {
      let batch = origins[start..<min(start + session.batchSize, origins.count)]
      outputs += session.forward(origins: batch.map { (row: $0.0, column: $0.1) }) { edit, target in
        for element in target.indices { target[element] = editValue(start + edit, element) }
      }
    }
    let scale = expected.map(\.magnitude).max() ?? 1
    return (zip(outputs, expected).map { ($0 - $1).magnitude }.max() ?? .infinity) / max(1, scale)
  }

  @Test(arguments: OperatorCase.all)
  func `Equals whole evaluation for every operator`(_ operatorCase: OperatorCase) throws {
    let network = try operatorCase.network()
    let largest = [network.input.height, network.input.width]
    for (height, width) in [(1, 1), (2, 3)] where height <= largest[0] && width <= largest[1] {
      #expect(try difference(network, height: height, width: width, edits: 7, seed: 0.2) < 1e-5)
    }
  }

  /// The numbers of edits that end in every batch size, and models that fix theirs.
  @Test(arguments: ["residual_projection", "fixed_batch_one"], [1, 2, 3])
  func `Edits through a predictor equal whole evaluation on any number of threads`(
    _ name: String, _ threads: Int
  ) throws {
    let network = try OperatorCase(name: name).network()
    let input = network.input
    let image = (0..<input.elementCount).map { Float(sin(Double($0))) }
    let predictor = Predictor(network, batchSize: 64)
    let session = try ReferenceSession(network, batchSize: 64)
    session.threads = { threads }
    let reference = try session.image(image)
    #expect(
      reference.outputs
        == (try predictor.outputs(count: 1) { _, t in _ = t.update(fromContentsOf: image) }))
    let origins = (0..<23).map { (row: $0 % input.height, column: $0 * 5 % input.width) }
    let found = try reference.outputs(ofEdits: origins, height: 1, width: 1) { edit, target in
      for channel in target.indices { target[channel] = Float(edit - channel) * 0.1 }
    }
    let expected = try predictor.outputs(count: origins.count) { edit, target in
      _ = target.update(fromContentsOf: image)
      let pixel = origins[edit].row * input.width + origins[edit].column
      for channel in 0..<input.channels {
        target[pixel * input.channels + channel] = Float(edit - channel) * 0.1
      }
    }
    let difference = zip(found, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
    #expect(found.count == expected.count)
    #expect(difference < 1e-4)
  }

  @Test func `Many edits, which are cut into regions, equal whole evaluation`() throws {
    let path = OperatorCase.folder.appendingPathComponent("../models/resnet20-a.onnx").path
    let network = try Network(Model(contentsOf: path), name: "resnet20-a")
    let image = (0..<784).map { Float(sin(Double($0) * 0.9)) }
    let predictor = Predictor(network, batchSize: 64)
    let reference = try ReferenceSession(network, batchSize: 64).image(image)
    let origins = (0..<784).map { (row: $0 / 28, column: $0 % 28) }
    let found = try reference.outputs(ofEdits: origins, height: 1, width: 1) { _, target in
      target[0] = 3
    }
    let expected = try predictor.outputs(count: 784) { edit, target in
      _ = target.update(fromContentsOf: image)
      target[edit] = 3
    }
    let scale = expected.map(\.magnitude).max() ?? 1
    let difference = zip(found, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
    #expect(difference < 1e-5 * scale)
  }

  @Test(arguments: ["resnet20-a", "resnet20-b", "vgg8"])
  func `Equals whole evaluation with fewer multiply-adds`(_ name: String) throws {
    let path = OperatorCase.folder.appendingPathComponent("../models/\(name).onnx").path
    let network = try Network(Model(contentsOf: path), name: name)
    for (edit, seed) in [(1, 0.1), (4, 0.5), (28, 0.9)] {
      #expect(try difference(network, height: edit, width: edit, edits: 30, seed: seed) < 2e-5)
    }
    let reference = try Session(network, batchSize: 1, keepsActivations: true)
    let onePixel = try WindowedSession(reference, batchSize: 8, height: 1, width: 1)
    #expect(onePixel.multiplyAdds * 10 < network.multiplyAdds * 7)
    let wholeImage = try WindowedSession(reference, batchSize: 8, height: 28, width: 28)
    #expect(wholeImage.multiplyAdds == network.multiplyAdds)
  }
}
