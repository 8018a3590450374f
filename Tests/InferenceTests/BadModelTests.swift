import Inference
import ONNX
import Testing

@Suite struct BadModelTests {
  private func message(_ name: String, options: Network.Options = .init()) -> String {
    let path = "\(FixtureModelTests.root)/bad-models/\(name).onnx"
    do {
      _ = try Network(Model(contentsOf: path), name: name, options: options)
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func `Names every unsupported operator with its node and the opset`() {
    let text = message("unsupported")
    #expect(text.contains("'Reluu' at node 'first' (did you mean 'Relu'?)"))
    #expect(text.contains("'GridSample' at node 'second'"))
    #expect(text.contains("opset 17"))
  }

  @Test func `Names the tensor that holds NaN`() {
    #expect(message("nan-weights").contains("Tensor 'w' of model 'nan-weights' holds NaN"))
  }

  @Test func `Names the node whose shapes do not fit`() {
    #expect(message("wrong-shapes").contains("node 'classify' (Gemm): [2, 784] · [4, 100]"))
  }

  @Test func `Refuses cycles and names that nothing produces`() {
    #expect(message("cycle").contains("cycle"))
    #expect(message("dangling-name").contains("reads 'nothing'"))
  }

  @Test func `Refuses nodes without their inputs and windows beyond reason`() {
    #expect(message("missing-input").contains("Node 'conv' (Conv): it needs 2 inputs"))
    #expect(message("huge-window").contains("Node 'pool' (MaxPool)"))
  }

  @Test func `Refuses an input shape that does not fit`() {
    let text = message("four-classes", options: Network.Options(inputShape: [1, 3, 32, 32]))
    #expect(text.contains("'classify'"))
    #expect(
      message("four-classes", options: .init(inputShape: [1, 784])).contains("--input-shape"))
  }

  @Test func `Plans memory so that nothing alive overlaps`() {
    let requests = [
      MemoryPlan.Request(bytes: 1000, steps: 0...2), .init(bytes: 500, steps: 1...3),
      .init(bytes: 800, steps: 3...5), .init(bytes: 64, steps: 0...5),
      .init(bytes: 2000, steps: 4...4),
    ]
    let plan = MemoryPlan(requests)
    for i in requests.indices {
      #expect(plan.offsets[i] % MemoryPlan.alignment == 0)
      for j in requests.indices where j < i && requests[i].steps.overlaps(requests[j].steps) {
        let a = plan.offsets[i]..<plan.offsets[i] + requests[i].bytes
        let b = plan.offsets[j]..<plan.offsets[j] + requests[j].bytes
        #expect(!a.overlaps(b), "\(i) and \(j)")
      }
    }
    #expect(plan.totalBytes < requests.reduce(0) { $0 + $1.bytes })
  }
}
