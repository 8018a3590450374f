import Features
import Testing

/// Neural PCA and importance against the reference.
@Suite struct ClassComponentsTests {
  private struct Expected: Decodable {
    struct Class: Decodable {
      let classIndex: Int
      let n: Int
      let mean: [Double]
      let meanSum: Double
      let bias: Double
      let eigenvalues: [Double]
      let relativeGapsToNext: [Double]
      let absEigenvectorSums: [Double]
      let imageIndices: [Int]
      let alpha: [[Double]]
      let sumOfAllAlpha: [Double]
      let classLogit: [Double]
      let topComponentsByMeanAbsAlpha: [Int]
      let meanAbsAlpha: [Double]
      let topImagesByAlphaOfComponents0to2: [[Int]]
      let topAlphaOfComponents0to2: [[Double]]
      let eigenvectorsUpToSign: [[Double]]?
    }
    let classes: [Class]
  }

  @Test func `Components, α, shares and top images are the reference's`() throws {
    let subject = try Reference.resnetA.get()
    for expected in try Reference.read(Expected.self, "b_pca").classes {
      let components = try subject.components(of: expected.classIndex)
      let images = subject.images(of: expected.classIndex)
      #expect(components.imageCount == expected.n)
      #expect(Reference.difference(components.mean, expected.mean) < 1e-4)
      for (found, value) in zip(components.system.values, expected.eigenvalues) {
        #expect(abs(found - value) < 1e-4 * value)
      }
      for (found, value) in zip(components.vectorSums, expected.absEigenvectorSums) {
        #expect(abs(found - value) < 1e-3)
      }
      for (l, vector) in (expected.eigenvectorsUpToSign ?? []).enumerated() {
        let own = components.system.vector(l)
        let product = zip(own, vector).reduce(0) { $0 + $1.0 * $1.1 }
        let gap = min(
          expected.relativeGapsToNext[l], l > 0 ? expected.relativeGapsToNext[l - 1] : 1)
        #expect(Reference.difference(own.map { product < 0 ? -$0 : $0 }, vector) < 1e-4 / gap)
      }
      let alphas = components.alphas(images.features)
      #expect(Array(images.indices.prefix(5)) == expected.imageIndices)
      for (row, alpha) in expected.alpha.enumerated() {
        let own = alphas[row * 64..<(row + 1) * 64]
        #expect(Reference.difference(own.prefix(alpha.count), alpha) < 1e-4)
        // Over all components α sums to the logit less what does not vary.
        let sum = own.reduce(0, +)
        #expect(abs(sum - expected.sumOfAllAlpha[row]) < 1e-3)
        #expect(abs(sum - (expected.classLogit[row] - expected.bias - expected.meanSum)) < 1e-3)
      }
      var shares = ComponentShares(components: 64)
      shares.add(Array(alphas.prefix(64 * 40)))
      shares.add(Array(alphas.dropFirst(64 * 40)))
      let ranking = Array(shares.ranking.prefix(5))
      #expect(ranking == expected.topComponentsByMeanAbsAlpha)
      let magnitudes = ranking.map { shares.meanMagnitudes[$0] }
      #expect(Reference.difference(magnitudes, expected.meanAbsAlpha) < 1e-4)
      #expect(abs(shares.shares.reduce(0, +) - 1) < 1e-9)
      #expect(abs(shares.leading.reduce(0, +) - 1) < 1e-9)
      for component in 0..<3 {
        let order = images.indices.indices.sorted {
          alphas[$0 * 64 + component] > alphas[$1 * 64 + component]
        }.prefix(5)
        #expect(
          order.map { images.indices[$0] } == expected.topImagesByAlphaOfComponents0to2[component])
        #expect(
          Reference.difference(
            order.map { alphas[$0 * 64 + component] },
            expected.topAlphaOfComponents0to2[component]) < 1e-4)
      }
    }
  }

  @Test func `Eigenvectors are of length 1, orthogonal, and solve the equation`() throws {
    let components = try Reference.resnetA.get().components(of: 6)
    let system = components.system
    for l in [0, 1, 17, 63] {
      for m in [0, 1, 17, 63] {
        let product = zip(system.vector(l), system.vector(m)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (l == m ? 1 : 0)) < 1e-10)
      }
    }
  }

  @Test func `Moments of batches are those of all at once, far from 0 too`() {
    let numbers = (0..<300).map { Float(1000 + ($0 * 7919 % 101)) }
    var (whole, parts) = (FeatureMoments(dimension: 3), FeatureMoments(dimension: 3))
    whole.add(numbers)
    for start in stride(from: 0, to: 300, by: 30) { parts.add(Array(numbers[start..<start + 30])) }
    #expect(whole.count == 100 && parts.count == 100)
    #expect(Reference.difference(parts.mean, whole.mean) < 1e-12)
    #expect(Reference.difference(parts.covariance, whole.covariance) < 1e-9)
    let first = stride(from: 0, to: 300, by: 3).map { Double(numbers[$0]) }
    let mean = first.reduce(0, +) / 100
    let variance = first.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 99
    #expect(abs(whole.covariance[0] - variance) < 1e-9 * variance)
  }

  @Test func `One image has no components`() throws {
    let subject = try Reference.resnetA.get()
    var moments = FeatureMoments(dimension: 64)
    moments.add(Array(subject.features(of: 0)))
    #expect(throws: FeatureError.tooFewImages(classIndex: 3, found: 1)) {
      try ClassComponents(classIndex: 3, head: subject.head, moments: moments)
    }
  }

  private struct Importance: Decodable {
    struct Class: Decodable {
      let classIndex: Int
      let nPredicted: Int
      let features: [Int]
      let importance: [Double]
      let sumOverFeatures: Double
      let exemplars: [[Int]]
    }
    let classes: [Class]
  }

  @Test func `Importance and exemplars are the reference's`() throws {
    let subject = try Reference.resnetA.get()
    var importance = FeatureImportance(subject.head)
    let predicted = subject.predicted
    for start in stride(from: 0, to: 1000, by: 250) {
      importance.add(
        Array(subject.features[start * 64..<(start + 250) * 64]),
        predictedClasses: Array(predicted[start..<start + 250]))
    }
    for expected in try Reference.read(Importance.self, "c_importance").classes {
      let k = expected.classIndex
      #expect(importance.predictedCounts[k] == expected.nPredicted)
      let top = importance.top(of: k)
      #expect(top.map(\.feature) == expected.features)
      #expect(Reference.difference(top.map(\.value), expected.importance) < 1e-4)
      #expect(abs(importance.values(of: k).reduce(0, +) - expected.sumOverFeatures) < 1e-3)
      for (feature, exemplars) in zip(expected.features, expected.exemplars) {
        let order = (0..<1000).filter { predicted[$0] == k }
          .sorted { subject.features[$0 * 64 + feature] > subject.features[$1 * 64 + feature] }
        #expect(Array(order.prefix(5)) == exemplars)
      }
    }
  }

  @Test func `A class that nothing is predicted as has no importance`() throws {
    let importance = FeatureImportance(try Reference.resnetA.get().head)
    #expect(importance.top(of: 0).isEmpty && importance.values(of: 0).isEmpty)
  }
}
