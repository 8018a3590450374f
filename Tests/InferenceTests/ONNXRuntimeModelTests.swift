import Foundation
import Inference
import ONNX
import Testing

/// Whole networks as ONNX Runtime quantises and optimises them.
///
/// See `fixtures/onnxruntime`.
@Suite struct ONNXRuntimeModelTests {
  struct Outputs: Decodable {
    let shape: [Int]
    let images: [Float]
    let outputs: [String: [Float]]
  }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../fixtures/onnxruntime").standardizedFileURL

  static let stored: Outputs? = {
    let file = folder.appendingPathComponent("outputs.json")
    return (try? Data(contentsOf: file)).flatMap {
      try? JSONDecoder().decode(Outputs.self, from: $0)
    }
  }()

  /// The model that must be refused apart.
  static let names = (stored?.outputs.keys.sorted() ?? []).filter { $0 != "cnn_all" }

  private func network(_ name: String) throws -> Network {
    let path = Self.folder.appendingPathComponent("\(name).onnx").path
    return try Network(Model(contentsOf: path), name: "\(name).onnx")
  }

  /// The stored images as `[n, h, w, c]`.
  private func images() throws -> [Float] {
    let stored = try #require(Self.stored)
    let (n, c, h, w) = (stored.shape[0], stored.shape[1], stored.shape[2], stored.shape[3])
    return (0..<n * h * w * c).map { index in
      let (pixel, channel) = index.quotientAndRemainder(dividingBy: c)
      let (image, place) = pixel.quotientAndRemainder(dividingBy: h * w)
      return stored.images[(image * c + channel) * h * w + place]
    }
  }

  @Test func `There are models of every kind`() {
    #expect(Self.names.count >= 13)
    for kind in ["qoperator", "dynamic", "extended", "qdq_all", "optimizer"] {
      #expect(Self.names.contains { $0.contains(kind) })
    }
  }

  @Test(arguments: names)
  func `Agrees with ONNX Runtime`(_ name: String) throws {
    let network = try network(name)
    let expected = try #require(Self.stored?.outputs[name])
    let images = try images()
    let size = network.input.elementCount
    let outputs = try Predictor(network, batchSize: 2).outputs(count: 2) { i, target in
      _ = target.update(fromContentsOf: images[i * size..<(i + 1) * size])
    }
    try #require(outputs.count == expected.count)
    let largest = expected.map(\.magnitude).max() ?? 1
    let difference = zip(outputs, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
    #expect(difference <= 1e-5 * max(1, largest))
  }

  @Test(arguments: names)
  func `Follows a masked pixel as whole evaluation does`(_ name: String) throws {
    let network = try network(name)
    let image = try images().prefix(network.input.elementCount)
    let predictor = Predictor(network, batchSize: 4)
    let reference = try ReferenceSession(network, batchSize: 4).image(Array(image))
    let origins = (0..<network.input.pixelCount).map {
      (row: $0 / network.input.width, column: $0 % network.input.width)
    }
    let found = try reference.outputs(ofEdits: origins, height: 1, width: 1) { _, target in
      target.update(repeating: 0)
    }
    let expected = try predictor.outputs(count: origins.count) { edit, target in
      _ = target.update(fromContentsOf: image)
      for channel in 0..<network.input.channels {
        target[edit * network.input.channels + channel] = 0
      }
    }
    let largest = expected.map(\.magnitude).max() ?? 1
    let difference = zip(found, expected).map { ($0 - $1).magnitude }.max() ?? .infinity
    #expect(difference <= 1e-5 * largest)
  }

  @Test func `A convolutional network of integers has windows to the end of its maps`() throws {
    let network = try network("cnn_qoperator_u8u8")
    let coverage = try network.windowCoverage(height: 1, width: 1)
    #expect(coverage.withoutRule.map(\.type).allSatisfy { ["ReduceSum", "Flatten"].contains($0) })
    #expect(network.nodesWithoutGradient.isEmpty)
  }

  @Test func `Optimised and original networks fuse to the same operators`() throws {
    let optimised = try network("cnn_extended").operatorTypes.sorted()
    #expect(try network("cnn_basic").operatorTypes.sorted() == optimised)
  }

  @Test func `Convolutions in one processor's layout are refused with what to do`() {
    let error = #expect(throws: InferenceError.self) { try network("cnn_all") }
    let text = "\(error, default: "")"
    #expect(text.contains("'com.microsoft.nchwc.Conv'"))
    #expect(text.contains("ORT_ENABLE_EXTENDED or below"))
  }
}
