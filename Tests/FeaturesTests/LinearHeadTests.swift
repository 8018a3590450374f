import Features
import Inference
import ONNX
import Tensors
import Testing

/// The last linear layer, found in graphs of several forms.
@Suite struct LinearHeadTests {
  private struct Expected: Decodable {
    let phi: [[Double]]
    let logits: [[Double]]
    let weights: [[Double]]
    let biases: [Double]
    let phiMeanOver1000: [Double]

    private enum CodingKeys: String, CodingKey {
      case phi, logits, phiMeanOver1000
      case weights = "W"
      case biases = "b"
    }
  }

  @Test func `Features, weights and logits are the reference's`() throws {
    let subject = try Reference.resnetA.get()
    let expected = try Reference.read(Expected.self, "a_features")
    let head = subject.head
    #expect(head.type == "Gemm" && head.featureCount == 64 && head.classCount == 10)
    #expect(head.map?.height == 7 && head.map?.width == 7)
    for k in 0..<10 {
      let weights = head.weights(of: k).map { Double($0) }
      #expect(Reference.difference(weights, expected.weights[k]) < 1e-6)
    }
    #expect(Reference.difference(head.biases.map { Double($0) }, expected.biases) < 1e-6)
    for image in 0..<3 {
      let features = subject.features(of: image)
      #expect(Reference.difference(features.map { Double($0) }, expected.phi[image]) < 1e-4)
      let logits = (0..<10).map { head.logit(of: $0, features: features) }
      #expect(Reference.difference(logits, expected.logits[image]) < 1e-4)
    }
    let means = (0..<64).map { j in
      (0..<1000).reduce(0.0) { $0 + Double(subject.features[$1 * 64 + j]) / 1000 }
    }
    #expect(Reference.difference(means, expected.phiMeanOver1000) < 1e-4)
  }

  /// A network of two features and three classes over 2×2 images.
  private func model(
    _ nodes: [Node], _ constants: [String: Tensor], outputs: [ValueInfo.Dimension] = [.fixed(3)]
  ) -> Model {
    var initializers = constants
    initializers["kernel"] = Tensor([2, 1, 1, 1], [Float(1), -2])
    let first = Node(name: "first", type: "Conv", inputs: ["x", "kernel"], outputs: ["map"])
    return Model(
      irVersion: 8, opset: 17, producer: "test",
      graph: Graph(
        name: "g", nodes: [first] + nodes, initializers: initializers,
        inputs: [
          ValueInfo(
            name: "x", dimensions: [.dynamic("n"), .fixed(1), .fixed(2), .fixed(2)],
            elementType: .float)
        ],
        outputs: [ValueInfo(name: "y", dimensions: [.dynamic("n")] + outputs)]))
  }

  private static let rows: [Float] = [1, 2, 3, 4, 5, 6]
  private static let bias: [Float] = [0.5, -1, 2]
  private static let pool = [
    Node(name: "pool", type: "GlobalAveragePool", inputs: ["map"], outputs: ["pooled"]),
    Node(name: "flat", type: "Flatten", inputs: ["pooled"], outputs: ["phi"]),
  ]

  private func head(_ model: Model, at stated: String? = nil) throws -> LinearHead {
    try LinearHead(in: model, of: Network(model, name: "m"), at: stated)
  }

  /// φ of an image by the network is what the head makes its logits of.
  private func expectLogits(_ model: Model, _ head: LinearHead) throws {
    let network = try Network(model, name: "m", options: Network.Options(values: head.values))
    let found = try FeatureExtractor(head, Predictor(network, batchSize: 2)).find(
      count: 3, withMaps: head.map != nil
    ) { index, target in
      for position in 0..<4 { target[position] = Float(index) + Float(position * position) / 7 }
    }
    for image in 0..<3 {
      let features = found.features[image * 2..<(image + 1) * 2]
      for k in 0..<3 {
        let logit = head.logit(of: k, features: features)
        #expect(abs(logit - Double(found.outputs[image * 3 + k])) < 1e-5)
      }
      guard head.map != nil else { continue }
      for (j, feature) in features.enumerated() {
        let map = found.maps[(image * 2 + j) * 4..<(image * 2 + j + 1) * 4]
        #expect(abs(map.reduce(0, +) / 4 - feature) < 1e-5)
      }
    }
  }

