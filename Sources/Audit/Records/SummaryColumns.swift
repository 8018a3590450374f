import SharedWork

/// What measurements need of one model's records, a column for each number: about a hundred bytes an
/// image where a record has thousands.
package struct SummaryColumns: Codable, Equatable, Sendable {
  /// Stands for a subset that does not exist.
  static let none = UInt32.max

  /// τ, ascending.
  package let thresholds: [Double]
  /// One each per image; the class predicted on the whole image, its confidence there and on the fully
  /// masked image.
  var predicted: PackedNumbers<UInt32>
  var confidence: PackedNumbers<Float>
  var blankConfidence: PackedNumbers<Float>
  /// `[image × threshold]`: pixels of the SIS, and confidence when only they are visible.
  var sizes: PackedNumbers<UInt32>
  var sizeConfidence: PackedNumbers<Float>
  /// `[image × threshold]`: pixels once nothing can be dropped; empty without `--minimal`.
  var minimal: PackedNumbers<UInt32>
  /// The fewest pixels that give the class the highest output, and confidence on them.
  var topOne: PackedNumbers<UInt32>
  var topOneConfidence: PackedNumbers<Float>
  /// Pixels of the q% subset in the outer border.
  var border: PackedNumbers<UInt32>
  var evaluations: PackedNumbers<Int>
  var gradients: PackedNumbers<UInt32>
  var steps: PackedNumbers<UInt32>
  var tiedSteps: PackedNumbers<UInt32>
  /// Whether the curve has steps that were not evaluated, and whether a subset met on the way counts.
  var hasGaps = false
  var hasVisited = false

  /// `count`: images, of which nothing is known yet.
  init(count: Int, thresholds: [Double], findsMinimal: Bool) {
    func column<Number>(_ value: Number, per rows: Int = 1) -> PackedNumbers<Number> {
      PackedNumbers([Number](repeating: value, count: count * rows))
    }
    self.thresholds = thresholds
    predicted = column(0)
    confidence = column(0)
    blankConfidence = column(0)
    sizes = column(SummaryColumns.none, per: thresholds.count)
    sizeConfidence = column(0, per: thresholds.count)
    minimal = column(SummaryColumns.none, per: findsMinimal ? thresholds.count : 0)
    topOne = column(SummaryColumns.none)
    topOneConfidence = column(0)
    border = column(0)
    evaluations = column(0)
    gradients = column(0)
    steps = column(0)
    tiedSteps = column(0)
  }

  package var count: Int { predicted.values.count }

  /// Of some records, in their order.
  package init(_ records: [ImageRecord], plan: AuditPlan) {
    self.init(
      count: records.count, thresholds: plan.settings.thresholds,
      findsMinimal: plan.settings.findsMinimal)
    let border = ImageBorder(height: plan.height, width: plan.width)
    for (place, record) in records.enumerated() {
      set(record, at: place)
      self.border.values[place] = UInt32(
        record.lastPixels(plan.subsetSize).count(where: border.contains))
    }
  }

  private mutating func set(_ record: ImageRecord, at place: Int) {
    predicted.values[place] = UInt32(record.predictedClass)
    confidence.values[place] = Float(record.confidence)
    blankConfidence.values[place] = Float(record.blankConfidence)
    for (index, threshold) in thresholds.enumerated() {
      let entry = place * thresholds.count + index
      if let size = record.sisSize(threshold) {
        sizes.values[entry] = UInt32(size)
        sizeConfidence.values[entry] = Float(record.sisConfidence(threshold) ?? 0)
      }
      if !minimal.values.isEmpty, let left = record.minimal?[index] {
        minimal.values[entry] = UInt32(left.values.count)
      }
    }
    if let size = record.topOneSize {
      topOne.values[place] = UInt32(size)
      topOneConfidence.values[place] = Float(record.topOneConfidence ?? 0)
    }
    evaluations.values[place] = record.evaluations
    gradients.values[place] = UInt32(record.gradients)
    steps.values[place] = UInt32(record.steps)
    tiedSteps.values[place] = UInt32(record.tiedSteps)
    hasGaps = hasGaps || record.confidences.values.contains { $0.isNaN }
    hasVisited = hasVisited || !record.visited.isEmpty
  }

  /// Takes over what others know.
  ///
  /// `places`: where each of their images lies here.
  mutating func set(_ other: SummaryColumns, at places: [Int]) {
    precondition(other.count == places.count)
    take(other, from: Array(places.indices), to: places)
  }

  private mutating func take(_ other: SummaryColumns, from sources: [Int], to targets: [Int]) {
    precondition(other.thresholds == thresholds)
    let rows = thresholds.count
    func copy<Number>(
      _ from: PackedNumbers<Number>, to column: inout PackedNumbers<Number>, per rows: Int = 1
    ) {
      for (source, target) in zip(sources, targets) {
        for row in 0..<rows {
          column.values[target * rows + row] = from.values[source * rows + row]
        }
      }
    }
    copy(other.predicted, to: &predicted)
    copy(other.confidence, to: &confidence)
    copy(other.blankConfidence, to: &blankConfidence)
    copy(other.sizes, to: &sizes, per: rows)
    copy(other.sizeConfidence, to: &sizeConfidence, per: rows)
    copy(other.minimal, to: &minimal, per: minimal.values.isEmpty ? 0 : rows)
    copy(other.topOne, to: &topOne)
    copy(other.topOneConfidence, to: &topOneConfidence)
    copy(other.border, to: &border)
    copy(other.evaluations, to: &evaluations)
    copy(other.gradients, to: &gradients)
    copy(other.steps, to: &steps)
    copy(other.tiedSteps, to: &tiedSteps)
    hasGaps = hasGaps || other.hasGaps
    hasVisited = hasVisited || other.hasVisited
  }

  /// Those of some images alone.
  func keeping(_ places: [Int]) -> SummaryColumns {
    var kept = SummaryColumns(
      count: places.count, thresholds: thresholds, findsMinimal: !minimal.values.isEmpty)
    kept.take(self, from: places, to: Array(places.indices))
    return kept
  }

  /// Whether every column has a number for each of `count` images.
  func isWhole(count: Int) -> Bool {
    let single = [
      predicted.values.count, confidence.values.count, blankConfidence.values.count,
      topOne.values.count, topOneConfidence.values.count, border.values.count,
      evaluations.values.count, gradients.values.count, steps.values.count,
      tiedSteps.values.count,
    ]
    let perThreshold = [sizes.values.count, sizeConfidence.values.count]
    return single.allSatisfy { $0 == count }
      && perThreshold.allSatisfy { $0 == count * thresholds.count }
      && [0, count * thresholds.count].contains(minimal.values.count)
  }
}

/// The outer rows and columns of an image: a tenth of the shorter side, at least one.
struct ImageBorder: Sendable {
  let height: Int
  let width: Int
  /// Pixels on each side.
  let thickness: Int

  init(height: Int, width: Int) {
    self.height = height
    self.width = width
    thickness = max(1, Int((Double(min(height, width)) / 10).rounded()))
  }

  func contains(_ pixel: Int) -> Bool {
    let (row, column) = (pixel / width, pixel % width)
    return min(row, column, height - 1 - row, width - 1 - column) < thickness
  }

  /// Its share of the image.
  var area: Double {
    Double((0..<height * width).count(where: contains)) / Double(height * width)
  }
}
