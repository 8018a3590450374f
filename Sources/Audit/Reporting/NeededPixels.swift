import Statistics

/// How few pixels decisions need, of the images for which the first page asks: those that need any, without
/// those of the blank image's class.
extension AuditResults {
  /// Their positions in the sample, each with the size of its SIS as a share of the image.
  func needed(_ model: Int, _ threshold: Double) -> [(position: Int, share: Double)] {
    let blank = confidentBlank(model)?.predictedClass
    return records[model].enumerated().compactMap { position, record in
      guard record.predictedClass != blank, let size = record.sisSize(threshold), size > 0 else {
        return nil
      }
      return (position, fraction(size))
    }
  }

  /// The weighted median of their shares; nil where there is none.
  func medianNeeded(_ model: Int, _ threshold: Double) -> Double? {
    MedianEstimate(needed(model, threshold).map { ($0.share, unit($0.position)) })?.median
  }

  /// The τ that the first page speaks of: the highest at which every model has a few such images, failing
  /// that one, failing that some model has.
  var shownThreshold: Double? {
    func highest(_ holds: (Double) -> Bool) -> Double? { thresholds.last(where: holds) }
    func everyModel(has count: Int, _ threshold: Double) -> Bool {
      models.indices.allSatisfy { needed($0, threshold).count >= count }
    }
    return highest { everyModel(has: MeanEstimate.fewest, $0) } ?? highest {
      everyModel(has: 1, $0)
    }
      ?? highest { threshold in models.indices.contains { !needed($0, threshold).isEmpty } }
  }
}
