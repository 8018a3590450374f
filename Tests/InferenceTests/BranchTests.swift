import Inference
import ONNX
import Tensors
import Testing

/// Models that choose between graphs.
@Suite struct BranchTests {
  private func node(
    _ type: String, _ inputs: [String], _ outputs: [String], _ attributes: [String: Attribute] = [:]
  ) -> Node {
    Node(name: "", type: type, inputs: inputs, outputs: outputs, attributes: attributes)
  }

  private func branch(_ nodes: [Node], result: String) -> Attribute {
    .graph(
      Graph(
        name: "branch", nodes: nodes, initializers: [:], inputs: [],
        outputs: [ValueInfo(name: result, dimensions: nil)]))
  }

  private func model(_ nodes: [Node], _ constants: [String: Tensor] = [:]) -> Model {
    let image = ValueInfo(name: "x", dimensions: [.dynamic("n"), .fixed(1), .fixed(2), .fixed(2)])
    return Model(
      irVersion: 8, opset: 17, producer: "",
      graph: Graph(
        name: "branches", nodes: nodes + [node("Flatten", ["y"], ["logits"])],
        initializers: constants, inputs: [image],
        outputs: [ValueInfo(name: "logits", dimensions: nil)]))
  }

  @Test func `Refuses a condition that depends on the image, by its name`() throws {
    let choice = node(
      "If", ["bright", "x"], ["y"],
      [
        "then_branch": branch([node("Relu", ["x"], ["t"])], result: "t"),
        "else_branch": branch([node("Neg", ["x"], ["t"])], result: "t"),
      ])
    let damaged = model(
      [
        node("ReduceMax", ["x"], ["m"], ["keepdims": .int(0)]),
        node("Greater", ["m", "half"], ["bright"]), choice,
      ], ["half": Tensor([], [Float(0.5)])])
    let error = #expect(throws: InferenceError.self) { try Network(damaged, name: "bright") }
    #expect(error.map { "\($0)" }?.contains("'bright' depends on the image") == true)
  }

  @Test func `Refuses a branch that is another for one image than for several`() throws {
    let choice = node(
      "If", ["alone", "x"], ["y"],
      [
        "then_branch": branch([node("Relu", ["x"], ["t"])], result: "t"),
        "else_branch": branch([node("Neg", ["x"], ["t"])], result: "t"),
      ])
    let counting = model(
      [
        node("Shape", ["x"], ["shape"]), node("Gather", ["shape", "zero"], ["count"]),
        node("Equal", ["count", "one"], ["alone"]), choice,
      ], ["zero": Tensor([], [Int64(0)]), "one": Tensor([], [Int64(1)])])
    let error = #expect(throws: InferenceError.self) { try Network(counting, name: "counting") }
    #expect(error.map { "\($0)" }?.contains("depends on the number of images") == true)
  }

  @Test func `Never reads the branch that is not taken`() throws {
    let choice = node(
      "If", ["yes", "x"], ["y"],
      [
        "then_branch": branch([node("Relu", ["x"], ["t"])], result: "t"),
        "else_branch": branch([node("NoSuchOperator", ["x"], ["t"])], result: "t"),
      ])
    let network = try Network(model([choice], ["yes": Tensor([], [Int64(1)])]), name: "taken")
    #expect(network.operatorTypes == ["Relu", "Flatten"])
    let error = #expect(throws: InferenceError.self) {
      try Network(model([choice], ["yes": Tensor([], [Int64(0)])]), name: "not taken")
    }
    #expect(error.map { "\($0)" }?.contains("NoSuchOperator") == true)
  }

  @Test func `Reads the values that nested graphs take from around them`() throws {
    let operatorCase = OperatorCase(name: "if_nested")
    let choices = try operatorCase.model().graph.nodes.filter { $0.type == "If" }
    #expect(choices.map(\.inputs) == [["c", "d", "r"]])
  }

  @Test func `Keeps both branches' values apart from the graph's when all share their names`()
    throws
  {
    // The branch calls its value as the graph calls the input of what follows.
    let choice = node(
      "If", ["yes", "x", "a"], ["b"],
      [
        "then_branch": branch(
          [node("Neg", ["a"], ["v"]), node("Mul", ["v", "x"], ["w"])], result: "w"),
        "else_branch": branch([node("Neg", ["x"], ["v"])], result: "v"),
      ])
    let network = try Network(
      model(
        [
          node("Abs", ["x"], ["a"]), node("Exp", ["x"], ["v"]), choice,
          node("Add", ["b", "v"], ["y"]),
        ], ["yes": Tensor([], [Int64(1)])]), name: "names")
    let session = try Session(network, batchSize: 1)
    let image: [Float] = [0.5, -1, 2, 0]
    _ = session.images.update(fromContentsOf: image)
    let expected = image.map { -$0.magnitude * $0 + exponential($0) }
    for (ours, right) in zip(session.forward(), expected) {
      #expect((ours - right).magnitude < 1e-5)
    }
  }

  /// By its series, which needs no library.
  private func exponential(_ x: Float) -> Float {
    (1..<30).reversed().reduce(1) { 1 + $0 * x / Float($1) }
  }
}
