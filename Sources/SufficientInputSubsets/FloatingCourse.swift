/// A floating BackSelect between its first gradient and its last masking.
struct FloatingCourse: Codable, Equatable, Sendable {
  private let start: PixelSet
  private let initial: Evaluation
  private(set) var visible: PixelSet
  /// By pixel, how much masking it raises the score: an average over the gradients so far and what
  /// evaluation said.
  private var average: [Float]
  /// Masked pixels by their last masking, first masked first.
  private var order: [Int] = []
  /// By pixel, the step of its last masking.
  private var stepOfMasking: [Int]
  /// By step, what the model says of what it left visible; nil where that was not evaluated, or is no end
  /// of the order any more because a pixel masked by then was shown again.
  private var afterStep: [Evaluation?] = []
  private var isFine = false
  private var fineSteps = 0
  /// The highest confidence so far of what steps left visible.
  private var peak = 0.0
  /// Confidence that has to come back after the first masking: the highest threshold that the image
  /// reaches, which otherwise needs nearly all of it.
  private let goal: Double
  /// Pixels that were masked at once, before any step; 0: none, or taken back.
  private var firstMasked: Int
  private var cost = BackSelectCost()
  /// What the model says of the latest set that a step ended in and that was evaluated.
  private var now: Evaluation
  /// Whether that set is what is visible.
  private var isNowVisible = true
  /// What is left to do of a step; nil between steps.
  private var open: OpenStep?
  /// Of all sets evaluated so far.
  private(set) var smallest: SmallestSets

  private enum OpenStep: Codable, Equatable, Sendable {
    /// Groups to evaluate, each alone; `net` of them are masked for good.
    case groups(hidden: [[Int]], shown: [[Int]], net: Int)
    /// Pixels to mask, of which `net` for good, and more for as many that are shown: which of `counts`
    /// is to be found.
    case exchange(hiding: [Int], showing: [Int], net: Int, counts: [Int])
  }

  /// The share of the whole image's confidence that has to come back after the first masking, where the
  /// image reaches no threshold.
  static let recovery = 0.75

  /// Takes the first gradient, and masks what it ranks lowest.
  ///
  /// `criteria`: what the smallest sets are kept for.
  init(
    from start: PixelSet, _ search: FloatingSearch, criteria: [SufficiencyCriterion],
    on classifier: inout some Classifier
  ) throws {
    self.start = start
    visible = start
    initial = try classifier.evaluate([start])[0]
    now = initial
    average = try classifier.maskGradient(visible: start)
    stepOfMasking = [Int](repeating: 0, count: start.flags.count)
    smallest = SmallestSets(criteria)
    let confidence = initial.confidence
    goal =
      criteria.compactMap { criterion in
        if case .confidence(let threshold) = criterion, threshold <= confidence {
          threshold
        } else {
          nil
        }
      }.max() ?? FloatingCourse.recovery * confidence
    cost.evaluations = 1
    cost.gradients = 1
    firstMasked = start.count - Int((search.firstShare * Double(start.count)).rounded(.up))
    maskFirst()
  }

  private mutating func maskFirst() {
    guard firstMasked > 0 else { return }
    take(Exchange(masking: Array(ranked(start.pixels, >).prefix(firstMasked))))
  }

  /// Begins again with half as many masked at once, or none.
  private mutating func takeBackFirst(_ search: FloatingSearch) {
    visible = start
    order = []
    afterStep = afterStep.map { _ in nil }
    (isFine, fineSteps, peak) = (false, 0, 0)
    firstMasked /= 2
    if firstMasked < count(search.coarseShare) { firstMasked = 0 }
    maskFirst()
  }

  /// The order, its curve known at some of `ends`.
  var run: BackSelectRun {
    var after = [Evaluation?](repeating: nil, count: order.count)
    for end in ends { after[end - 1] = afterStep[stepOfMasking[order[end - 1]]] }
    return BackSelectRun(
      start: start, initial: initial,
      steps: zip(order, after).map { BackSelectStep(pixel: $0, after: $1) }, cost: cost)
  }

  /// Numbers of masked pixels, ascending, at which a step ended.
  var ends: [Int] {
    let inside = order.indices.dropFirst().filter {
      stepOfMasking[order[$0]] != stepOfMasking[order[$0 - 1]]
    }
    return order.isEmpty ? [] : inside + [order.count]
  }

