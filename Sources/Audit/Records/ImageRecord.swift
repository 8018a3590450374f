import Foundation
import SharedWork
import SufficientInputSubsets

/// What BackSelect found for one image and one model: all that any measurement needs of it.
package struct ImageRecord: Codable, Equatable, Sendable {
  /// Raised when the meaning of a field changes; records of other versions are made again.
  package static let currentVersion = 5

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
  /// Subsets that suffice and are smaller than those the order ends in.
  package let visited: [Visited]
  /// Per threshold, what is left of the SIS once no unit of it can be dropped; nil where there is no
  /// SIS, and altogether when it was not asked for.
  package let minimal: [PackedNumbers<UInt32>?]?
  package let evaluations: Int
  package let gradients: Int
  package let steps: Int
  package let tiedSteps: Int

  /// A subset that the search met on its way; see `VisitedSubset`.
  package struct Visited: Codable, Equatable, Sendable {
    /// The confidence τ that it reaches; nil: the class has the highest output.
    let threshold: Double?
    /// Last masked first.
    let pixels: PackedNumbers<UInt32>
    let confidence: Float
  }

  package var pixelCount: Int { height * width }
  package var isCorrect: Bool { label == predictedClass }
  package var pixelOrder: [Int] { order.values.map { Int($0) } }

  /// f_c of the full image.
  package var confidence: Double { Double(confidences.values[confidences.values.count - 1]) }

  /// f_c of the fully masked image.
  package var blankConfidence: Double { Double(confidences.values[0]) }

  /// The number of pixels of the SIS at `threshold`; nil when even the full image stays below.
  package func sisSize(_ threshold: Double) -> Int? {
    visited(threshold)?.pixels.values.count ?? sizeOfEnd(threshold)
  }

  /// The SIS's pixels, last masked first.
  package func sufficientInputSubset(_ threshold: Double) -> [Int]? {
    visited(threshold)?.pixels.values.map { Int($0) }
      ?? sizeOfEnd(threshold).map { lastPixels($0).reversed() }
  }

  /// f_c of the SIS alone.
  package func sisConfidence(_ threshold: Double) -> Double? {
    visited(threshold).map { Double($0.confidence) }
      ?? sizeOfEnd(threshold).map { Double(confidences.values[$0]) }
  }

  /// The fewest pixels found that give the class the highest output.
  package var topOneSubset: [Int]? {
    visited(nil)?.pixels.values.map { Int($0) } ?? topOneSizeOfEnd.map { lastPixels($0).reversed() }
  }

  /// Their number.
  package var topOneSize: Int? { visited(nil)?.pixels.values.count ?? topOneSizeOfEnd }

  /// f_c of those pixels alone.
  package var topOneConfidence: Double? {
    visited(nil).map { Double($0.confidence) }
      ?? topOneSizeOfEnd.map { Double(confidences.values[$0]) }
  }

  private func visited(_ threshold: Double?) -> Visited? {
    visited.first { $0.threshold == threshold }
  }

  /// The smallest number of visible pixels, last masked first, that reaches `threshold`.
  private func sizeOfEnd(_ threshold: Double) -> Int? {
    guard confidence >= threshold else { return nil }
    return confidences.values.firstIndex { Double($0) >= threshold }
  }

  private var topOneSizeOfEnd: Int? { isTop.values.firstIndex(of: 1) }

  /// f_c with so many pixels visible, by straight lines between the sizes that were evaluated; both
  /// ends always are.
  ///
  /// `sizes`: ascending.
  package func confidences(visible sizes: [Int]) -> [Double] {
    let values = confidences.values
    let known = values.indices.filter { !values[$0].isNaN }
    var next = 0
    return sizes.map { size in
      while next < known.count - 1, known[next] < size { next += 1 }
      let (right, left) = (known[next], known[max(next - 1, 0)])
      guard right > size, right > left else { return Double(values[right]) }
      let share = Double(size - left) / Double(right - left)
      return Double(values[left]) * (1 - share) + Double(values[right]) * share
    }
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
    visited = run.visited.map(Visited.init)
    self.minimal = minimal?.map { $0.map { PackedNumbers($0.map { UInt32($0) }) } }
    evaluations = run.cost.evaluations
    gradients = run.cost.gradients
    steps = run.cost.steps
    tiedSteps = run.cost.tiedSteps
  }
}

extension ImageRecord.Visited {
  fileprivate init(_ subset: VisitedSubset) {
    threshold =
      switch subset.criterion {
      case .confidence(let threshold): threshold
      case .topOne: nil
      }
    pixels = PackedNumbers(subset.pixels.map { UInt32($0) })
    confidence = Float(subset.evaluation.confidence)
  }
}
