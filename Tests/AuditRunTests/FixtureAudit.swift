import Audit
import AuditRun
import Datasets
import Foundation
import Inference
import ONNX
import Testing

/// The fixture models and images, as an audit sees them.
enum FixtureAudit {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../fixtures").standardizedFileURL.path

  static func model(_ name: String) throws -> AuditedModel {
    try model(
      "\(root)/models/\(name).onnx", named: name,
      preprocessing: "\(root)/models/\(name).preprocess.json")
  }

  /// A model of random weights with SiLU and maps of 4 × 4 pixels.
  static func siluModel() throws -> AuditedModel {
    try model(
      "\(root)/engine/silu.onnx", named: "silu",
      preprocessing: "\(root)/models/vgg8.preprocess.json")
  }

  private static func model(
    _ path: String, named name: String, preprocessing file: String
  ) throws -> AuditedModel {
    let network = try Network(Model(contentsOf: path), name: path)
    let preprocessing = try Preprocessing(contentsOf: file)
    return AuditedModel(
      name: name, path: path, digest: try AuditedModel.digest(ofFiles: [path]), network: network,
      preprocessor: try Preprocessor(preprocessing, height: 28, width: 28, channels: 1))
  }

  static func dataset() throws -> Dataset {
    try Dataset.open("\(root)/fashion-mnist")
  }

  /// One image's decision about `classIndex`, masked with the training mean.
  static func classifier(
    _ name: String, image index: Int, classIndex: Int, kind: ScoreKind = .logOdds,
    batchSize: Int = 64, gradient: Bool = false
  ) throws -> NetworkClassifier {
    let model = try model(name)
    let dataset = try dataset()
    return try NetworkClassifier(
      SearchSessions(model.network, batchSize: batchSize, gradient: gradient),
      image: try model.image(index, of: dataset),
      imageName: String(index), maskValue: [0],
      score: ClassScore(classIndex: classIndex, outputKind: model.network.outputKind), kind: kind)
  }

  static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }
}

extension AuditResults {
  /// `[model][position in the sample]`.
  func allRecords() throws -> [[ImageRecord]] {
    try models.indices.map { model in
      try records[model].indices.map { try #require(record(model, $0)) }
    }
  }
}

extension AuditRunner {
  /// Plans and audits.
  func run(observe: @escaping @Sendable (Event) -> Void) throws -> AuditResults {
    try prepare(observe: observe).run(observe: observe)
  }
}
