import Features
import Inference
import Testing

/// SpuFix and the spurious score against the reference.
@Suite struct RepairTests {
  private struct Worked: Decodable {
    struct Case: Decodable {
      let beta: [Betas]
      let fixedLogits: [Double]
      let alpha: [[Double]]?
      let gram: [[Double]]?
    }
    struct Fixture: Decodable {
      let phi: [[Double]]
      let w: [Double]
      let bias: Double
      let eigenvalues: [Double]
      let alpha: [[Double]]
      let logits: [Double]
      let oneComponent: Case
      let twoComponents: Case
      let givenAlphas: Case
    }
    struct OnModel: Decodable {
      struct Image: Decodable {
        let image: Int
        let logits: [Double]
        let beta: [Double]
        let fixedLogits: [Double]
      }
      let classIndex: Int
      let components: [Int]
      let rightBefore: Int
      let rightAfter: Int
      let changedImages: [Int]
      let predictedKAfter: Int
      let images: [Image]
    }
    struct Source: Decodable {
      let oneComponent: OnModel
      let twoComponents: OnModel
    }
    struct Transfer: Decodable {
      let twoComponents: OnModel
    }
    let worked: Fixture
    let sourceModel: Source
    let transfer: Transfer
  }

  /// One number or several.
  private struct Betas: Decodable {
    let values: [Double]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      values = try (try? container.decode([Double].self)) ?? [container.decode(Double.self)]
    }
  }

  @Test func `The example worked by hand, with directions that are not orthogonal too`() throws {
    let worked = try Reference.read(Worked.self, "g_spufix").worked
    let features = worked.phi.flatMap { $0.map { Float($0) } }
    let mean = worked.w.indices.map { j in
      worked.phi.reduce(0) { $0 + $1[j] * worked.w[j] } / Double(worked.phi.count)
    }
    for (expected, alphas) in [
      (worked.oneComponent, worked.alpha.map { [$0[0]] }),
      (worked.twoComponents, worked.alpha.map { Array($0.prefix(2)) }),
      (worked.givenAlphas, worked.givenAlphas.alpha ?? []),
    ] {
      var directions = SpuriousDirections(
        classIndex: 0, weights: worked.w, mean: mean, components: alphas[0].count)
      directions.add(features, alphas: alphas.flatMap { $0 })
      let repair = try directions.repair()
      for (row, phi) in worked.phi.enumerated() {
        let phi = phi.map { Float($0) }
        #expect(Reference.difference(repair.betas(phi), expected.beta[row].values) < 1e-9)
        let logit = worked.logits[row] - repair.reduction(phi)
        #expect(abs(logit - expected.fixedLogits[row]) < 1e-9)
      }
    }
  }

  private func check(
    _ expected: Worked.OnModel, on subject: Reference.Subject, alphasOf source: Reference.Subject
  ) throws {
    let k = expected.classIndex
    let (own, others) = (try subject.components(of: k), try source.components(of: k))
    let all = others.alphas(source.images(of: k).features)
    var directions = SpuriousDirections(
      classIndex: k, weights: own.weights, mean: own.mean, components: expected.components.count)
    directions.add(
      subject.images(of: k).features,
      alphas: (0..<all.count / 64).flatMap { row in
        expected.components.map { all[row * 64 + $0] }
      })
    let repair = try directions.repair()
    for image in expected.images {
      let features = subject.features(of: image.image)
      #expect(Reference.difference(repair.betas(features), image.beta) < 1e-3)
      let logit = subject.head.logit(of: k, features: features) - repair.reduction(features)
      #expect(abs(logit - image.fixedLogits[k]) < 1e-3)
    }
    var (right, changed, predictedAsClass) = (0, [Int](), 0)
    for image in 0..<200 {
      let before = subject.outputs[image * 10..<(image + 1) * 10]
      var after = Array(before)
      after[k] -= Float(repair.reduction(subject.features(of: image)))
      let predicted = Reference.predictedClass(after[...])
      right += predicted == subject.labels[image] ? 1 : 0
      predictedAsClass += predicted == k ? 1 : 0
      if predicted != Reference.predictedClass(before) { changed.append(image) }
    }
    #expect(right == expected.rightAfter && predictedAsClass == expected.predictedKAfter)
    #expect(changed == expected.changedImages)
  }

  @Test func `A class is repaired as the reference repairs it`() throws {
    let expected = try Reference.read(Worked.self, "g_spufix").sourceModel
    let subject = try Reference.resnetA.get()
    try check(expected.oneComponent, on: subject, alphasOf: subject)
    try check(expected.twoComponents, on: subject, alphasOf: subject)
  }

  @Test func `Components labelled in one model repair another`() throws {
    let expected = try Reference.read(Worked.self, "g_spufix").transfer
    try check(
      expected.twoComponents, on: Reference.resnetB.get(), alphasOf: Reference.resnetA.get())
  }

  @Test func `The same direction twice is refused`() {
    #expect(throws: FeatureError.dependentDirections(classIndex: 4)) {
      try LogitRepair(
        classIndex: 4, weights: [1, 1], mean: [0, 0], directions: [1, 0, 1, 0])
    }
  }

  private struct Scores: Decodable {
    struct Small: Decodable {
      let name: String
      let positives: [Double]
      let negatives: [Double]
      let averagePrecision: Double
      let rocAUC: Double
    }
    struct Real: Decodable {
      struct Class: Decodable {
        let classIndex: Int
        let averagePrecision: Double
        let rocAUC: Double
      }
      let classes: [Class]
    }
    let small: [Small]
    let real: Real
  }

  @Test func `Average precision and area are the reference's, with ties`() throws {
    let scores = try Reference.read(Scores.self, "f_scores")
    for expected in scores.small {
      let found = try #require(
        SpuriousScore(positives: expected.positives, negatives: expected.negatives))
      #expect(abs(found.averagePrecision - expected.averagePrecision) < 1e-12, "\(expected.name)")
      #expect(abs(found.area.area - expected.rocAUC) < 1e-12, "\(expected.name)")
    }
    let subject = try Reference.resnetA.get()
    for expected in scores.real.classes {
      let k = expected.classIndex
      func score(_ image: Int) -> Double { subject.logOdds(of: k, image: image) }
      let positives = (0..<1000).filter { subject.labels[$0] == k }.prefix(50).map(score)
      let negatives = (0..<1000).filter { subject.labels[$0] != k }.prefix(75).map(score)
      let found = try #require(SpuriousScore(positives: positives, negatives: negatives))
      #expect(abs(found.averagePrecision - expected.averagePrecision) < 1e-9)
      #expect(abs(found.area.area - expected.rocAUC) < 1e-9)
    }
    #expect(SpuriousScore(positives: [], negatives: [1]) == nil)
    #expect(SpuriousScore(positives: [1, 2], negatives: [0])?.chance == 2.0 / 3)
  }
}
