import Audit
import AuditRun
import Datasets

extension FeatureOptions {
  /// Finds the features of an audit's models that are not kept yet, a model at a time, and which of them lead in
  /// its images.
  func find(
    of planned: PlannedAudit, _ read: Intake, _ paths: [String], _ intake: IntakeOptions,
    workers: Int, _ progress: Progress
  ) throws {
    let images = try self.images(paths, intake, workers: workers)
    var settings = FeatureAnalysis.Settings()
    settings.seed = planned.plan.settings.seed
    for (model, known) in zip(read.models, planned.plan.models) {
      var analysis = try FeatureAnalysis(
        model, on: read.dataset, source: images, at: featuresAt, settings: settings,
        workers: workers)
      // The audit has said what there is to say of it.
      analysis.acceptsAnyAccuracy = true
      progress.say(
        "Features of \(model.name): input of \(analysis.head.type) '\(analysis.head.node)'")
      progress.start()
      let store = planned.runner.folder.featureStore(known)
      let results = try analysis.run(into: store) { event in
        if case .accuracy = event { return }
        tell(event, progress)
      }
      let audited = planned.plan.sample.images
      if !Set(audited).isSubset(of: Set(store.asked)) {
        let leading = try LeadingComponents(
          results, model, at: featuresAt, of: read.dataset, workers: workers)
        try store.write(leading.find(in: audited), asked: audited)
      }
    }
    progress.start()
  }
}
