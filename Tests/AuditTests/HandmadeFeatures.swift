import Audit
import Figures
import Statistics

/// Features of a model with two classes, of which the first has a component that suffices alone.
enum HandmadeFeatures {
  static func rate(_ mean: Double) -> MeanEstimate {
    MeanEstimate(n: 10, mean: mean, std: 0.1, low: mean - 0.05, high: mean + 0.05)
  }

  /// `alphas`: of each class's images, a component a row.
  static func record(
    _ classIndex: Int, _ name: String, flipRates: [Double?], plan: String,
    alphas: [[Float]] = [[3, 2, 1, 0], [0, 1, 0, 1]]
  ) -> FeatureRecord {
    let components = flipRates.enumerated().map { index, flipRate in
      FeatureFindings.Component(
        index: index, eigenvalue: 1, share: 0.5, lead: 0.5, topImages: ["i", "j"],
        reach: flipRate == nil ? 0 : 0.5, regionArea: flipRate == nil ? nil : 0.25,
        borderShare: flipRate == nil ? nil : 1, targets: flipRate == nil ? 0 : 50,
        flipRate: flipRate.map(rate), controlMedian: flipRate.map { _ in rate(0.06) },
        controlRandom: flipRate.map { _ in rate(0.06) },
        controlShuffled: flipRate.map { _ in rate(0.06) }, nearFlipRate: flipRate.map(rate),
        nearControl: nil,
        probability: flipRate ?? 0 > 0.2 ? 1e-9 : 1)
    }
    var pictures = ComponentPictures(height: 2, width: 2)
    pictures.add(
      name: "i", alpha: 3,
      image: PixelImage(width: 2, height: 2, channels: 1, bytes: [0, 80, 160, 255]),
      heat: [0, 1, 0.5, -1], region: [1])
    pictures.visualize(
      PixelImage(width: 2, height: 2, channels: 3, bytes: (0..<12).map { UInt8($0) }),
      confidence: 0.5)
    let images = alphas.first?.count ?? 0
    return FeatureRecord(
      plan: plan,
      known: FeatureFindings.Class(
        classIndex: classIndex, name: name, n: images,
        importance: [FeatureFindings.Importance(feature: 1, value: 0.5)], components: components),
      pictures: components.map { _ in pictures }, mean: [0, 0], ordinaryMean: [0, 0],
      vectors: [1, 0, 0, 1], filters: [1, 0, 0, 1],
      alphas: (0..<images).flatMap { image in alphas.map { $0[image] } },
      regions: components.map { _ in [FeatureRecord.Region(image: 0, positions: [1])] },
      targets: [1])
  }

  static func plan(_ model: String, images: String = "train") -> FeaturePlan {
    FeaturePlan(
      model: model, modelDigest: model, featuresAt: "fc", valuesDigest: model, imagesDigest: images,
      images: 8, featureData: images, auditedImages: 40, correct: 30, auditedData: "test",
      trial: FeatureFindings.Trial(), settings: "", classes: [0, 1],
      skipped: [FeatureFindings.Skipped(classIndex: 2, name: "c", n: 3)])
  }

  static func results(
    _ model: String, flipRate: Double = 0.4, labels: FeatureLabels? = nil,
    scores: FeatureScores? = nil, leading: [LeadingComponent] = [], images: String = "train",
    alphas: [[Float]] = [[3, 2, 1, 0], [0, 1, 0, 1]]
  ) -> FeatureResults {
    FeatureResults(
      plan: plan(model, images: images),
      records: [
        record(0, "a", flipRates: [flipRate, nil], plan: "", alphas: alphas),
        record(1, "b", flipRates: [0.02, nil], plan: ""),
      ], labels: labels, scores: scores, leading: leading)
  }

  static func labels(_ label: FeatureFindings.Label) -> FeatureLabels {
    FeatureLabels(
      sheets: ["ana", "ben"].map { name in
        FeatureLabels.Sheet(
          name: name,
          entries: [FeatureLabels.Sheet.Entry(classIndex: 0, component: 0, label: label)])
      })
  }

  static var scores: FeatureScores {
    let noise = FeatureScores.Noise(
      accuracy: rate(0.5), clean: rate(0.6), meanOverClasses: 0.5, classes: 1)
    return FeatureScores(
      spurious: AreaEstimate(
        positives: [1, 2, 3, 4, 5], negatives: [0, 1.5, 2.5, 3.5, 4.5]
      ).map { area in
        [
          FeatureScores.Spurious(
            classIndex: 0, name: "a", positives: 5, negatives: 5, averagePrecision: 0.7,
            chance: 0.5, area: area, taken: rate(0.2))
        ]
      } ?? [], coreAccuracy: noise, spuriousAccuracy: nil, noiseReason: "a reason")
  }

  static func leading(_ images: Range<Int>, component: Int = 0) -> [LeadingComponent] {
    images.map {
      LeadingComponent(
        image: $0, classIndex: 0, component: component, alpha: 2, share: 0.75, region: [2, 3])
    }
  }
}