  @Test func `Gemm with scaled, transposed operands`() throws {
    let columns = Tensor([3, 2], Self.rows).transposed([1, 0])
    let gemm = Node(
      name: "fc", type: "Gemm", inputs: ["phi", "w", "b"], outputs: ["y"],
      attributes: ["alpha": .float(2), "beta": .float(3)])
    let model = model(Self.pool + [gemm], ["w": columns, "b": Tensor([3], Self.bias)])
    let head = try head(model)
    #expect(head.weights == Self.rows.map { 2 * $0 } && head.biases == Self.bias.map { 3 * $0 })
    #expect(head.map?.name == "map" && head.input == "phi")
    try expectLogits(model, head)
  }

  @Test func `MatMul with what is added, transposed on the way`() throws {
    let nodes = [
      Node(name: "t", type: "Transpose", inputs: ["w"], outputs: ["wt"]),
      Node(name: "fc", type: "MatMul", inputs: ["phi", "wt"], outputs: ["z"]),
      Node(name: "add", type: "Add", inputs: ["b", "z"], outputs: ["y"]),
    ]
    let model = model(
      Self.pool + nodes, ["w": Tensor([3, 2], Self.rows), "b": Tensor([3], Self.bias)])
    let head = try head(model)
    #expect(head.type == "MatMul" && head.weights == Self.rows && head.biases == Self.bias)
    try expectLogits(model, head)
  }

  @Test(arguments: [true, false])
  func `A convolution of 1×1 before the pooling or after`(_ isBefore: Bool) throws {
    let constants = ["w": Tensor([3, 2, 1, 1], Self.rows), "b": Tensor([3], Self.bias)]
    let nodes = [
      Node(
        name: "head", type: "Conv", inputs: [isBefore ? "map" : "pooled", "w", "b"],
        outputs: ["classes"]),
      Node(
        name: "mean", type: "ReduceMean", inputs: ["classes"], outputs: ["y"],
        attributes: ["axes": .ints([2, 3]), "keepdims": .int(0)]),
    ]
    let model = model(isBefore ? nodes : [Self.pool[0]] + nodes, constants)
    let head = try head(model)
    #expect(head.isMeanOfInput == isBefore && head.map?.name == "map")
    #expect(head.weights == Self.rows && head.biases == Self.bias)
    try expectLogits(model, head)
  }

  @Test func `Softmax, reshapes and casts behind the layer change nothing`() throws {
    let nodes = [
      Node(name: "fc", type: "MatMul", inputs: ["phi", "w"], outputs: ["z"]),
      Node(name: "soft", type: "Softmax", inputs: ["z"], outputs: ["p"]),
      Node(name: "same", type: "Identity", inputs: ["p"], outputs: ["y"]),
    ]
    let head = try head(
      model(Self.pool + nodes, ["w": Tensor([3, 2], Self.rows).transposed([1, 0])]))
    #expect(head.weights == Self.rows && head.biases == [0, 0, 0])
  }

  @Test func `A temperature behind the layer is told apart from its weights`() throws {
    let nodes = [
      Node(name: "fc", type: "MatMul", inputs: ["phi", "w"], outputs: ["z"]),
      Node(name: "cool", type: "Div", inputs: ["z", "t"], outputs: ["c"]),
      Node(name: "warm", type: "Mul", inputs: ["s", "c"], outputs: ["y"]),
    ]
    let columns = Tensor([3, 2], Self.rows).transposed([1, 0])
    func constants(_ scale: Float) -> [String: Tensor] {
      ["w": columns, "t": Tensor([], [Float(4)]), "s": Tensor([1], [scale])]
    }
    let found = try head(model(Self.pool + nodes, constants(3)))
    #expect(found.weights == Self.rows && found.outputScale == 0.75 && found.output == "z")
    // One that turns the order of the classes round is none.
    #expect(throws: InferenceError.self) { try head(model(Self.pool + nodes, constants(-3))) }
  }

