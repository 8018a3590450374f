import Inference

/// What each feature adds to a class's logit, on average over the images that are predicted as the class.
///
/// Section 3.1 of Singla and Feizi, "Salient ImageNet" (2022).
package struct FeatureImportance: Equatable, Sendable {
  package let head: LinearHead
  /// By class, how many images are predicted as it.
  package private(set) var predictedCounts: [Int]
  /// By class, the sum of φ over these images, `[classes, d]`.
  private var sums: [Double]

  package init(_ head: LinearHead) {
    self.head = head
    predictedCounts = [Int](repeating: 0, count: head.classCount)
    sums = [Double](repeating: 0, count: head.weights.count)
  }

  /// `features`: `[n, d]`.
  ///
  /// `predictedClasses`: `[n]`.
  package mutating func add(_ features: [Float], predictedClasses: [Int]) {
    let d = head.featureCount
    precondition(features.count == d * predictedClasses.count, "\(features.count) by \(d)")
    for (row, classIndex) in predictedClasses.enumerated() {
      predictedCounts[classIndex] += 1
      for j in 0..<d { sums[classIndex * d + j] += Double(features[row * d + j]) }
    }
  }

  /// A feature with its importance for a class.
  package struct Entry: Codable, Equatable, Sendable {
    package let feature: Int
    package let value: Double
  }

  /// The features of highest importance, highest first; of equals the lower index.
  ///
  /// None for a class that no image is predicted as.
  package func top(_ count: Int = 5, of classIndex: Int) -> [Entry] {
    values(of: classIndex).enumerated().map { Entry(feature: $0.offset, value: $0.element) }
      .sorted { ($1.value, $0.feature) < ($0.value, $1.feature) }.prefix(count).map { $0 }
  }

  /// Of each feature, `[d]`; empty for a class that no image is predicted as.
  package func values(of classIndex: Int) -> [Double] {
    let n = predictedCounts[classIndex]
    guard n > 0 else { return [] }
    let own = sums[classIndex * head.featureCount..<(classIndex + 1) * head.featureCount]
    return zip(own, head.weights(of: classIndex)).map { $0 * Double($1) / Double(n) }
  }
}
