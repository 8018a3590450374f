import Datasets
import Figures
import Foundation
import SharedWork
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
  /// What to know before the numbers are used.
  package let warnings: [String]

  /// The file that `explain -o FILE.json` writes.
  package struct JSON: Encodable, Sendable {
    /// The subset at one τ, last masked pixel first.
    package struct SIS: Encodable, Sendable {
      package let threshold: Double
      /// Nil: the image's confidence is below the threshold.
      @OrNull package var size: Int?
      @OrNull package var pixels: [Int]?
    }

    /// Disjoint subsets at one τ, first found first.
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
    package let gradients: Int
    package let tiedSteps: Int
    /// The number of `topOnePixels`.
    @OrNull package var topOneSize: Int?
    /// The smallest set found that keeps the class on top, last masked pixel first; nil where the whole
    /// image does not.
    @OrNull package var topOnePixels: [Int]?
    package let sis: [SIS]
    package let collection: [Collection]
    /// Only when it was asked for: what is left of each SIS once nothing can be dropped.
    package let minimal: [SIS]?

    enum CodingKeys: String, CodingKey {
      case model, image, label, confidence, logits, method, score, order, evaluations, gradients
      case sis, collection, minimal
      case predictedClass = "predicted_class"
      case maskValue = "mask_value"
      case confidenceCurve = "confidence_curve"
      case logOddsCurve = "log_odds_curve"
      case tiedSteps = "tied_steps"
      case topOneSize = "top1_size"
      case topOnePixels = "top1_pixels"
    }
  }
}

extension Explanation {
  /// What was found for one image, over pixels.
  package struct Findings: Sendable {
    package let run: BackSelectRun
    /// Per threshold; nil when it was not asked for.
    package let minimal: [[Int]?]?
    /// Per threshold the disjoint subsets, each in the order of the search.
    package let collections: [[[Int]]]
    /// Of all searches together.
    package let cost: BackSelectCost

    package init(
      run: BackSelectRun, minimal: [[Int]?]?, collections: [[[Int]]], cost: BackSelectCost
    ) {
      self.run = run
      self.minimal = minimal
      self.collections = collections
      self.cost = cost
    }
  }

  /// The image's own names: of the model, of the image as it was asked for, of its classes.
  package struct Names: Sendable {
    package let model: String
    package let image: String
    package let classes: [String]?

    package init(model: String, image: String, classes: [String]?) {
      self.model = model
      self.image = image
      self.classes = classes
    }
  }

  /// Puts together what was found about one image.
  ///
  /// `record`: what an audit would store of the image.
  ///
  /// `label`: nil where the data has none.
  ///
  /// `mask`: the mask value in the model's units, and as it is displayed.
  package init(
    _ findings: Findings, record: ImageRecord, label: Int?, names: Names,
    mask: (value: [Float], display: [UInt8]), settings: AuditSettings, warnings: [String]
  ) {
    json = JSON(
      findings, record: record, label: label, names: names, maskValue: mask.value,
      settings: settings)
    self.record = record
    maskColor = Color(displayed: mask.display)
    classNames = names.classes
    methodText = settings.methodDescription
    self.warnings = warnings
  }
}

extension Explanation.JSON {
  fileprivate init(
    _ findings: Explanation.Findings, record: ImageRecord, label: Int?, names: Explanation.Names,
    maskValue: [Float], settings: AuditSettings
  ) {
    let run = findings.run
    model = names.model
    image = names.image
    predictedClass = record.predictedClass
    confidence = run.initial.confidence
    logits = record.logits
    method = settings.method.rawValue
    score = settings.score.rawValue
    self.maskValue = maskValue
    order = run.order
    confidenceCurve = run.curve.map { $0?.confidence }
    logOddsCurve = run.curve.map { $0.flatMap { Explanation.logOdds($0, settings.score) } }
    evaluations = findings.cost.evaluations
    gradients = findings.cost.gradients
    tiedSteps = findings.cost.tiedSteps
    func sizes(_ subsets: [[Int]?]) -> [SIS] {
      zip(settings.thresholds, subsets).map { threshold, pixels in
        SIS(threshold: threshold, size: pixels?.count, pixels: pixels)
      }
    }
    sis = sizes(settings.thresholds.map { run.sufficientInputSubset(threshold: $0) })
    collection = zip(settings.thresholds, findings.collections).map {
      Collection(threshold: $0, subsets: $1)
    }
    minimal = findings.minimal.map(sizes)
    _label = OrNull(wrappedValue: label)
    let top = run.topOneSubset
    _topOneSize = OrNull(wrappedValue: top?.count)
    _topOnePixels = OrNull(wrappedValue: top)
  }
}

extension Explanation {
  /// Log-odds of an evaluation; with probability as score they come from the confidence, and are nil
  /// where that is 0 or 1.
  fileprivate static func logOdds(_ evaluation: Evaluation, _ kind: ScoreKind) -> Double? {
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
    // Not always on the curve: a smaller set met on the way counts too.
    let subsets = json.sis.compactMap { sis in
      record.sisConfidence(sis.threshold).flatMap { confidence in
        sis.size.map { Mark.Point(100 * Double($0) / Double(json.order.count), confidence) }
      }
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
          title: "confidence while masking, subsets",
          x: .linear(label: "Pixels visible (%)", range: 0...100),
          y: .linear(label: "Confidence", range: 0...1.02),
          marks: [.line(curve, .series(0)), .points(subsets, .series(1))]),
      ],
      data: DataTable(columns: [], rows: []))
  }
}
