import Foundation
import Inference
import ONNX
import Tensors
import Testing

/// What differs where operators round to integers.
@Suite struct QuantizedOperatorTests {
  static let cases = OperatorCase.all.filter { $0.isQuantized }

  /// Differences so wide that steps are small beside them show the slope that a staircase follows.
  ///
  /// A third of the image moves at once, along its gradient, so that roundings even out.
  @Test(arguments: cases)
  func `Has the slope for a gradient that wide differences show`(
    _ operatorCase: OperatorCase
  ) throws {
    let network = try operatorCase.network()
    let record = try operatorCase.record()
    let images = operatorCase.images(network, record)
    let session = try Session(network, batchSize: record.shape[0], gradient: true)
    let weights = (0..<record.output.count).map { Float(sin(Double($0) * 1.3 + 0.4)) }

    func score(_ images: [Float]) -> Double {
      _ = session.images.update(fromContentsOf: images)
      return zip(session.forward(), weights).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }

    _ = score(images)
    _ = session.outputGradients.update(fromContentsOf: weights)
    let gradient = Array(session.backward())
    let length = sqrt(gradient.reduce(0) { $0 + Double($1 * $1) })
    #expect(length > 0.05)

    for part in 0..<3 {
      let step = images.indices.map { index -> Float in
        guard (index * 7 + index / 5) % 3 == part else { return 0 }
        return gradient[index] < 0 ? -0.2 : 0.2
      }
      let slope = (score(zip(images, step).map(+)) - score(zip(images, step).map(-))) / 2
      let expected = zip(gradient, step).reduce(0) { $0 + Double($1.0 * $1.1) }
      #expect(abs(slope - expected) < 0.1 * expected, "part \(part): \(slope), not \(expected)")
    }
  }

  @Test func `Counts as quantised, and so do none of the others`() throws {
    for operatorCase in OperatorCase.all {
      #expect(try operatorCase.network().isQuantized == operatorCase.isQuantized)
    }
  }

  @Test func `Rounds once after a product and once after a sum`() throws {
    func types(_ name: String) throws -> [String] {
      // Casts of numbers to numbers, and symmetric zero points, cost nothing.
      try OperatorCase(name: name).network().operatorTypes.filter { $0 != "Cast" }
    }
    #expect(
      try types("quantized_qlinearconv") == [
        "QuantizeLinear", "Centred", "Conv", "Requantize", "DequantizeLinear", "Flatten",
      ])
    #expect(
      try types("quantized_qlinearadd") == [
        "Tanh", "QuantizeLinear", "QuantizeLinear", "QuantizedSum", "DequantizeLinear", "Flatten",
      ])
  }

  @Test func `Takes images one at a time where a batch's range decides`() throws {
    for name in ["quantized_dynamicquantizelinear", "quantized_dynamicquantizematmul"] {
      #expect(try OperatorCase(name: name).network().batch == .fixed(1))
    }
  }

  /// Steps of the result; a step of the image is no number of two's powers.
  private static let step: Float = 0.1 * 262_144

  /// The classes, in steps of 2¹⁸, of one convolution `Σ 255 · 255 + bias` over a whole image of
  /// `rows` by 8 numbers; the second class's bias is one more.
  private func classes(rows: Int, bias: Int64) throws -> [Float] {
    func integers(_ shape: Shape, _ values: [Int64], _ type: ElementType) -> Tensor {
      Tensor(shape, .int64(values), type: type)
    }
    let graph = Graph(
      name: "sum",
      nodes: [
        Node(name: "q", type: "QuantizeLinear", inputs: ["x", "tenth", "zero"], outputs: ["q"]),
        Node(
          name: "c", type: "QLinearConv",
          inputs: ["q", "tenth", "zero", "w", "one", "zero", "step", "zero", "b"], outputs: ["c"]),
        Node(name: "d", type: "DequantizeLinear", inputs: ["c", "one", "zero"], outputs: ["d"]),
        Node(name: "f", type: "Flatten", inputs: ["d"], outputs: ["y"]),
      ],
      initializers: [
        "one": Tensor([], [Float(1)]), "tenth": Tensor([], [Float(0.1)]),
        "step": Tensor([], [Self.step]), "zero": integers([], [0], .uint8),
        "w": integers(
          [2, 1, rows, 8], [Int64](repeating: 255, count: 2 * rows * 8), .uint8),
        "b": integers([2], [bias, bias + 1], .int32),
      ],
      inputs: [
        ValueInfo(name: "x", dimensions: [.dynamic("n"), .fixed(1), .fixed(rows), .fixed(8)])
      ],
      outputs: [ValueInfo(name: "y", dimensions: nil)])
    let model = Model(irVersion: 8, opset: 17, producer: "", graph: graph)
    let network = try Network(model, name: "sum", options: Network.Options(layout: .nchw))
    let session = try Session(network, batchSize: 1)
    session.images.update(repeating: 25.5)
    return Array(session.forward())
  }

  @Test func `Sums are exact at a rounding's tie, below 2²⁴`() throws {
    // Two steps and a half, which rounds to even, and one part more.
    let tie = Int64((2 << 18) + (1 << 17))
    #expect(try classes(rows: 1, bias: tie - 8 * 255 * 255) == [2, 3])
    #expect(try classes(rows: 4, bias: tie - 32 * 255 * 255) == [2, 3])
  }

  @Test func `Sums beyond 2²⁴ are right to a step`() throws {
    let bias = -32_000_007
    let exact = Float(1000 * 255 * 255 + bias) / 262_144
    for value in try classes(rows: 125, bias: Int64(bias)) {
      #expect((value - exact.rounded(.toNearestOrEven)).magnitude <= 1)
    }
  }
}