  /// Does the next piece of a step: the gradient, groups of pixels, or exchanges.
  mutating func advance(
    _ search: FloatingSearch, on classifier: inout some Classifier
  ) throws {
    switch open {
    case .groups(let hidden, let shown, let net):
      let evaluations = try evaluate(hidden + shown, on: &classifier)
      follow(evaluations, of: hidden + shown, weight: search.measuredWeight)
      open = exchange(hidden, shown, evaluations, net: net)
    case .exchange(let hiding, let showing, let net, let counts):
      let found = try bestExchange(
        hiding: hiding, showing: showing, net: net, counts: counts, on: &classifier)
      let confidence = found.after?.confidence ?? 0
      if isFine || confidence >= min(search.fineBelow, now.confidence) {
        take(found)
      } else {
        isFine = true
        open = fineStep(search)
      }
    case nil:
      try begin(search, on: &classifier)
    }
  }

  private mutating func begin(
    _ search: FloatingSearch, on classifier: inout some Classifier
  ) throws {
    if hasGoneAstray { takeBackFirst(search) }
    if isFine { fineSteps += 1 }
    let isDue = !isFine || fineSteps.isMultiple(of: search.finePerGradient)
    if isDue || !isNowVisible || now.confidence < search.restBelow {
      try takeGradient(memory: search.memory, on: &classifier)
    }
    peak = max(peak, now.confidence)
    // A first step may lose a decision that the next ones recover.
    let isLost = now.confidence < search.restBelow && peak >= initial.confidence / 2
    if isFine, isLost {
      take(Exchange(masking: Array(ranked(visible.pixels, >).prefix(count(search.restShare)))))
    } else {
      open = isFine ? fineStep(search) : coarseStep(search)
    }
  }

  private mutating func takeGradient(
    memory: Double, on classifier: inout some Classifier
  ) throws {
    // The pass that the gradient goes back through.
    let found = try classifier.evaluate([visible])[0]
    smallest.note(found, pixels: visible.count) { visible }
    follow(try classifier.maskGradient(visible: visible), memory: memory)
    (now, isNowVisible) = (found, true)
    if !afterStep.isEmpty { afterStep[afterStep.count - 1] = found }
    cost.evaluations += 1
    cost.gradients += 1
  }

  /// Whether too much was masked at once: of what that left visible, half is masked too, and confidence
  /// has not come back.
  private var hasGoneAstray: Bool {
    firstMasked > 0 && 2 * visible.count <= start.count - firstMasked
      && peak < goal
  }

  private func coarseStep(_ search: FloatingSearch) -> OpenStep {
    .exchange(
      hiding: ranked(visible.pixels, >), showing: ranked(start.subtracting(visible).pixels, <),
      net: count(search.coarseShare),
      counts: search.coarseExchanges.map { Int(($0 * Double(visible.count)).rounded()) })
  }

  private func fineStep(_ search: FloatingSearch) -> OpenStep {
    let most = count(search.fineShare)
    let size = max(1, Int((Double(most) / Double(search.groups)).rounded()))
    return .groups(
      hidden: groups(ranked(visible.pixels, >), of: size, most: search.shortlist),
      shown: groups(
        ranked(start.subtracting(visible).pixels, <), of: size, most: search.returning),
      net: max(1, min(search.groups, most / size)))
  }

  private mutating func follow(_ gradient: [Float], memory: Double) {
    let memory = Float(memory)
    for pixel in average.indices {
      average[pixel] = memory * average[pixel] + (1 - memory) * gradient[pixel]
    }
  }

  /// Takes what a group is worth for what each of its pixels is, in equal parts.
  private mutating func follow(
    _ evaluations: [Evaluation], of groups: [[Int]], weight: Double
  ) {
    let weight = Float(weight)
    for (group, evaluation) in zip(groups, evaluations) {
      let change = Float((evaluation.score - now.score) / Double(group.count))
      for pixel in group {
        let ofMasking = visible.contains(pixel) ? change : -change
        average[pixel] = (1 - weight) * average[pixel] + weight * ofMasking
      }
    }
  }

  /// A share of the visible pixels, one at least.
  private func count(_ share: Double) -> Int {
    min(visible.count, max(1, Int((share * Double(visible.count)).rounded())))
  }

  /// Pixels by the average gradient; of equals the lowest first.
  private func ranked(_ pixels: [Int], _ comesFirst: (Float, Float) -> Bool) -> [Int] {
    pixels.sorted {
      average[$0] != average[$1] ? comesFirst(average[$0], average[$1]) : $0 < $1
    }
  }
}

