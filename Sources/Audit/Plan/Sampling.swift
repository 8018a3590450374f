import SharedWork

/// Which images are audited, and what each stands for.
package struct AuditSample: Equatable, Sendable {
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
  /// Positions in the order in which they are searched: as they were drawn, strata mixed as in the
  /// whole, so that the first ones are a sample too.
  package let searchOrder: [Int]
  /// Why fewer images were audited than were drawn, as a sentence; nil when all were.
  package private(set) var ended: String?

  /// The weight of the image at `position`.
  package func weight(_ position: Int) -> Double { strata[strataOfImages[position]].weight }

  /// The design in a sentence.
  package var description: String { [design, ended].compactMap { $0 }.joined(separator: " ") }

  private var design: String {
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
    var generator = SeededGenerator(seed: seed, stream: 1)
    let order = generator.shuffled(isWrong.count)
    guard let limit, limit < isWrong.count else {
      images = Array(isWrong.indices)
      strataOfImages = images.map { _ in 0 }
      strata = [Stratum(name: "images", population: isWrong.count, sampled: isWrong.count)]
      searchOrder = order
      return
    }
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
    searchOrder = AuditSample.mixed(
      [wrong.prefix(wrongCount), right.prefix(rightCount)].map(Array.init), in: images)
  }

  /// The positions of images, those of each stratum in their order and spread evenly over all.
  private static func mixed(_ strata: [[Int]], in images: [Int]) -> [Int] {
    let positions = Dictionary(uniqueKeysWithValues: images.enumerated().map { ($1, $0) })
    let placed = strata.flatMap { stratum in
      stratum.enumerated().map { rank, image in
        (place: (Double(rank) + 0.5) / Double(stratum.count), position: positions[image] ?? 0)
      }
    }
    return placed.sorted { ($0.place, $0.position) < ($1.place, $1.position) }.map(\.position)
  }

  /// What is left when only some positions were searched.
  ///
  /// `ended`: why, as a sentence.
  package func keeping(_ positions: Set<Int>, ended: String) -> AuditSample {
    AuditSample(keeping: positions.sorted(), of: self, ended: ended)
  }

  private init(keeping kept: [Int], of whole: AuditSample, ended: String) {
    let places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    images = kept.map { whole.images[$0] }
    let strataOfImages = kept.map { whole.strataOfImages[$0] }
    self.strataOfImages = strataOfImages
    strata = whole.strata.enumerated().map { index, stratum in
      Stratum(
        name: stratum.name, population: stratum.population,
        sampled: strataOfImages.count { $0 == index })
    }
    searchOrder = whole.searchOrder.compactMap { places[$0] }
    self.ended = ended
  }
}

// Packed where it is stored: a million images are a few megabytes then.
extension AuditSample: Codable {
  private enum CodingKeys: String, CodingKey {
    case images, strataOfImages, strata, searchOrder, ended
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func numbers(_ key: CodingKeys) throws -> [Int] {
      try container.decode(PackedNumbers<UInt32>.self, forKey: key).values.map { Int($0) }
    }
    images = try numbers(.images)
    strataOfImages = try numbers(.strataOfImages)
    searchOrder = try numbers(.searchOrder)
    strata = try container.decode([Stratum].self, forKey: .strata)
    ended = try container.decodeIfPresent(String.self, forKey: .ended)
    guard strataOfImages.count == images.count, searchOrder.count == images.count,
      strataOfImages.allSatisfy(strata.indices.contains),
      searchOrder.allSatisfy(images.indices.contains)
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .images, in: container, debugDescription: "not as many positions as images")
    }
  }

  /// - Throws: What encoding throws.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    func packed(_ numbers: [Int]) -> PackedNumbers<UInt32> {
      PackedNumbers(numbers.map { UInt32($0) })
    }
    try container.encode(packed(images), forKey: .images)
    try container.encode(packed(strataOfImages), forKey: .strataOfImages)
    try container.encode(packed(searchOrder), forKey: .searchOrder)
    try container.encode(strata, forKey: .strata)
    try container.encodeIfPresent(ended, forKey: .ended)
  }
}
