import ArgumentParser
import Audit
import AuditRun
import Datasets
import Figures
import Foundation
import Synchronization

/// The main job.
struct AuditCommand: FeatureRun {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Audit models on a labelled dataset and write the report.",
    discussion: """
      Clean accuracy is printed first. Finished images are kept: the same command continues where it \
      was stopped.

      EXAMPLE
        overinterp audit a.onnx b.onnx --data test-images --mean 0.5 --std 0.25 --limit 100 -o report
      """)

  @Argument(
    help: ArgumentHelp("ONNX files.", valueName: "model.onnx"),
    completion: .file(extensions: ["onnx"]))
  var models: [String]

  @OptionGroup var source: DataOptions
  @OptionGroup(title: "Method") var method: MethodOptions
  @OptionGroup(title: "Features") var features: FeatureOptions
  @OptionGroup(title: "Verdict") var criteria: CriteriaOptions
  @OptionGroup(title: "Report") var report: ReportOptions
  @OptionGroup(title: "Report") var appendix: AppendixOptions

  @Option(help: "The most images to audit; half of them misclassified where there are enough.")
  var limit: Int?

  @Flag(
    help: ArgumentHelp(
      "Audit no more images than it takes to decide every check of the policy, up to --limit and --time; "
        + "looks share the errors, so that intervals are wider."))
  var untilDecided = false

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("Where the report goes.", valueName: "folder"))
  var destination = "overinterp-report"

  @OptionGroup(title: "Run") var resources: RunOptions
  @OptionGroup(title: "Run") var shards: ShardOptions

  @Option(help: "Stop before the expensive part when a model's accuracy is below.")
  var expectAccuracy: Double?

  @Flag(help: "Audit a model whose accuracy is no better than chance.")
  var anyAccuracy = false

  @Option(help: "Images per model in the gallery.")
  var maxExamples = 6

  @Flag(
    name: .customLong("features"),
    help: "Also find the visual features that classes rest on, and which of them decide alone.")
  var findsFeatures = false

  var modelPaths: [String] { models }

  func validate() throws {
    if !findsFeatures, features.featureData != nil || features.featuresAt != nil {
      throw ValidationError("--feature-data and --features-at are for --features.")
    }
    if let expectAccuracy, !(0...1).contains(expectAccuracy) {
      throw ValidationError("--expect-accuracy is a fraction such as 0.93.")
    }
  }

  func run() throws {
    let started = Date()
    let timeLimit = try resources.timeLimit()
    let folder = RunFolder(destination)
    if let sharding = try shards.sharding(of: folder) { return try run(sharding, folder) }
    let writer = try report.writer()
    let criteria = try criteria.criteria(for: folder)
    let progress = Progress()
    var (runner, read) = try prepared(folder, nil, progress)
    try criteria.baseline?.check(models: runner.models.map(\.name))
    runner.timeLimit = timeLimit
    if untilDecided {
      runner.judge = { try Assessment($0, sections: MeasuredSection.all($0), criteria).gate }
    }
    let termination = Termination {
      progress.say("Stopping, and keeping how far every search is …")
    }
    let planned = try runner.prepare { tell($0, progress) }
    tell(planned, progress)
    if findsFeatures {
      try features.find(
        of: planned, read, models, source.intake, workers: runner.workers, progress)
    }
    let earlier = try RunDescription.stored(
      folder, plan: planned.plan, libraries: []
    ).secondsPerImage
    let pace = SearchPace()
    let found = try planned.run { event in
      pace.note(event)
      tell(event, progress)
    }
    let results = found.with(features: try folder.features(found.plan))
    termination.end()
    progress.say("Writing the report …")
    let run = try RunDescription(
      date: ISO8601DateFormatter().string(from: Date()), workers: runner.workers,
      batchSize: resources.batchSize, seconds: Date().timeIntervalSince(started),
      secondsPerImage: pace.secondsPerSearch.map { $0 * Double(models.count) } ?? earlier,
      libraries: ComputingLibraries.versions,
      arguments: Array(CommandLine.arguments.dropFirst()),
      plan: results.plan)
    let assessment = try AuditOutput(
      folder: folder, writer: writer, appendix: appendix.appendix
    ).write(
      results, run: run, criteria: criteria)
    try finish(results, assessment, folder)
  }

  /// Reads models and data, says how, and puts together what is to be run.
  func prepared(
    _ folder: RunFolder, _ sharding: AuditSharding?, _ progress: Progress
  ) throws -> (AuditRunner, Intake) {
    var settings = try method.settings()
    settings.limit = limit
    settings.maxExamples = max(1, maxExamples)
    try settings.validate()
    let threads = try resources.threads()
    let read = try Intake(
      models: models, try source.statements(), workers: threads, sharding: sharding)
    var runner = AuditRunner(
      models: read.models, dataset: read.dataset,
      settings: method.settings(for: read.models, settings), folder: folder)
    runner.sharding = sharding
    runner.workers = threads
    runner.acceptsAnyAccuracy = anyAccuracy
    runner.batchSize = try resources.imagesPerPass()
    runner.memoryLimit = try resources.memory()
    runner.expectedAccuracy = expectAccuracy
    runner.resumes = resources.resume
    announce(read.dataset, folder, sharding, progress)
    progress.say("Read as:\n" + read.lines.map { "  " + $0 }.joined(separator: "\n"))
    warnOfLetters(read.dataset)
    return (runner, read)
  }

  /// Says what will happen before anything does.
  private func announce(
    _ dataset: Dataset, _ folder: RunFolder, _ sharding: AuditSharding?, _ progress: Progress
  ) {
    let number = models.count == 1 ? "1 model" : "\(models.count) models"
    let images = "\(dataset.count) images of \(dataset.path.fileName)"
    let end =
      sharding.map { "BackSelect on the share of shard \($0.shard)" }
      ?? "BackSelect, and the report in \(folder.path)"
    progress.say(
      "Auditing \(number) on \(images): accuracy first, then an estimate of the time, \(end). Ctrl-C stops "
        + "and keeps what was found; the same command continues.")
  }

  /// Warns of class names that the report could only show as boxes.
  private func warnOfLetters(_ dataset: Dataset) {
    let names = (dataset.classNames ?? []) + models.map(\.fileName)
    let lacking = FontCoverage.texts(lackedIn: names)
    guard let first = lacking.first else { return }
    Overinterp.warn(
      "no installed font has the letters of \(lacking.count) names of classes or models, such as '\(first)'; "
        + "figures and PDF will show boxes. Install the Debian package "
        + "\(FontCoverage.package(for: first)).")
  }
}