// MARK: - Exchanges

extension FloatingCourse {
  /// Pixels that a step masks and shows.
  private struct Exchange {
    let masking: [Int]
    var showing: [Int] = []
    /// What the model says afterwards; nil where a step follows the ranking.
    var after: Evaluation?
    /// Whether position decided how many pixels are exchanged.
    var isTied = false
  }

  private mutating func take(_ exchange: Exchange) {
    now = exchange.after ?? now
    isNowVisible = exchange.after != nil
    let shown = Set(exchange.showing)
    if let first = exchange.showing.map({ stepOfMasking[$0] }).min() {
      order.removeAll(where: shown.contains)
      for step in first..<cost.steps { afterStep[step] = nil }
    }
    afterStep.append(exchange.after)
    visible = visible.toggling(exchange.masking + exchange.showing)
    for pixel in exchange.masking { stepOfMasking[pixel] = cost.steps }
    order += exchange.masking
    cost.steps += 1
    cost.tiedSteps += exchange.isTied ? 1 : 0
    open = nil
  }

  /// Masks the first `net` of `hiding`, and more, for each of which one of `showing` is shown: as many
  /// as leave the score highest; of equals the fewest.
  ///
  /// `counts`: how many more to try, ascending.
  private mutating func bestExchange(
    hiding: [Int], showing: [Int], net: Int, counts: [Int], on classifier: inout some Classifier
  ) throws -> Exchange {
    let most = max(0, min(hiding.count - net - 1, showing.count))
    let tried = Set(counts.map { min($0, most) }).sorted()
    let sets = tried.map { visible.toggling(hiding.prefix(net + $0) + showing.prefix($0)) }
    let evaluations = try classifier.evaluate(sets)
    cost.evaluations += sets.count
    note(evaluations, of: sets)
    let choice = Choice(best: 1, of: evaluations)
    let best = choice.positions[0]
    return Exchange(
      masking: Array(hiding.prefix(net + tried[best])),
      showing: Array(showing.prefix(tried[best])), after: evaluations[best],
      isTied: choice.isTied)
  }

  /// Groups in the order of what evaluation says of them; as many exchanges as raise the score if effects
  /// add up, and none: whether they do is tried.
  private func exchange(
    _ hidden: [[Int]], _ shown: [[Int]], _ evaluations: [Evaluation], net: Int
  ) -> OpenStep {
    let ofHidden = Array(evaluations.prefix(hidden.count))
    let ofShown = Array(evaluations.dropFirst(hidden.count))
    let best = Choice(best: hidden.count, of: ofHidden).positions
    let bestShown = Choice(best: shown.count, of: ofShown).positions
    let pairs = zip(best.dropFirst(net), bestShown).prefix { hide, show in
      ofHidden[hide].score + ofShown[show].score > 2 * now.score
    }.count
    let size = hidden[0].count
    return .exchange(
      hiding: best.flatMap { hidden[$0] }, showing: bestShown.flatMap { shown[$0] },
      net: net * size, counts: [0, pairs * size])
  }

  private func groups(_ pixels: [Int], of size: Int, most: Int) -> [[Int]] {
    (0..<min(most, pixels.count / size)).map { Array(pixels[$0 * size..<($0 + 1) * size]) }
  }

  private mutating func evaluate(
    _ groups: [[Int]], on classifier: inout some Classifier
  ) throws -> [Evaluation] {
    cost.evaluations += groups.count
    guard groups.contains(where: { $0.count > 1 }) else {
      let pixels = groups.flatMap { $0 }
      let evaluations = try classifier.evaluateToggling(eachOf: pixels, visible: visible)
      for (pixel, evaluation) in zip(pixels, evaluations) {
        smallest.note(
          evaluation, pixels: visible.count + (visible.contains(pixel) ? -1 : 1)
        ) { visible.toggling(CollectionOfOne(pixel)) }
      }
      return evaluations
    }
    let sets = groups.map { visible.toggling($0) }
    let evaluations = try classifier.evaluate(sets)
    note(evaluations, of: sets)
    return evaluations
  }

  private mutating func note(_ evaluations: [Evaluation], of sets: [PixelSet]) {
    for (evaluation, set) in zip(evaluations, sets) {
      smallest.note(evaluation, pixels: set.count) { set }
    }
  }
}
