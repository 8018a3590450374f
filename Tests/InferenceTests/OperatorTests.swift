import Foundation
import Inference
import ONNX
import Tensors
import Testing

/// One stored case: a small model with ONNX Runtime's answer.
///
/// See `fixtures/operators`.
struct OperatorCase: Sendable, CustomTestStringConvertible {
  struct Record: Decodable {
    let shape: [Int]
    let input: [Float]
    let output: [Float]
  }

  let name: String
  var testDescription: String { name }

  /// Whether numbers are rounded to steps on their way.
  var isQuantized: Bool { name.hasPrefix("quantize") }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../fixtures/operators").standardizedFileURL

  static let all: [OperatorCase] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".onnx") }.sorted()
      .map { OperatorCase(name: String($0.dropLast(5))) }
  }()

  func model() throws -> Model {
    try Model(contentsOf: OperatorCase.folder.appendingPathComponent("\(name).onnx").path)
  }

  func network() throws -> Network {
    let layout: Network.InputLayout = name == "channels_last_input" ? .nhwc : .nchw
    return try Network(model(), name: name, options: Network.Options(layout: layout))
  }

  func record() throws -> Record {
    let url = OperatorCase.folder.appendingPathComponent("\(name).json")
    return try JSONDecoder().decode(Record.self, from: Data(contentsOf: url))
  }

  /// The stored input as `[n, h, w, c]`.
  func images(_ network: Network, _ record: Record) -> [Float] {
    let tensor = Tensor(Shape(record.shape), record.input)
    let images = network.input.layout == .nchw ? tensor.transposed([0, 2, 3, 1]) : tensor
    return images.floats ?? []
  }
}