/// Puts an event of the run into words.
func tell(_ event: AuditRunner.Event, _ progress: Progress) {
  switch event {
  case .predicting(let images, let models):
    progress.say("Predicting \(images) images with \(models) model\(models == 1 ? "" : "s") …")
  case .searching(let found):
    progress.update(
      "BackSelect \(found.finished) of \(found.total)", fraction: found.fraction,
      isFinished: found.finished == found.total)
  case .showingRandomSubsets:
    progress.say("Showing every model random subsets …")
    progress.start()
  case .waiting(let what):
    progress.note("Waiting for \(what) …")
  case .looked(let images, let undecided):
    progress.say("After \(images) images not decided: \(undecided.joined(separator: ", ")).")
  }
}

/// Says what the models get right and what will be searched, times a few steps to say how long that
/// takes, and starts the clock.
func tell(_ planned: PlannedAudit, _ progress: Progress) {
  let plan = planned.plan
  for model in plan.models {
    let accuracy = Double(model.correct) / Double(plan.data.images)
    progress.say(
      "  \(model.name): accuracy \(String(format: "%.3f", accuracy)) "
        + "(\(model.correct) of \(plan.data.images))")
  }
  progress.say(plan.sample.description)
  if planned.storedCount > 0 {
    progress.say("\(planned.storedCount) BackSelect records are stored already.")
  }
  let runs = planned.remaining.reduce(0, +)
  if runs > 0, let cost = try? planned.estimatedCost() {
    let workers = planned.runner.workers
    if let reason = plan.settings.methodReason {
      progress.say(
        "Method \(plan.settings.method.rawValue), because \(reason) (--method decides otherwise).")
    }
    progress.say(
      "BackSelect (\(plan.settings.methodDescription)): \(runs) runs, about "
        + "\(thousands(cost.evaluations)) evaluations and \(thousands(cost.gradients)) gradients, "
        + "about \(duration(cost.seconds)) on \(workers) worker\(workers == 1 ? "" : "s")"
        + (plan.settings.findsMinimal ? ", --minimal not counted." : ".")
        + (planned.runner.timeLimit.map { " --time \($0.text) ends it earlier if need be." } ?? ""))
  }
  progress.start()
}

private func thousands(_ number: Int) -> String {
  number < 10_000 ? String(number) : "\(number / 1000) thousand"
}

/// Prints the verdict, what did not pass, and where the report is.
///
/// - Throws: Exit code 1 when the gate failed; 2 when it could not decide, or when no image reached
///   a threshold.
func finish(_ results: AuditResults, _ assessment: Assessment, _ folder: RunFolder) throws {
  for sentence in Verdict.sentences(results) { print(sentence) }
  for sentence in assessment.comparison?.sentences ?? [] {
    print("Since the baseline: " + sentence)
  }
  print(assessment.gate.sentence)
  for line in assessment.gate.lines(all: false) { print(line) }
  print("Report: \(folder.file("report.html")), \(folder.file("report.pdf"))")
  StepSummary.append(contentsOf: folder.file("summary.md"))
  let reaches = results.records.joined().contains { record in
    results.thresholds.contains { record.sisSize($0) != nil }
  }
  let code = assessment.gate.outcome.exitCode
  if code != 0 || !reaches { throw ExitCode(code == 0 ? 2 : code) }
}
