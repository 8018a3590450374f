import Inference
import ONNX
import Tensors
import Testing

/// Constants of integers: exact, or an error.
@Suite struct IntegerFoldingTests {
  private func fold(_ node: Node, _ constants: [String: Tensor]) throws -> Tensor {
    let graph = Graph(
      name: "constants", nodes: [node], initializers: constants, inputs: [],
      outputs: [ValueInfo(name: "y", dimensions: nil)])
    let model = Model(irVersion: 8, opset: 17, producer: "", graph: graph)
    return try GraphEvaluation(model, inputs: [:]).outputs()[0]
  }

  private func node(_ type: String, _ inputs: String...) -> Node {
    Node(name: "n", type: type, inputs: inputs, outputs: ["y"])
  }

  @Test func `Reductions are exact as far as Float32 is, and an error beyond`() throws {
    let small = Tensor([3], [Int64(1 << 23), 5, -7])
    #expect(try fold(node("ReduceSum", "x"), ["x": small]).integers == [(1 << 23) - 2])
    #expect(try fold(node("ReduceMax", "x"), ["x": small]).integers == [1 << 23])
    // Each is exact, their sum on the way is not.
    let large = Tensor([4], [Int64(1 << 24), 1, 1, -(1 << 24)])
    for type in ["ReduceSum", "ReduceL1", "ReduceProd", "ReduceSumSquare"] {
      #expect(throws: InferenceError.self) { try fold(node(type, "x"), ["x": large]) }
    }
    let beyond = Tensor([2], [Int64((1 << 24) + 1), 0])
    for type in ["ReduceSum", "ReduceMax", "ReduceMean", "Abs", "Neg"] {
      #expect(throws: InferenceError.self) { try fold(node(type, "x"), ["x": beyond]) }
    }
  }

  @Test func `Products and ranges of large integers are an error, and clipping them is exact`()
    throws
  {
    let large = Int64((1 << 24) + 1)
    let matrix = Tensor([1, 1], [large])
    #expect(throws: InferenceError.self) {
      try fold(node("MatMul", "a", "a"), ["a": matrix])
    }
    let range = [
      "s": Tensor([], [large]), "l": Tensor([], [large + 2]), "d": Tensor([], [Int64(1)]),
    ]
    #expect(throws: InferenceError.self) { try fold(node("Range", "s", "l", "d"), range) }
    let clipped = try fold(
      node("Clip", "x", "low", "high"),
      ["x": Tensor([2], [large, 0]), "low": Tensor([], [Int64(2)]), "high": Tensor([], [large])])
    #expect(clipped.integers == [Int(large), 2])
  }

  /// As PyTorch writes "reversed, to the start" and "to the end".
  @Test func `Bounds beyond what a float holds are read as integers`() throws {
    let backwards = [
      "s": Tensor([1], [Int64(-1)]), "e": Tensor([1], [-Int64.max]), "a": Tensor([1], [Int64(0)]),
      "d": Tensor([1], [Int64(-1)]),
    ]
    let forwards = [
      "s": Tensor([1], [Int64(1)]), "e": Tensor([1], [Int64.max]), "a": Tensor([1], [Int64(0)]),
      "d": Tensor([1], [Int64(1)]),
    ]
    let slice = node("Slice", "x", "s", "e", "a", "d")
    for x in [Tensor([3], [1, 2, 3] as [Float]), Tensor([3], [1, 2, 3] as [Int64])] {
      #expect(try fold(slice, backwards.merging(["x": x]) { a, _ in a }).asFloats == [3, 2, 1])
      #expect(try fold(slice, forwards.merging(["x": x]) { a, _ in a }).asFloats == [2, 3])
    }
  }

  @Test func `A value that is made twice is refused`() {
    let graph = Graph(
      name: "twice",
      nodes: [
        Node(name: "first", type: "Relu", inputs: ["x"], outputs: ["y"]),
        Node(name: "second", type: "Flatten", inputs: ["x"], outputs: ["y"]),
      ],
      initializers: [:],
      inputs: [ValueInfo(name: "x", dimensions: [.dynamic("n"), .fixed(1), .fixed(2), .fixed(2)])],
      outputs: [ValueInfo(name: "y", dimensions: nil)])
    let model = Model(irVersion: 8, opset: 17, producer: "", graph: graph)
    #expect(throws: InferenceError.repeatedValue(node: "second", value: "y")) {
      try Network(model, name: "twice")
    }
  }
}
