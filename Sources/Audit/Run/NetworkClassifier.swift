import Inference
import SufficientInputSubsets

/// One image's decision by a network: what the BackSelect procedures ask.
///
/// Images and mask values are in the model's units; a masked pixel takes the mask value in every
/// channel.
package struct NetworkClassifier: Classifier {
  package let pixelCount: Int
  private let predictor: Predictor
  private let image: [Float]
  private let maskValue: [Float]
  private let imageName: String
  private let score: ClassScore
  private let kind: ScoreKind
  /// Images per pass when a few candidates are evaluated, such as a shortlist.
  private let fewBatch: Int

  /// `image`: `[h, w, c]`.
  ///
  /// `maskValue`: one number per channel.
  ///
  /// `fewBatch`: candidates of one guided step.
  package init(
    _ predictor: Predictor, image: [Float], imageName: String, maskValue: [Float],
    score: ClassScore, kind: ScoreKind, fewBatch: Int
  ) {
    self.predictor = predictor
    self.image = image
    self.imageName = imageName
    self.maskValue = maskValue
    self.score = score
    self.kind = kind
    self.fewBatch = fewBatch
    pixelCount = predictor.network.input.pixelCount
  }

  package func evaluate(_ visibleSets: [PixelSet]) throws -> [Evaluation] {
    try evaluations(count: visibleSets.count) { index, target in
      write(visibleSets[index], into: target)
    }
  }

  package func evaluateMasking(
    eachOf candidates: [Int], visible: PixelSet
  ) throws -> [Evaluation] {
    let masked = maskedImage(visible)
    let channels = maskValue.count
    return try evaluations(count: candidates.count) { index, target in
      _ = target.update(fromContentsOf: masked)
      for c in 0..<channels { target[candidates[index] * channels + c] = maskValue[c] }
    }
  }

  package func maskGradient(visible: PixelSet) throws -> [Float] {
    let masked = maskedImage(visible)
    let (output, gradient) = try predictor.gradient(
      fill: { _ = $0.update(fromContentsOf: masked) },
      outputGradient: { score.gradient($0, kind) })
    try check(output[...], visible: masked)
    let channels = maskValue.count
    return (0..<pixelCount).map { pixel in
      var change: Float = 0
      for c in 0..<channels {
        let element = pixel * channels + c
        change -= (masked[element] - maskValue[c]) * gradient[element]
      }
      return change
    }
  }

  /// The image with everything outside `visible` masked, `[h, w, c]`.
  package func maskedImage(_ visible: PixelSet) -> [Float] {
    [Float](unsafeUninitializedCapacity: image.count) { buffer, count in
      write(visible, into: buffer)
      count = image.count
    }
  }

  private func write(_ visible: PixelSet, into target: UnsafeMutableBufferPointer<Float>) {
    let channels = maskValue.count
    for (pixel, isVisible) in visible.flags.enumerated() {
      for c in 0..<channels {
        let element = pixel * channels + c
        target[element] = isVisible ? image[element] : maskValue[c]
      }
    }
  }

  private func evaluations(
    count: Int, fill: (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws -> [Evaluation] {
    let batch = count == 1 ? 1 : count <= fewBatch ? fewBatch : predictor.batchSize
    let outputs = try predictor.outputs(count: count, batchSize: batch, fill: fill)
    let classes = predictor.network.classCount
    return try (0..<count).map { index in
      let row = outputs[index * classes..<(index + 1) * classes]
      try check(row, visible: nil)
      return score.evaluation(row, kind)
    }
  }

  private func check(_ row: ArraySlice<Float>, visible: [Float]?) throws {
    guard !row.allSatisfy(\.isFinite) else { return }
    let shown = visible ?? image
    throw AuditError.notFinite(
      model: predictor.network.name, image: imageName,
      node: predictor.firstNodeNotFinite { _ = $0.update(fromContentsOf: shown) })
  }
}
