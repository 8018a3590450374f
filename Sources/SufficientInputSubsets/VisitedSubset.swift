/// A sufficient subset that a search met on its way, smaller than the end of its order that suffices.
///
/// Pixels are shown again later, so that an order of last maskings need not end in it.
public struct VisitedSubset: Codable, Equatable, Sendable {
  /// What it suffices for.
  public let criterion: SufficiencyCriterion
  /// The pixels, those that the order keeps longest first.
  public let pixels: [Int]
  /// What the model says of them alone.
  public let evaluation: Evaluation

  /// Creates a subset.
  public init(criterion: SufficiencyCriterion, pixels: [Int], evaluation: Evaluation) {
    self.criterion = criterion
    self.pixels = pixels
    self.evaluation = evaluation
  }
}

/// By criterion the smallest set that was evaluated and meets it; of equally small ones that of the
/// highest score.
struct SmallestSets: Codable, Equatable, Sendable {
  private struct Entry: Codable, Equatable, Sendable {
    let criterion: SufficiencyCriterion
    /// Ascending; nil before any set met the criterion.
    var pixels: [Int]?
    var evaluation: Evaluation?
  }

  private var entries: [Entry]

  init(_ criteria: [SufficiencyCriterion]) {
    entries = criteria.map { Entry(criterion: $0) }
  }

  /// `pixels`: how many are visible; `set`: asked only where it is to be kept.
  mutating func note(_ evaluation: Evaluation, pixels count: Int, of set: () -> PixelSet) {
    var pixels: [Int]?
    for index in entries.indices
    where entries[index].criterion.isMet(by: evaluation)
      && isBetter(evaluation, count, than: entries[index])
    {
      let known = pixels ?? set().pixels
      pixels = known
      entries[index].pixels = known
      entries[index].evaluation = evaluation
    }
  }

  /// Pixels of the set kept for a criterion; nil before any met it.
  func size(for criterion: SufficiencyCriterion) -> Int? {
    entries.first { $0.criterion == criterion }?.pixels?.count
  }

  private func isBetter(_ evaluation: Evaluation, _ count: Int, than entry: Entry) -> Bool {
    guard let pixels = entry.pixels, let known = entry.evaluation else { return true }
    return count < pixels.count || (count == pixels.count && evaluation.score > known.score)
  }

  /// Those smaller than the end of a run's order.
  func smaller(than run: BackSelectRun) -> [VisitedSubset] {
    let found = entries.compactMap { entry -> VisitedSubset? in
      guard let pixels = entry.pixels, let evaluation = entry.evaluation,
        pixels.count < run.sizeOfEnd(meeting: entry.criterion) ?? 0
      else { return nil }
      return VisitedSubset(criterion: entry.criterion, pixels: pixels, evaluation: evaluation)
    }
    guard !found.isEmpty else { return [] }
    var position = [Int](repeating: 0, count: run.start.flags.count)
    for (index, pixel) in run.order.enumerated() { position[pixel] = index }
    return found.map { subset in
      VisitedSubset(
        criterion: subset.criterion,
        pixels: subset.pixels.sorted { position[$0] > position[$1] },
        evaluation: subset.evaluation)
    }
  }
}
