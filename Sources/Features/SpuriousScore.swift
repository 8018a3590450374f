import Statistics

/// How well a class's probability tells its images from others that show one of its spurious features
/// without the class.
///
/// Section 5 of Neuhaus et al., "Spurious Features Everywhere" (2023).
package struct SpuriousScore: Equatable, Sendable {
  /// Images of the class, and spurious ones.
  package let positives: Int
  package let negatives: Int
  /// The area under the precision-recall curve.
  package let averagePrecision: Double
  /// Under the ROC curve, with its interval.
  package let area: AreaEstimate

  /// The average precision that scores drawn at random have.
  package var chance: Double { Double(positives) / Double(positives + negatives) }

  /// `positives`: the class's log-odds, or its probability, on images of the class.
  ///
  /// `negatives`: on images that show the feature without the class.
  ///
  /// Returns nil when a group is empty.
  package init?(positives: [Double], negatives: [Double]) {
    guard
      let precision = Statistics.averagePrecision(positives: positives, negatives: negatives),
      let area = AreaEstimate(positives: positives, negatives: negatives)
    else { return nil }
    self.positives = positives.count
    self.negatives = negatives.count
    averagePrecision = precision
    self.area = area
  }
}
