import Foundation
import ONNX
import Tensors
import Testing

@Suite struct ModelReadingTests {
  private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../fixtures").standardizedFileURL.path

  private func failure(_ path: String) -> ModelError? {
    do {
      _ = try Model(contentsOf: path)
      return nil
    } catch {
      return error as? ModelError
    }
  }

  @Test func `Reads a model of the TorchScript exporter with its tensors inside`() throws {
    let model = try Model(contentsOf: "\(root)/models/resnet20-a.onnx")
    #expect(model.opset == 17)
    #expect(model.graph.inputs.map(\.name) == ["image"])
    #expect(
      model.graph.inputs[0].dimensions == [.dynamic("batch"), .fixed(1), .fixed(28), .fixed(28)])
    #expect(model.graph.initializers["f.weight"]?.shape == [10, 64])
  }

  @Test func `Reads a model of the torch.export exporter with its tensors beside it`() throws {
    let model = try Model(contentsOf: "\(root)/models/vgg8.onnx")
    #expect(model.opset == 20)
    #expect(model.graph.initializers["l.0.weight"]?.shape == [32, 1, 3, 3])
    #expect(
      try Model.externalDataFiles(ofModelAt: "\(root)/models/vgg8.onnx") == ["vgg8.onnx.data"])
  }

  @Test func `Refuses external data outside the model's folder`() {
    let path = "\(root)/bad-models/external-data-outside.onnx"
    #expect(
      failure(path)
        == .externalDataOutside(path: path, tensor: "w", location: "../operators/generate.py"))
  }

  @Test func `Refuses a missing data file`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.copyItem(
      atPath: "\(root)/models/vgg8.onnx", toPath: "\(folder)/vgg8.onnx")
    guard case .externalData(_, _, "vgg8.onnx.data", _) = failure("\(folder)/vgg8.onnx") else {
      Issue.record("not refused")
      return
    }
    try Data(count: 1000).write(to: URL(fileURLWithPath: "\(folder)/vgg8.onnx.data"))
    let text = failure("\(folder)/vgg8.onnx")?.description ?? ""
    #expect(text.contains("ends early"))
  }

  @Test func `Tells a truncated model from a file of another kind`() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/m.onnx"
    let whole = try Data(contentsOf: URL(fileURLWithPath: "\(root)/models/resnet20-a.onnx"))
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
    #expect(failure(path) == .truncated(path: path))
    try Data("weights".utf8).write(to: URL(fileURLWithPath: path))
    #expect(failure(path) == .notONNX(path: path))
    try Data().write(to: URL(fileURLWithPath: path))
    #expect(failure(path) == .notONNX(path: path))
    #expect(failure("\(folder)/none.onnx")?.description.contains("no such file") == true)
  }

  @Test(arguments: ["negative-shape", "huge-shape"])
  func `Refuses impossible shapes`(_ name: String) {
    guard case .tensor(_, "w", _) = failure("\(root)/bad-models/\(name).onnx") else {
      Issue.record("not refused")
      return
    }
  }

  @Test func `Names the opsets it supports`() {
    let path = "\(root)/bad-models/old-opset.onnx"
    #expect(failure(path) == .opset(path: path, found: 6, supported: 7...28))
  }
}
