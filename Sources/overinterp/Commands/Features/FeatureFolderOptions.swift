import ArgumentParser
import Audit
import AuditRun
import Datasets
import Foundation

/// A folder with features, and which model's.
struct FeatureFolderOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Output folder of 'features', or of an audit with features.", valueName: "folder"),
    completion: .directory)
  var folder: String

  @Option(
    help: ArgumentHelp("Name of the model, where the folder has several.", valueName: "name"))
  var model: String?

  /// What the folder holds.
  ///
  /// Throws `AuditError`.
  func store() throws -> FeatureStore { try FeatureFolder(folder).store(of: model) }

  /// Models and data as the command that left the folder read them.
  ///
  /// Throws `AuditError.record` where nothing says how, and what reading throws.
  func reopened(_ results: FeatureResults, workers: Int) throws -> ReopenedFeatures {
    guard let run = RunDescription(folder: folder),
      let command = try? Overinterp.parseAsRoot(run.arguments) as? any FeatureRun
    else {
      throw AuditError.record(path: "\(folder)/run.json", reason: "is missing or damaged")
    }
    return try ReopenedFeatures(command, results, workers: workers)
  }
}

/// What features were found with.
struct ReopenedFeatures {
  let intake: Intake
  let model: AuditedModel
  /// Where components were found; nil for the audited data.
  let source: Dataset?
  private let command: any FeatureRun
  private let workers: Int

  fileprivate init(
    _ command: any FeatureRun, _ results: FeatureResults, workers: Int
  ) throws {
    let paths = command.modelPaths
    intake = try Intake(models: paths, try command.source.statements(), workers: workers)
    guard let model = intake.models.first(where: { $0.name == results.findings.model }) else {
      throw AuditError.noFeatures(
        path: results.findings.model, models: intake.models.map(\.name))
    }
    self.model = model
    source = try command.features.images(paths, command.source.intake, workers: workers)
    self.command = command
    self.workers = workers
  }

  var featuresAt: String? { command.features.featuresAt }

  /// Images in a folder a class, read as the audited ones are.
  func images(_ path: String) throws -> Dataset {
    try Intake(
      models: command.modelPaths, try command.source.intake.statements(data: path),
      workers: workers
    ).dataset
  }
}
