/// Which images are audited, and what each stands for.
package struct AuditSample: Codable, Equatable, Sendable {
  /// A group of the dataset and how much of it was taken.
  package struct Stratum: Codable, Equatable, Sendable {
    package let name: String
    package let population: Int
    package let sampled: Int

    /// Images of the dataset that each audited one stands for.
    package var weight: Double { sampled == 0 ? 0 : Double(population) / Double(sampled) }
  }

  /// Indices into the dataset, ascending.
  package let images: [Int]
  /// The stratum of each image.
  package let strataOfImages: [Int]
  package let strata: [Stratum]

  /// The weight of the image at `position`.
  package func weight(_ position: Int) -> Double { strata[strataOfImages[position]].weight }

  /// The design in a sentence.
  package var description: String {
    guard strata.count > 1 else {
      let stratum = strata[0]
      return stratum.sampled == stratum.population
        ? "All \(stratum.population) images were audited."
        : "\(stratum.sampled) of \(stratum.population) images were audited, drawn at random."
    }
    let parts = strata.map { "\($0.sampled) of \($0.population) \($0.name)" }
    return "Stratified sample: " + parts.joined(separator: " and ")
      + ". Means weight each image by the number of images it stands for."
  }

  /// Misclassified images first, up to half of the limit, then correct ones; drawn by `seed`.
  ///
  /// `isWrong`: for each image, whether any audited model misclassifies it.
  ///
  /// `limit`: the most images to take; nil for all.
  package init(isWrong: [Bool], limit: Int?, seed: UInt64) {
    guard let limit, limit < isWrong.count else {
      images = Array(isWrong.indices)
      strataOfImages = images.map { _ in 0 }
      strata = [Stratum(name: "images", population: isWrong.count, sampled: isWrong.count)]
      return
    }
    var generator = SeededGenerator(seed: seed, stream: 1)
    let order = generator.shuffled(isWrong.count)
    let wrong = order.filter { isWrong[$0] }
    let right = order.filter { !isWrong[$0] }
    let wrongCount = min(wrong.count, max(limit / 2, limit - right.count))
    let rightCount = min(right.count, limit - wrongCount)
    let chosen =
      (wrong.prefix(wrongCount).map { ($0, 0) } + right.prefix(rightCount).map { ($0, 1) })
      .sorted { $0.0 < $1.0 }
    images = chosen.map(\.0)
    strataOfImages = chosen.map(\.1)
    strata = [
      Stratum(
        name: "images that some model misclassifies", population: wrong.count,
        sampled: wrongCount),
      Stratum(
        name: "images that every model classifies correctly", population: right.count,
        sampled: rightCount),
    ]
  }
}
