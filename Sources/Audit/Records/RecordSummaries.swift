/// What measurements need of one model's records: an `ImageSummary` for each audited image, by position
/// in the sample.
package struct RecordSummaries: RandomAccessCollection, Equatable, Sendable {
  /// What all summaries of a model share.
  fileprivate final class Store: Sendable {
    let columns: SummaryColumns
    let images: AuditedImages

    init(_ columns: SummaryColumns, _ images: AuditedImages) {
      self.columns = columns
      self.images = images
    }
  }

  private let store: Store

  init(_ columns: SummaryColumns, _ images: AuditedImages) {
    precondition(columns.count == images.labels.count)
    store = Store(columns, images)
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { store.columns.count }

  package subscript(position: Int) -> ImageSummary {
    ImageSummary(store: store, position: position)
  }

  package static func == (left: RecordSummaries, right: RecordSummaries) -> Bool {
    left.store.columns == right.store.columns && left.store.images == right.store.images
  }

  /// Whether some curve has steps that were not evaluated.
  var hasGaps: Bool { store.columns.hasGaps }
  /// Whether some subset is one that was met on the way.
  var hasVisited: Bool { store.columns.hasVisited }
}

/// What is known of the audited images whatever the model.
struct AuditedImages: Equatable, Sendable {
  /// Indices in the dataset.
  let images: [Int]
  let identifiers: [String]
  let labels: [UInt32]
}

/// What was found for one image and one model, without its pixels; see `ImageRecord`.
package struct ImageSummary: Sendable {
  fileprivate let store: RecordSummaries.Store
  /// In the sample.
  fileprivate let position: Int

  fileprivate init(store: RecordSummaries.Store, position: Int) {
    self.store = store
    self.position = position
  }

  private var columns: SummaryColumns { _read { yield store.columns } }

  /// Index in the dataset.
  package var image: Int { store.images.images[position] }
  package var identifier: String { store.images.identifiers[position] }
  package var label: Int { Int(store.images.labels[position]) }
  package var predictedClass: Int { Int(columns.predicted.values[position]) }
  package var isCorrect: Bool { label == predictedClass }
  /// f_c of the full image.
  package var confidence: Double { Double(columns.confidence.values[position]) }
  /// f_c of the fully masked image.
  package var blankConfidence: Double { Double(columns.blankConfidence.values[position]) }

  /// The number of pixels of the SIS at `threshold`; nil when even the full image stays below.
  package func sisSize(_ threshold: Double) -> Int? {
    entry(threshold).flatMap { SummaryColumns.known(columns.sizes.values[$0]) }
  }

  /// f_c of the SIS alone.
  package func sisConfidence(_ threshold: Double) -> Double? {
    guard let entry = entry(threshold), columns.sizes.values[entry] != SummaryColumns.none else {
      return nil
    }
    return Double(columns.sizeConfidence.values[entry])
  }

  /// The number of pixels once nothing can be dropped; nil where there is no SIS, or without
  /// `--minimal`.
  package func minimalSize(_ threshold: Double) -> Int? {
    guard !columns.minimal.values.isEmpty else { return nil }
    return entry(threshold).flatMap { SummaryColumns.known(columns.minimal.values[$0]) }
  }

  /// The fewest pixels found that give the class the highest output.
  package var topOneSize: Int? { SummaryColumns.known(columns.topOne.values[position]) }

  /// f_c of those pixels alone.
  package var topOneConfidence: Double? {
    topOneSize.map { _ in Double(columns.topOneConfidence.values[position]) }
  }

  /// Pixels of the q% subset in the outer border.
  var borderPixels: Int { Int(columns.border.values[position]) }
  package var evaluations: Int { columns.evaluations.values[position] }
  package var gradients: Int { Int(columns.gradients.values[position]) }
  package var steps: Int { Int(columns.steps.values[position]) }
  package var tiedSteps: Int { Int(columns.tiedSteps.values[position]) }

  private func entry(_ threshold: Double) -> Int? {
    columns.thresholds.firstIndex(of: threshold).map {
      position * columns.thresholds.count + $0
    }
  }
}

extension SummaryColumns {
  /// nil where a number stands for nothing.
  fileprivate static func known(_ size: UInt32) -> Int? { size == none ? nil : Int(size) }
}
