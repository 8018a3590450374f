import Datasets
import Figures
import Foundation
import Inference
import SufficientInputSubsets

/// What suffices for one decision: order, curve, subsets and disjoint collections.
package struct Explanation: Sendable {
  /// What a destination's name asks for.
  package enum Format: Equatable, Sendable {
    case json
    case picture(FigureFormat)

    /// - Throws: `AuditError.option` for other names.
    package init(path: String) throws {
      let suffix = path.fileSuffix.lowercased()
      if suffix == "json" {
        self = .json
      } else if let format = FigureFormat(rawValue: suffix) {
        self = .picture(format)
      } else {
        throw AuditError.option(
          name: "-o", reason: "'\(path)' ends in none of .json, .png, .pdf and .svg")
      }
    }
  }

  package let json: JSON
  private let record: ImageRecord
  private let maskColor: Color
  private let classNames: [String]?
  private let methodText: String
  private let maxSubsets: Int
  /// What to know before the numbers are used.
  package let warnings: [String]

  /// The file that `explain -o FILE.json` writes.
  package struct JSON: Encodable, Sendable {
    package struct SIS: Encodable, Sendable {
      package let threshold: Double
      /// Nil: the image's confidence is below the threshold.
      @OrNull package var size: Int?
      @OrNull package var pixels: [Int]?
    }

    package struct Collection: Encodable, Sendable {
      package let threshold: Double
      package let subsets: [[Int]]
    }

    package let model: String
    package let image: String
    @OrNull package var label: Int?
    package let predictedClass: Int
    package let confidence: Double
    package let logits: [Float]
    package let method: String
    package let score: String
    package let maskValue: [Float]
    package let order: [Int]
    package let confidenceCurve: [Double?]
    package let logOddsCurve: [Double?]
    package let evaluations: Int
    package let tiedSteps: Int
    package let sis: [SIS]
    package let collection: [Collection]
    /// Only when it was asked for: what is left of each SIS once nothing can be dropped.
    package let minimal: [SIS]?

    enum CodingKeys: String, CodingKey {
      case model, image, label, confidence, logits, method, score, order, evaluations, sis
      case collection, minimal
      case predictedClass = "predicted_class"
      case maskValue = "mask_value"
      case confidenceCurve = "confidence_curve"
      case logOddsCurve = "log_odds_curve"
      case tiedSteps = "tied_steps"
    }
  }
}

extension Explanation {
  /// Explains one image.
  ///
  /// `maxSubsets`: the most disjoint subsets per threshold.
  ///
  /// `observe`: told the share of the first search that is done, 0...1; the collections follow it.
  ///
  /// Throws `AuditError`, `DatasetError` or `InferenceError`.
  package static func find(
    _ model: AuditedModel, dataset: Dataset, index: Int, imageName: String,
    settings: AuditSettings, maxSubsets: Int, workers: Int,
    observe: @escaping @Sendable (Double) -> Void
  ) throws -> Explanation {
    let image = try model.image(index, of: dataset)
    let channels = model.network.input.channels
    let (kind, warnings) = explainedMask(settings.mask, model, dataset)
    let candidates = try MaskCandidate.candidates(
      for: model, mask: kind, dataMean: { try model.mean(of: dataset) })
    let mask = candidates.first(where: \.isChosen)?.value ?? []
    let batch = AuditedModel.automaticBatchSize(model.network, memoryLimit: nil)
    let logits = try model.outputs(of: [index], dataset: dataset, workers: 1, batchSize: 1)
    let predicted = ClassScore.predictedClass(logits)
    let score = ClassScore(classIndex: predicted, outputKind: model.network.outputKind)
    let display = model.display(image)
    try settings.unit.check(
      rows: model.network.input.height, columns: model.network.input.width)
    let units = settings.unit.units(
      rows: model.network.input.height, columns: model.network.input.width, display: display)
    let makeClassifier = { @Sendable (threads: Int) in
      let predictor = model.predictor(
        batchSize: batch, gradient: settings.backSelect.needsGradient)
      predictor.threads = { threads }
      return NetworkClassifier(
        predictor, image: image, imageName: imageName, maskValue: mask, score: score,
        kind: settings.score, units: units)
    }
    let search = UnitSearch(
      units: units, decision: makeClassifier(workers), settings: settings)
    let shares = settings.backSelect.plannedShares(
      units: units.count, thresholds: settings.thresholds.count)
    let found = try search.run { masked in
      if shares[masked] < 1 { observe(shares[masked]) }
    }
    observe(1)
    // One collection per threshold, each on a thread of its own.
    let collections = try concurrentMap(
      count: settings.thresholds.count, workers: workers, makeState: { makeClassifier(1) },
      body: { position, classifier in
        try sisCollection(
          from: .all(of: units.count), threshold: settings.thresholds[position],
          method: settings.backSelect, on: &classifier, firstRun: found.unitRun,
          limit: maxSubsets)
      })
    let run = found.run
    let label = dataset.labels?[index]
    let record = ImageRecord(
      run, minimal: found.minimal, image: index, identifier: dataset.identifiers[index],
      label: label ?? predicted, predictedClass: predicted, logits: logits,
      height: model.network.input.height, width: model.network.input.width, channels: channels,
      imageDigest: Digest.sha256(image), display: display)
    let masked = model.display(mask)
    func component(_ c: Int) -> Double { Double(masked[min(c, masked.count - 1)]) / 255 }
    let others = collections.flatMap { $0.dropFirst() }.map(\.run.cost)
    return Explanation(
      json: JSON(
        model: model.name, image: imageName, label: label, predictedClass: predicted,
        confidence: run.initial.confidence, logits: logits, method: settings.method.rawValue,
        score: settings.score.rawValue, maskValue: mask, order: run.order,
        confidenceCurve: run.curve.map { $0?.confidence },
        logOddsCurve: run.curve.map { $0.flatMap { Explanation.logOdds($0, settings.score) } },
        evaluations: others.reduce(run.cost.evaluations) { $0 + $1.evaluations },
        tiedSteps: others.reduce(run.cost.tiedSteps) { $0 + $1.tiedSteps },
        sis: settings.thresholds.map { threshold in
          let subset = run.sufficientInputSubset(threshold: threshold)
          return JSON.SIS(threshold: threshold, size: subset?.count, pixels: subset)
        },
        collection: zip(settings.thresholds, collections).map { threshold, members in
          JSON.Collection(
            threshold: threshold, subsets: members.map { units.inSearchOrder($0.pixels) })
        },
        minimal: found.minimal.map { minimal in
          zip(settings.thresholds, minimal).map { threshold, pixels in
            JSON.SIS(threshold: threshold, size: pixels?.count, pixels: pixels)
          }
        }),
      record: record,
      maskColor: Color(red: component(0), green: component(1), blue: component(2)),
      classNames: dataset.classNames, methodText: settings.methodDescription,
      maxSubsets: maxSubsets, warnings: warnings)
  }