@Suite struct OperatorTests {
  @Test func `Has a stored case for every operator`() throws {
    var covered: Set<OperatorName> = []
    for operatorCase in OperatorCase.all {
      covered.formUnion(try operatorCase.model().graph.nodes.map(\.operatorName))
    }
    #expect(Set(OperatorRegistry.names).subtracting(covered).isEmpty)
    for registered in [
      OperatorRegistry.all.map { $0.type }, OperatorRegistry.microsoft.map { $0.type },
    ] { #expect(registered == registered.sorted()) }
  }

  @Test(arguments: OperatorCase.all)
  func `Agrees with ONNX Runtime`(_ operatorCase: OperatorCase) throws {
    let network = try operatorCase.network()
    let record = try operatorCase.record()
    let session = try Session(network, batchSize: record.shape[0])
    _ = session.images.update(fromContentsOf: operatorCase.images(network, record))
    let output = Array(session.forward())
    try #require(output.count == record.output.count)
    let scale = record.output.map(\.magnitude).max() ?? 1
    let difference = zip(output, record.output).map { ($0 - $1).magnitude }.max() ?? 0
    #expect(difference <= 1e-5 * max(1, scale))
  }

  /// A quantisation is flat almost everywhere; its gradient is a convention, tested by itself.
  @Test(arguments: OperatorCase.all.filter { !$0.isQuantized })
  func `Has the gradient that central differences show`(_ operatorCase: OperatorCase) throws {
    let network = try operatorCase.network()
    let record = try operatorCase.record()
    let images = operatorCase.images(network, record)
    let session = try Session(network, batchSize: record.shape[0], gradient: true)
    let weights = (0..<record.output.count).map { Float(sin(Double($0) * 1.3 + 0.4)) }

    func score(_ images: [Float]) -> Double {
      _ = session.images.update(fromContentsOf: images)
      return zip(session.forward(), weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    func centralDifference(_ index: Int, _ step: Float) -> Double {
      var changed = images
      changed[index] = images[index] + step
      let above = score(changed)
      changed[index] = images[index] - step
      return (above - score(changed)) / Double(2 * step)
    }

    _ = session.images.update(fromContentsOf: images)
    _ = session.forward()
    _ = session.outputGradients.update(fromContentsOf: weights)
    let gradient = Array(session.backward())
    let scale = Double(max(1, gradient.map(\.magnitude).max() ?? 1))

    // Near a kink (Relu, MaxPool) differences of two widths disagree; such elements say nothing.
    var compared = 0
    for index in images.indices {
      let narrow = centralDifference(index, 4e-3)
      let wide = centralDifference(index, 1e-2)
      guard abs(narrow - wide) < 1.5e-3 * scale else { continue }
      compared += 1
      #expect(
        abs(Double(gradient[index]) - narrow) < 3e-3 * scale,
        "element \(index): gradient \(gradient[index]), difference \(narrow)")
    }
    #expect(compared * 10 >= images.count * 8)
  }

  @Test func `Passes gradients straight through a quantisation, but not where it clamps`() throws {
    let operatorCase = OperatorCase(name: "quantizelinear")
    let network = try operatorCase.network()
    let session = try Session(network, batchSize: 2, gradient: true)
    // Steps of 0.02 around 128 of 0...255: numbers from −2.56 to 2.54.
    for i in session.images.indices { session.images[i] = i.isMultiple(of: 3) ? 9 : 0.313 }
    _ = session.forward()
    session.outputGradients.update(repeating: 0.7)
    for (i, value) in session.backward().enumerated() {
      #expect((value - (i.isMultiple(of: 3) ? 0 : 0.7)).magnitude < 1e-6)
    }
  }

  @Test func `Gives the same answers in every batch size`() throws {
    let operatorCase = OperatorCase(name: "residual_projection")
    let network = try operatorCase.network()
    let record = try operatorCase.record()
    let images = operatorCase.images(network, record)
    let size = network.input.elementCount
    for batchSize in [1, 2, 3] {
      let predictor = Predictor(network, batchSize: batchSize)
      let output = try predictor.outputs(count: 2) { i, image in
        _ = image.update(fromContentsOf: images[i * size..<(i + 1) * size])
      }
      for (ours, stored) in zip(output, record.output) { #expect((ours - stored).magnitude < 1e-4) }
    }
  }

  @Test func `Loops over a model whose batch is fixed to one`() throws {
    let operatorCase = OperatorCase(name: "fixed_batch_one")
    let network = try operatorCase.network()
    let record = try operatorCase.record()
    let image = operatorCase.images(network, record)
    let predictor = Predictor(network, batchSize: 8)
    let output = try predictor.outputs(count: 3) { _, target in
      _ = target.update(fromContentsOf: image)
    }
    #expect(network.batch == .fixed(1))
    #expect(output.count == 3 * record.output.count)
    #expect(Array(output[..<48]) == Array(output[96...]))
  }

  @Test func `Fuses batch normalisation, residual and activation into convolutions`() throws {
    let normalised = try OperatorCase(name: "conv_bn_relu").network()
    #expect(normalised.operatorTypes == ["Conv", "Flatten"])
    let residual = try OperatorCase(name: "residual_projection").network()
    #expect(residual.operatorTypes == ["Conv", "Conv", "Flatten"])
    for name in [
      "conv_clip", "pattern_conv_swish", "pattern_conv_hardswish", "pattern_conv_scaled",
    ] {
      #expect(try OperatorCase(name: name).network().operatorTypes == ["Conv", "Flatten"])
    }
    let swished = try OperatorCase(name: "pattern_conv_residual_swish").network()
    #expect(swished.operatorTypes == ["Conv", "Conv", "Flatten"])
  }

  @Test func `Recognises what exporters spell out`() throws {
    func types(_ name: String) throws -> [String] {
      try OperatorCase(name: name).network().operatorTypes
    }
    #expect(try types("pattern_gelu") == ["Identity", "Gelu", "Flatten"])
    #expect(try types("pattern_layer_norm") == ["LayerNormalization", "Flatten"])
    #expect(try types("pattern_linear_gelu_residual") == ["MatMul", "MatMul", "Flatten"])
    #expect(
      try types("pattern_channels_last_block") == [
        "Conv", "Transpose", "LayerNormalization", "Transpose", "MatMul", "Transpose", "Flatten",
      ])
  }
}