  @Test func `The image itself is neither features nor a map of them`() throws {
    let columns = Tensor([4, 3], (0..<12).map { Float($0) })
    let plain = [
      Node(name: "flat", type: "Flatten", inputs: ["x"], outputs: ["phi"]),
      Node(name: "fc", type: "MatMul", inputs: ["phi", "w"], outputs: ["y"]),
    ]
    let linear = try head(model(plain, ["w": columns]))
    #expect(linear.map == nil && linear.featureCount == 4)
    let means = [
      Node(name: "pool", type: "GlobalAveragePool", inputs: ["x"], outputs: ["pooled"]),
      Node(name: "flat", type: "Flatten", inputs: ["pooled"], outputs: ["phi"]),
      Node(name: "fc", type: "MatMul", inputs: ["phi", "w"], outputs: ["y"]),
    ]
    let found = try head(model(means, ["w": Tensor([1, 3], Self.bias)]))
    #expect(found.map == nil && found.values == ["phi"])
    let convolution = [
      Node(name: "head", type: "Conv", inputs: ["x", "w"], outputs: ["z"]),
      Node(name: "mean", type: "GlobalAveragePool", inputs: ["z"], outputs: ["m"]),
      Node(name: "flat", type: "Flatten", inputs: ["m"], outputs: ["y"]),
    ]
    #expect {
      try head(model(convolution, ["w": Tensor([3, 1, 1, 1], Self.bias)]))
    } throws: { "\($0)".contains("reads the image itself") }
  }

  @Test func `What bends the logits is named, and the layer can be stated`() throws {
    let nodes = [
      Node(name: "fc", type: "MatMul", inputs: ["phi", "w"], outputs: ["z"]),
      Node(name: "bend", type: "Relu", inputs: ["z"], outputs: ["y"]),
    ]
    let model = model(
      Self.pool + nodes, ["w": Tensor([3, 2], Self.rows).transposed([1, 0])])
    #expect {
      try head(model)
    } throws: { error in
      "\(error)".contains("Relu 'bend'") && "\(error)".contains("--features-at")
    }
    #expect(try head(model, at: "fc").weights == Self.rows)
    #expect(try head(model, at: "phi").weights == Self.rows)
    #expect {
      try head(model, at: "nowhere")
    } throws: { error in
      "\(error)".contains("no linear layer 'nowhere'; its last ones are 'first', 'fc'")
    }
  }

  @Test func `Features that are flattened maps have no map to average`() throws {
    let nodes = [
      Node(name: "flat", type: "Flatten", inputs: ["map"], outputs: ["phi"]),
      Node(name: "fc", type: "MatMul", inputs: ["phi", "w"], outputs: ["y"]),
    ]
    let head = try head(
      model(nodes, ["w": Tensor([8, 3], (0..<24).map { Float($0) })]))
    #expect(head.map == nil && head.featureCount == 8 && head.values == ["phi"])
  }

  @Test(arguments: ["resnet20-b", "vgg8"])
  func `The other fixtures have one too`(_ name: String) throws {
    let model = try Model(contentsOf: "\(Reference.root)/models/\(name).onnx")
    let head = try head(model)
    #expect(head.classCount == 10 && head.featureCount > 10)
  }

  @Test func `A thousand classes over 1280 features, from a mean of 7×7`() throws {
    let model = try Model(contentsOf: "\(Reference.root)/imagenet/efficientnet-lite0.onnx")
    let head = try head(model)
    #expect(head.classCount == 1000 && head.featureCount == 1280)
    #expect(head.map?.height == 7 && head.map?.width == 7)
  }
}
