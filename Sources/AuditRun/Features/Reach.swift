import Audit
import Features

/// Which images of other classes would turn into a class if α of one component alone were another.
///
/// Needs no pass of the network: what a component could turn at most, were all of it moved.
struct Reach {
  /// Images neither of the class nor taken for it, in random order.
  private let images: [Int]
  /// Their α, `[images, d]`.
  private let alphas: [Double]
  private let dimension: Int
  /// By image, how much the class's logit lacks.
  private let gaps: [Double]

  /// Images among which the nearest are looked for, at most.
  private static let most = 1000

  init(_ classIndex: Int, _ components: ClassComponents, _ shared: ClassAnalysis.Shared) {
    let (head, others) = (shared.head, shared.ordinary)
    let candidates = others.labels.indices.filter {
      others.labels[$0] != classIndex && others.predicted[$0] != classIndex
    }
    var generator = SeededGenerator(seed: shared.settings.seed, stream: UInt64(2 * classIndex))
    images = generator.shuffled(candidates.count).prefix(Reach.most).map { candidates[$0] }
    dimension = components.count
    let features = others.features(of: images)
    alphas = components.alphas(features)
    let logits = head.logits(of: features)
    gaps = images.indices.map { image in
      let row = logits[image * head.classCount..<(image + 1) * head.classCount]
      let own = row.startIndex + classIndex
      let others = max(row[..<own].max() ?? -.infinity, row[(own + 1)...].max() ?? -.infinity)
      return others - row[own]
    }
  }

  /// So many images at random, and as many whose logit of the class lacks least.
  func targets(_ count: Int) -> Targets<Int> {
    let nearest = images.indices.sorted { (gaps[$0], $0) < (gaps[$1], $1) }
    return Targets(
      random: Array(images.prefix(count)), near: nearest.prefix(count).map { images[$0] })
  }

  /// The share of images that turn, over donors.
  ///
  /// `alphas`: of the donors.
  func share(of component: Int, alphas donors: [Double]) -> Double {
    let turned = donors.reduce(0) { sum, alpha in
      sum + gaps.indices.count { alpha - alphas[$0 * dimension + component] > gaps[$0] }
    }
    return Double(turned) / Double(max(1, donors.count * gaps.count))
  }
}

/// Images of other classes that regions are pasted into.
struct Targets<Image> {
  /// Drawn at random.
  let random: [Image]
  /// Those whose logit of the class lacks least, nearest first.
  let near: [Image]

  func map<Result>(_ transform: (Image) throws -> Result) rethrows -> Targets<Result> {
    try Targets<Result>(random: random.map(transform), near: near.map(transform))
  }
}
