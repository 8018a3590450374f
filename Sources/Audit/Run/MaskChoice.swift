import Datasets
import Foundation
import Inference

/// A candidate for what masked pixels show, and what the model says of the fully masked image.
package struct MaskCandidate: Codable, Equatable, Sendable {
  /// `mean`, `zero` or `explicit`.
  package let name: String
  /// One number per channel, in the model's units.
  package let value: [Float]
  package let predictedClass: Int
  package let confidence: Double
  /// Of the prediction for the fully masked image, in nats.
  package let entropy: Double
  package var isChosen: Bool

  package enum CodingKeys: String, CodingKey {
    case name, value, confidence, entropy
    case predictedClass = "predicted_class"
    case isChosen = "chosen"
  }
}

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
        throw AuditError.notFinite(
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