  /// A lone picture has no dataset mean: its own would hide what it shows.
  private static func explainedMask(
    _ stated: AuditSettings.Mask, _ model: AuditedModel, _ dataset: Dataset
  ) -> (AuditSettings.Mask, [String]) {
    let hasMean = model.preprocessor.preprocessing.mean != nil
    guard dataset.count == 1, !hasMean, [.mean, .automatic].contains(stated) else {
      return (
        stated,
        stated == .mean && !hasMean
          ? ["The mask is the mean of \(dataset.count) images of '\(dataset.path)'."] : []
      )
    }
    return (
      .zero,
      [
        "One picture has no dataset mean, so masked pixels are black (--mask zero). State --mask, or "
          + "the training mean with --mean, for the numbers that an audit gives."
      ]
    )
  }

  /// Log-odds of an evaluation; with probability as score they come from the confidence, and are nil
  /// where that is 0 or 1.
  private static func logOdds(_ evaluation: Evaluation, _ kind: ScoreKind) -> Double? {
    switch kind {
    case .logOdds:
      return evaluation.score
    case .probability:
      let value = log(evaluation.confidence) - log(1 - evaluation.confidence)
      return value.isFinite ? value : nil
    }
  }

  private func className(_ index: Int) -> String {
    if let classNames, classNames.indices.contains(index) { return classNames[index] }
    return "class \(index)"
  }

  /// A few lines for the terminal.
  package var summary: String {
    var lines = [
      "\(json.model) calls \(json.image) “\(className(json.predictedClass))” with "
        + "\(confidenceText(json.confidence)) confidence"
        + (json.label.map {
          $0 == json.predictedClass ? ", rightly." : "; it is “\(className($0))”."
        }
          ?? ".")
    ]
    let total = Double(record.pixelCount)
    for (position, (sis, collection)) in zip(json.sis, json.collection).enumerated() {
      guard let size = sis.size else {
        lines.append("  τ \(thresholdText(sis.threshold)): the full image stays below")
        continue
      }
      lines.append(
        "  τ \(thresholdText(sis.threshold)): \(size) pixels suffice "
          + "(\(percent(Double(size) / total))); "
          + "\(collection.subsets.count) disjoint subset\(collection.subsets.count == 1 ? "" : "s")"
          + (json.minimal?[position].size.map { "; minimal: \($0)" } ?? "")
      )
    }
    return lines.joined(separator: "\n")
  }

  /// The file's bytes.
  ///
  /// - Throws: `FigureError`.
  package func encoded(as format: Format) throws -> Data {
    switch format {
    case .json: try CanonicalJSON.encode(json, pretty: true)
    case .picture(let format): try figure.render(format, dotsPerInch: 200)
    }
  }

  /// Image, subset, the subset alone, order of removal and confidence curve.
  private var figure: Figure {
    let threshold = json.sis.last { ($0.size ?? 0) > 0 }
    let pixels = threshold?.pixels ?? []
    let image = record.picture
    var step = [Double?](repeating: nil, count: record.pixelCount)
    for (position, pixel) in json.order.enumerated() {
      step[pixel] = Double(position + 1) / Double(json.order.count)
    }
    let curve = json.confidenceCurve.enumerated().compactMap { m, confidence in
      confidence.map { Mark.Point(100 * Double(m) / Double(json.order.count), $0) }
    }
    let name = threshold.map { " (τ = \(thresholdText($0.threshold)))" } ?? ""
    return Figure(
      name: "explanation", caption: "\(json.model), \(json.image). \(methodText).",
      altText: summary, width: 6.5, height: 3.6, columns: 3,
      panels: [
        Panel(title: "\(className(json.predictedClass))", marks: [.picture(image)]),
        Panel(
          title: "\(pixels.count) pixels suffice\(name)",
          marks: [.picture(image.marking(pixels, Color(0xd00000)))]),
        Panel(
          title: "all others masked",
          marks: [.picture(image.masked(visible: pixels, with: maskColor))]),
        Panel(
          title: "order of removal (yellow last)",
          marks: [
            .cells(
              rows: record.height, columns: record.width, values: step, map: .viridis, 0...1, [])
          ]),
        Panel(
          title: "confidence while masking",
          x: .linear(label: "Pixels visible (%)", range: 0...100),
          y: .linear(label: "Confidence", range: 0...1.02),
          marks: [.line(curve, .series(0))]),
      ],
      data: DataTable(columns: [], rows: []))
  }
}
