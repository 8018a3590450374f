import Datasets
import Foundation
import Inference

/// What a user states about how models and data are read; what is nil is decided by evidence.
package struct IntakeStatements: Sendable {
  package var data: String
  package var format: String?
  package var options = DatasetOptions()
  /// Whether rows and columns of the pictures are exchanged.
  package var transposes = false
  package var labelsFile: String?
  package var classOrder: ClassOrder.Statement?
  package var skipsBadImages = false
  /// Only the first so many images.
  package var firstImages: Int?

  package var inputShape: [Int]?
  package var layout: Network.InputLayout?
  package var output: Network.OutputKind?
  package var outputName: String?

  package var preprocessing = PreprocessingStatement()
  /// Whether it is asked what is wrong, so that what looks wrong is no error.
  package var isExamination = false

  package init(data: String) {
    self.data = data
  }
}

/// Preprocessing by a file, by flags, or by both: flags go over the file.
package struct PreprocessingStatement: Sendable {
  package var file: String?
  package var resize: Preprocessing.Resize?
  package var crop: Preprocessing.Crop?
  package var filter: ResamplingFilter?
  package var channelOrder: Preprocessing.ChannelOrder?
  package var mean: [Double]?
  package var std: [Double]?
  package var scale: Double?

  package init() {}

  private var hasFlags: Bool {
    resize != nil || crop != nil || filter != nil || channelOrder != nil || mean != nil
      || std != nil || scale != nil
  }

  /// Files that are found by themselves beside a model, in this order.
  private static func filesBeside(_ model: String) -> [String] {
    let path = DatasetPath(model)
    let stem = model.hasSuffix(".onnx") ? String(model.dropLast(5)) : model
    // A config.json may be anything's; timm's says how images are prepared.
    let config = path.folder.appending("config.json")
    let bytes = try? config.bytes()
    let isTimm = bytes?.range(of: Data("\"pretrained_cfg\"".utf8)) != nil
    return [stem + ".preprocess.json", path.folder.appending("preprocessor_config.json").path]
      + (isTimm ? [config.path] : [])
  }

  /// What holds for one model, and where it comes from.
  ///
  /// - Throws: `DatasetError.preprocessing`.
  func preprocessing(forModel path: String) throws -> (Preprocessing, [Reading]) {
    let beside = PreprocessingStatement.filesBeside(path).first { DatasetPath($0).exists }
    var result = Preprocessing()
    if let file = file ?? beside { result = try Preprocessing(contentsOf: file) }
    if let resize { result.resize = resize }
    if let crop { result.crop = crop }
    if let filter { result.filter = filter }
    if let channelOrder { result.channelOrder = channelOrder }
    if let mean { result.mean = mean }
    if let std { result.std = std }
    if let scale { result.scale = scale }
    var reasons = [result.source ?? "", hasFlags && (file ?? beside) != nil ? "flags over it" : ""]
      .filter { !$0.isEmpty }
    if file == nil, beside != nil { reasons.append("found beside the model") }
    if file == nil, beside == nil, !hasFlags {
      reasons.append("nothing was stated: no mean, no deviation")
    }
    let ground: Reading.Ground =
      file != nil || hasFlags ? .stated : beside != nil ? .evidence : .convention
    let readings = [
      Reading(
        .preprocessing, result.description, ground, because: reasons.joined(separator: "; "))
    ]
    return (
      result, readings + (result.notes ?? []).map { Reading(.preprocessing, $0, .convention) }
    )
  }
}
