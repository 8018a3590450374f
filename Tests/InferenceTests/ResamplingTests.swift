import Inference
import ONNX
import Tensors
import Testing

/// What resampling refuses, and where an edit of the image stays a window.
@Suite struct ResamplingTests {
  private func network(_ attributes: [String: Attribute], scale: Float) throws -> Network {
    let image = ValueInfo(name: "x", dimensions: [.dynamic("n"), .fixed(1), .fixed(4), .fixed(4)])
    let nodes = [
      Node(
        name: "shrink", type: "Resize", inputs: ["x", "", "s"], outputs: ["y"],
        attributes: attributes),
      Node(name: "", type: "Flatten", inputs: ["y"], outputs: ["logits"]),
    ]
    let graph = Graph(
      name: "resize", nodes: nodes, initializers: ["s": Tensor([4], [1, 1, scale, scale])],
      inputs: [image], outputs: [ValueInfo(name: "logits", dimensions: nil)])
    return try Network(Model(irVersion: 8, opset: 19, producer: "", graph: graph), name: "resize")
  }

  @Test func `Refuses fractions of a position where runtimes place the corners differently`() throws
  {
    let corners: [String: Attribute] = [
      "coordinate_transformation_mode": .string("align_corners"), "mode": .string("linear"),
    ]
    let error = #expect(throws: InferenceError.self) { try network(corners, scale: 0.6) }
    #expect(error.map { "\($0)" }?.contains("align_corners; export the model with sizes") == true)
    #expect(try network(corners, scale: 0.5).classCount == 4)
  }

  @Test func `Halves an image by the means of its blocks`() throws {
    let network = try network(["mode": .string("linear")], scale: 0.5)
    let session = try Session(network, batchSize: 1)
    _ = session.images.update(fromContentsOf: (0..<16).map { Float($0) })
    #expect(Array(session.forward()) == [2.5, 4.5, 10.5, 12.5])
  }

  @Test(
    arguments: [
      ("resize_halved_linear", true), ("resize_halved_nearest", true),
      ("convtranspose_plain", true),
      ("lppool_padded", true), ("resize_linear_half_pixel", false),
      ("convtranspose_doubling", false),
    ])
  func `Stays a window where every result reads alike`(_ name: String, _ hasRule: Bool) throws {
    let coverage = try OperatorCase(name: name).network().windowCoverage(height: 1, width: 1)
    #expect(
      coverage.withoutRule.contains { ["Resize", "ConvTranspose", "LpPool"].contains($0.type) }
        != hasRule)
  }
}
