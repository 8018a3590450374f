import Audit
import Datasets
import Features
import Foundation
import Inference
import ONNX
import SharedWork
import Statistics

/// Takes components that people call spurious out of a model's logits, as nodes of a new file.
///
/// SpuFix in Neuhaus et al., "Spurious Features Everywhere" (2023), section 6.
package struct FeatureRepair: Sendable {
  private let results: FeatureResults
  private let model: AuditedModel
  private let head: LinearHead
  private let workers: Int

  /// `model`: the one that the features are of.
  ///
  /// `node`: label or input of its last linear layer; nil to find it.
  ///
  /// Throws `FeatureError.otherModel`, `.nothingSpurious` and `.oneOutput`, and `InferenceError`.
  package init(
    _ results: FeatureResults, _ model: AuditedModel, at node: String?, workers: Int
  ) throws {
    guard model.digest == results.plan.modelDigest else {
      throw FeatureError.otherModel(model: model.name)
    }
    guard
      results.findings.classes.contains(where: { known in
        known.components.contains { $0.label == .spurious }
      })
    else { throw FeatureError.nothingSpurious(model: model.name) }
    guard model.network.head != .binary else { throw FeatureError.oneOutput(model: model.name) }
    self.results = results
    (self.model, head) = try model.withFeatures(at: node)
    self.workers = workers
  }

  /// Writes the repaired model, with the data files that it shares with the original.
  ///
  /// Throws `FeatureError.outputExists` rather than replacing another data file or the model itself, and
  /// `AuditError` when the file cannot be written.
  package func write(to path: String) throws {
    let place = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    let own = URL(fileURLWithPath: model.path).standardizedFileURL.resolvingSymlinksInPath().path
    guard place != own else { throw FeatureError.outputExists(path: path) }
    var file = try ModelFile(contentsOf: model.path)
    guard
      file.insert(try repairs(), head: head, output: head.output, rank: head.outputRank)
    else {
      throw InferenceError.noLinearHead(
        model: model.name, reason: "no node of the file makes '\(head.output)'")
    }
    try copyData(to: path.parentFolder)
    try RecordFile.replace(path, with: try file.serialized())
  }

  private func repairs() throws -> [LogitRepair] {
    try results.records.enumerated().compactMap { index, record in
      let places = results.places(.spurious, ofClassAt: index)
      guard !places.isEmpty else { return nil }
      func rows(_ numbers: PackedNumbers<Double>) -> [Double] {
        let d = head.featureCount
        return places.flatMap { numbers.values[$0 * d..<($0 + 1) * d] }
      }
      return try LogitRepair(
        classIndex: record.known.classIndex,
        weights: head.weights(of: record.known.classIndex).map { Double($0) },
        mean: record.ordinaryMean.values,
        directions: rows(record.vectors), filters: rows(record.filters))
    }
  }

  /// Data files lie beside the file that names them.
  private func copyData(to folder: String) throws {
    let source = model.path.parentFolder
    for name in try Model.externalDataFiles(ofModelAt: model.path) {
      let (from, to) = (source.appending(pathPart: name), folder.appending(pathPart: name))
      if FileManager.default.contentsEqual(atPath: from, andPath: to) { continue }
      guard !FileManager.default.fileExists(atPath: to) else {
        throw FeatureError.outputExists(path: to)
      }
      try RecordFile.replace(
        to, with: Data(contentsOf: URL(fileURLWithPath: from), options: .mappedIfSafe))
    }
  }

  /// What the repaired file answers on the same images.
  ///
  /// `path`: of the repaired file.
  ///
  /// `audited`: the data that targets of regions were taken from.
  ///
  /// `source`: where components were found; nil for the same data.
  ///
  /// `spurious`: images that show a class's spurious feature without the class, labelled with it; nil without.
  ///
  /// Throws what reading images and running networks throws, and `FeatureError.otherData`.
  package func compare(
    _ path: String, on audited: Dataset, source: Dataset?, spurious: Dataset?
  ) throws -> FeatureRepairs {
    let file = try Model(contentsOf: path)
    let data = try Model.externalDataFiles(ofModelAt: path).map {
      path.parentFolder.appending(pathPart: $0)
    }
    let fixed = AuditedModel(
      name: path.fileName, path: path,
      digest: try AuditedModel.digest(ofFiles: [path] + data),
      network: try model.network.compiled(file, with: []), preprocessor: model.preprocessor)
    let all = Array(0..<audited.count)
    let outputs = try [model, fixed].map { model in
      Outputs(
        try model.outputs(of: all, dataset: audited, workers: workers, batchSize: nil),
        of: audited, model)
    }
    guard outputs[0].right.count == results.plan.auditedImages,
      outputs[0].right.count(where: { $0 }) == results.plan.correct
    else { throw FeatureError.otherData(data: audited.path) }
    let scores = try spurious.map { images in
      try zip([model, fixed], outputs).map { model, outputs in
        try SpuriousImages(images, model, workers: workers).scores(against: outputs)
      }
    }
    let repaired = results.findings.classes.indices.filter {
      !results.places(.spurious, ofClassAt: $0).isEmpty
    }
    return FeatureRepairs(
      model: model.name, sha256: fixed.digest,
      accuracy: try change(outputs) { _ in true },
      recalls: try repaired.compactMap { index in
        let known = results.findings.classes[index]
        guard outputs[0].labels.contains(known.classIndex) else { return nil }
        return FeatureRepairs.Recall(
          classIndex: known.classIndex, name: known.name,
          recall: try change(outputs) { $0 == known.classIndex })
      },
      components: try repaired.flatMap { index in
        try results.places(.spurious, ofClassAt: index).map { place in
          try component(index, place, fixed, audited, source ?? audited)
        }
      },
      scoresBefore: scores?[0] ?? [], scoresAfter: scores?[1] ?? [])
  }

  /// Accuracy over images with some labels.
  private func change(
    _ outputs: [Outputs], _ isMeant: (Int) -> Bool
  ) throws -> FeatureRepairs.Change {
    let found = outputs.compactMap { outputs -> MeanEstimate? in
      let meant = zip(outputs.labels, outputs.right).filter { isMeant($0.0) }
      return MeanEstimate(successes: meant.count { $0.1 }, of: meant.count)
    }
    guard found.count == 2 else { throw FeatureError.otherData(data: model.path) }
    return FeatureRepairs.Change(before: found[0], after: found[1])
  }

  /// Pastes a component's regions into the same images again, for both models.
  private func component(
    _ index: Int, _ place: Int, _ fixed: AuditedModel, _ audited: Dataset, _ source: Dataset
  ) throws -> FeatureRepairs.Component {
    let record = results.records[index]
    let targets = try record.targets.map { try model.image($0, of: audited) }
    let donors = try record.regions[place].filter { !$0.positions.values.isEmpty }.map { region in
      Transplant(
        region: region.positions.values.map { Int($0) },
        of: try model.image(region.image, of: source), channels: model.network.input.channels)
    }
    let rates = try [model, fixed].compactMap { model in
      try TransplantTest(
        donors: [.top: donors], targets: targets, classIndex: record.known.classIndex,
        predictor: model.predictor()
      ).rate(.top)
    }
    return FeatureRepairs.Component(
      classIndex: record.known.classIndex, name: record.known.name,
      index: record.known.components[place].index,
      flipRate: rates.count == 2
        ? FeatureRepairs.Change(before: rates[0], after: rates[1]) : nil)
  }
}