/// Operators of other domains.
@Suite struct OperatorDomainTests {
  private func complaint(_ type: String, _ domain: String) -> String {
    let graph = Graph(
      name: "g",
      nodes: [Node(name: "n", type: type, domain: domain, inputs: ["x"], outputs: ["y"])],
      initializers: [:],
      inputs: [ValueInfo(name: "x", dimensions: [.dynamic("n"), .fixed(1), .fixed(2), .fixed(2)])],
      outputs: [ValueInfo(name: "y", dimensions: nil)])
    let model = Model(irVersion: 8, opset: 17, producer: "", graph: graph)
    do {
      _ = try Network(model, name: "m.onnx")
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func `Operators of one processor's layout are refused with what to do`() {
    for domain in ["com.microsoft.nchwc", "com.ms.internal.nhwc"] {
      let text = complaint("Conv", domain)
      #expect(text.contains("'\(domain).Conv' at node 'n'"))
      #expect(text.contains("ORT_ENABLE_EXTENDED or below"))
    }
  }

  @Test func `An unknown operator is compared with those of its domain`() {
    #expect(
      complaint("BiasGelo", "com.microsoft").contains("did you mean 'com.microsoft.BiasGelu'?"))
    #expect(complaint("Relu", "com.microsoft").contains("'com.microsoft.Relu' at node 'n'"))
  }

  @Test func `Without any zero point the kind of integers is not guessed`() throws {
    let graph = Graph(
      name: "g",
      nodes: [
        Node(
          name: "n", type: "QLinearAdd", domain: "com.microsoft",
          inputs: ["x", "s", "", "x", "s", "", "s"], outputs: ["y"])
      ],
      initializers: ["s": Tensor([], [Float(1)])],
      inputs: [ValueInfo(name: "x", dimensions: [.dynamic("n"), .fixed(1), .fixed(2), .fixed(2)])],
      outputs: [ValueInfo(name: "y", dimensions: nil)])
    let model = Model(irVersion: 8, opset: 17, producer: "", graph: graph)
    let error = #expect(throws: InferenceError.self) { try Network(model, name: "m.onnx") }
    #expect("\(error, default: "")".contains("state zero points of 0"))
  }
}
