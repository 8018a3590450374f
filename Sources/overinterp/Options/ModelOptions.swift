import ArgumentParser
import Audit
import Datasets
import Foundation
import Inference
import ONNX

/// What a user may state about a model.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Input name and shape, for models that leave it open.", valueName: "name:1,3,224,224"))
  var inputShape: String?

  @Option(help: "Order of the model's input axes: NCHW or NHWC (default: guessed).")
  var layout: Network.InputLayout?

  @Option(help: "What the model's output is: logits or probabilities (default: guessed).")
  var output: Network.OutputKind?

  /// `imageSize`: size of the images to come, for models of open size.
  func load(_ path: String, imageSize: (height: Int, width: Int)?) throws -> Network {
    let options = Network.Options(
      inputShape: try inputShape.map(parseShape), layout: layout, output: output,
      imageSize: imageSize)
    return try Network(Model(contentsOf: path), name: path, options: options)
  }

  private func parseShape(_ text: String) throws -> [Int] {
    let numbers = text.split(separator: ":").last ?? ""
    let parts = numbers.split(separator: ",", omittingEmptySubsequences: false)
    let shape = parts.compactMap { Int($0) }
    guard shape.count == parts.count, shape.count == 4, shape.allSatisfy({ $0 > 0 }) else {
      throw AuditError.option(
        name: "--input-shape", reason: "'\(text)' is not name:1,3,224,224")
    }
    return shape
  }

  /// Loads a model with its preprocessing, for images of a dataset.
  func audited(
    _ path: String, _ preprocessing: PreprocessingOptions, dataset: Dataset
  ) throws -> AuditedModel {
    let stated = try preprocessing.preprocessing(forModel: path)
    let network = try load(path, imageSize: imageSize(stated, dataset))
    let folder = (path as NSString).deletingLastPathComponent
    let files = try Model.externalDataFiles(ofModelAt: path).map {
      (folder as NSString).appendingPathComponent($0)
    }
    return AuditedModel(
      name: ((path as NSString).lastPathComponent as NSString).deletingPathExtension, path: path,
      digest: try AuditedModel.digest(ofFiles: [path] + files), network: network,
      preprocessor: try Preprocessor(
        stated, height: network.input.height, width: network.input.width,
        channels: network.input.channels, rawRange: dataset.holdsFloats ? 1 : 255,
        defaultScale: dataset.holdsFloats ? 1 : nil))
  }

  /// The size images have once preprocessed, told by the settings or by the first image.
  private func imageSize(
    _ preprocessing: Preprocessing, _ dataset: Dataset
  ) throws -> (height: Int, width: Int)? {
    if let crop = preprocessing.crop { return (crop.height, crop.width) }
    if case .exact(let height, let width)? = preprocessing.resize { return (height, width) }
    let first = try dataset.image(at: 0)
    return (first.height, first.width)
  }
}

extension Network.InputLayout: ExpressibleByArgument {
  /// Accepts any case.
  public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

extension Network.OutputKind: ExpressibleByArgument {}
