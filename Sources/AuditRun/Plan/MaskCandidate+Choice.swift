import Audit
import Datasets
import Foundation
import Inference

extension MaskCandidate {
  /// Evaluates the fully masked image under every candidate and chooses one.
  ///
  /// `dataMean`: mean of the audited images per channel in the model's units; used where
  /// preprocessing subtracts no mean of its own.
  static func candidates(
    for model: AuditedModel, mask: AuditSettings.Mask, dataMean: () throws -> [Float]
  ) throws -> [MaskCandidate] {
    let channels = model.network.input.channels
    let hasMean = model.preprocessor.preprocessing.mean != nil
    var values = [
      ("mean", hasMean ? [Float](repeating: 0, count: channels) : try dataMean()),
      ("zero", model.preprocessor.black),
    ]
    if case .explicit(let raw) = mask {
      guard raw.count == 1 || raw.count == channels else {
        throw AuditError.option(
          name: "--mask", reason: "\(raw.count) numbers; the model has \(channels) channel(s)")
      }
      values.append(("explicit", model.preprocessor.modelUnits(ofRaw: raw)))
    }
    let predictor = model.predictor(batchSize: 1)
    var candidates = try values.map { name, value in
      let row = try predictor.outputs(count: 1) { _, image in
        for element in image.indices { image[element] = value[element % channels] }
      }
      guard row.allSatisfy(\.isFinite) else {
        throw AuditRunError.notFinite(
          model: model.name, image: "fully masked (\(name))", node: nil)
      }
      let probabilities = row.indices.map {
        ClassScore(classIndex: $0, outputKind: model.network.outputKind).confidence(row)
      }
      let predicted = ClassScore.predictedClass(row)
      return MaskCandidate(
        name: name, value: value, predictedClass: predicted,
        confidence: probabilities[predicted],
        entropy: entropy(
          probabilities,
          areApart: model.network.outputKind == .sigmoid && model.network.head == .classes),
        isChosen: false)
    }
    let chosen: Int
    switch mask {
    case .mean: chosen = 0
    case .zero: chosen = 1
    case .explicit: chosen = 2
    case .automatic: chosen = candidates[1].entropy > candidates[0].entropy ? 1 : 0
    }
    candidates[chosen].isChosen = true
    return candidates
  }

  /// In nats: of the distribution over classes, or the sum over classes that are each on their own.
  private static func entropy(
    _ probabilities: [Double], areApart: Bool
  ) -> Double {
    func term(_ p: Double) -> Double { p > 0 ? -p * log(p) : 0 }
    return probabilities.reduce(0) {
      $0 + term($1) + (areApart ? term(1 - $1) : 0)
    }
  }
}
