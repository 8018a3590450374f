/// When a sample that is searched image by image is looked at, to see whether it decides already.
///
/// The rule is group-sequential: every interval of every look is of the level at which the looks share
/// the 5% of errors evenly (Bonferroni; Jennison and Turnbull, "Group Sequential Methods with Applications
/// to Clinical Trials", 2000, chapter 2). So the chance that any look leaves out the true number, and
/// with it that a limit is wrongly decided, is at most 5%, whatever the number and however the looks
/// depend on each other, as far as one look's intervals hold their level. Looks double the images, so
/// that they are few.
package struct SequentialLooks: Sendable {
  /// Images of each look, ascending; the last one has all.
  package let sizes: [Int]

  /// The fewest images worth a look.
  private static let fewest = 10

  /// `images`: of the whole sample, at least one.
  package init(images: Int) {
    var sizes = [images]
    while let first = sizes.first, (first + 1) / 2 >= SequentialLooks.fewest {
      sizes.insert((first + 1) / 2, at: 0)
    }
    self.sizes = sizes
  }

  /// Of all intervals, when there are so many looks.
  package static func level(looks: Int) -> IntervalLevel {
    looks == 1 ? .standard : IntervalLevel(error: IntervalLevel.standard.error / Double(looks))
  }
}
