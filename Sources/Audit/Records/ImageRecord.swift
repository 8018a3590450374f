import Foundation
import SufficientInputSubsets

/// What BackSelect found for one image and one model: all that any measurement needs of it.
package struct ImageRecord: Codable, Equatable, Sendable {
  /// Raised when the meaning of a field changes; records of other versions are made again.
  package static let currentVersion = 4

  package var version = currentVersion
  /// Index in the dataset.
  package let image: Int
  package let identifier: String
  package let label: Int
  package let predictedClass: Int
  /// Of the full image.
  package let logits: [Float]
  package let height: Int
  package let width: Int
  package let channels: Int
  /// SHA-256 of the preprocessed image, so that other data is noticed.
  package let imageDigest: String
  /// The image for display, 0...255, `[h, w, c]`.
  package let display: PackedNumbers<UInt8>
  /// Pixels, first masked first.
  package let order: PackedNumbers<UInt32>
  /// Entry *m* with the last *m* pixels of the order visible, 0...*p*; NaN where not evaluated.
  package let confidences: PackedNumbers<Float>
  package let scores: PackedNumbers<Float>
  /// Whether the class has the highest output there: 1 yes, 0 no or not evaluated.
  package let isTop: PackedNumbers<UInt8>
  /// Per threshold, what is left of the SIS once no unit of it can be dropped; nil where there is no
  /// SIS, and altogether when it was not asked for.
  package let minimal: [PackedNumbers<UInt32>?]?
  package let evaluations: Int
  package let gradients: Int
  package let steps: Int
  package let tiedSteps: Int

  package var pixelCount: Int { height * width }
  package var isCorrect: Bool { label == predictedClass }
  package var pixelOrder: [Int] { order.values.map { Int($0) } }

  /// f_c of the full image.
  package var confidence: Double { Double(confidences.values[confidences.values.count - 1]) }

  /// f_c of the fully masked image.
  package var blankConfidence: Double { Double(confidences.values[0]) }

  /// The smallest number of visible pixels, last masked first, that reaches `threshold`; nil when
  /// even the full image stays below.
  package func sisSize(_ threshold: Double) -> Int? {
    guard confidence >= threshold else { return nil }
    return confidences.values.firstIndex { Double($0) >= threshold }
  }

  /// The smallest number of visible pixels, last masked first, that gives the class the highest output.
  package var topOneSize: Int? { isTop.values.firstIndex(of: 1) }

  /// The SIS's pixels, last masked first.
  package func sufficientInputSubset(_ threshold: Double) -> [Int]? {
    sisSize(threshold).map { lastPixels($0).reversed() }
  }

  /// The last `count` pixels of the order.
  package func lastPixels(_ count: Int) -> [Int] {
    order.values.suffix(count).map { Int($0) }
  }
}

extension ImageRecord {
  package init(
    _ run: BackSelectRun, minimal: [[Int]?]?, image: Int, identifier: String, label: Int,
    predictedClass: Int, logits: [Float], height: Int, width: Int, channels: Int,
    imageDigest: String, display: [UInt8]
  ) {
    self.image = image
    self.identifier = identifier
    self.label = label
    self.predictedClass = predictedClass
    self.logits = logits
    self.height = height
    self.width = width
    self.channels = channels
    self.imageDigest = imageDigest
    self.display = PackedNumbers(display)
    order = PackedNumbers(run.order.map { UInt32($0) })
    let curve = run.curve
    confidences = PackedNumbers(curve.map { $0.map { Float($0.confidence) } ?? .nan })
    scores = PackedNumbers(curve.map { $0.map { Float($0.score) } ?? .nan })
    isTop = PackedNumbers(curve.map { $0?.isTop ?? false ? 1 : 0 })
    self.minimal = minimal?.map { $0.map { PackedNumbers($0.map { UInt32($0) }) } }
    evaluations = run.cost.evaluations
    gradients = run.cost.gradients
    steps = run.cost.steps
    tiedSteps = run.cost.tiedSteps
  }
}
