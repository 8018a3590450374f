import SharedWork

/// The component that adds most to the logit of an audited image's predicted class, and where in the image.
package struct LeadingComponent: Codable, Equatable, Sendable {
  /// In the audited data.
  package let image: Int
  package let classIndex: Int
  /// Its place by eigenvalue.
  package let component: Int
  package let alpha: Double
  /// Of what all components found add to the logit, where they add.
  package let share: Double
  /// Row-major positions of the hottest part, that α comes from; empty where hiding none of the image lowers α.
  package let region: PackedNumbers<Int32>

  package init(
    image: Int, classIndex: Int, component: Int, alpha: Double, share: Double, region: [Int]
  ) {
    self.image = image
    self.classIndex = classIndex
    self.component = component
    self.alpha = alpha
    self.share = share
    self.region = PackedNumbers(region.map { Int32($0) })
  }
}
