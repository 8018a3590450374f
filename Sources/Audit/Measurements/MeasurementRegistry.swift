/// Every measurement, in the order of the report.
package enum MeasurementRegistry {
  /// What there is to measure: of this task, so that others than the usual can be put in its place for
  /// a while.
  @TaskLocal package static var all: [any Measurement.Type] = [
    Accuracy.self,
    SISSizeByThreshold.self,
    TopOneSubsets.self,
    MinimalSubsets.self,
    Necessity.self,
    CorrectVersusMisclassified.self,
    ConfidenceByGroup.self,
    SubsetConfidence.self,
    RandomSubsetBaseline.self,
    Transferability.self,
    PixelLocations.self,
    DecidingFeatures.self,
    SubsetsInFeatures.self,
    MaskSanity.self,
    Gallery.self,
    RemovalOrder.self,
  ]
}
