import ArgumentParser
import AuditRun
import Datasets

/// Where features are found.
struct FeatureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Images to find components in, such as those the model was trained on (default: --data).",
      valueName: "path[:format]"))
  var featureData: String?

  @Option(
    help: ArgumentHelp(
      "Node of the last linear layer, or its input, where the graph does not tell.",
      valueName: "node"))
  var featuresAt: String?

  /// The images for components, labelled in the models' order; nil for the audited ones.
  ///
  /// Throws `DatasetError` and what else reading images throws.
  func images(_ models: [String], _ intake: IntakeOptions, workers: Int) throws -> Dataset? {
    try featureData.map { path in
      try Intake(models: models, try intake.statements(data: path), workers: workers).dataset
    }
  }
}

/// A command that leaves a folder with features, and says how models and data are read.
protocol FeatureRun: ParsableCommand {
  var modelPaths: [String] { get }
  var source: DataOptions { get }
  var features: FeatureOptions { get }
}
