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

  @Option(
    help: ArgumentHelp(
      "End within this time, report included, with as many images as fit: 90s, 10m or 2h.",
      valueName: "time"))
  var time: String?

  @Flag(
    help: ArgumentHelp(
      "Audit no more images than it takes to decide every check of the policy, up to --limit and --time; "
        + "looks share the errors, so that intervals are wider."))
  var untilDecided = false

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("Where the report goes.", valueName: "folder"))
  var destination = "overinterp-report"

  @Option(
    help: ArgumentHelp(
      "Threads, each with an image of its own; the last images share idle ones "
        + "(default: one per core).")
  )
  var workers: Int?

  @Option(
    help: ArgumentHelp(
      "Images per pass (default: auto, by cache and memory).", valueName: "n|auto"))
  var batchSize = "auto"

  @Option(
    help: ArgumentHelp(
      "What activations may take when the batch size is automatic, such as 2G or 512M "
        + "(default: a quarter of RAM).", valueName: "bytes"))
  var memoryLimit: String?

  @Flag(inversion: .prefixedNo, help: "Continue from images finished earlier.")
  var resume = true

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
    let timeLimit = try time.map { TimeLimit(try seconds($0), from: .now, text: $0) }
    var settings = try method.settings()
    settings.limit = limit
    settings.maxExamples = max(1, maxExamples)
    try settings.validate()
    let writer = try report.writer()
    let folder = RunFolder(destination)
    let criteria = try criteria.criteria(for: folder)
    let threads = try positive("--workers", workers) ?? defaultWorkers
    let read = try Intake(
      models: models, try source.statements(), workers: threads)
    let (dataset, audited) = (read.dataset, read.models)
    settings = method.settings(for: audited, settings)
    try criteria.baseline?.check(models: audited.map(\.name))
    var runner = AuditRunner(
      models: audited, dataset: dataset, settings: settings, folder: folder)
    runner.workers = threads
    runner.acceptsAnyAccuracy = anyAccuracy
    runner.batchSize = try parseBatchSize()
    runner.memoryLimit = try memoryLimit.map(parseBytes)
    runner.expectedAccuracy = expectAccuracy
    runner.resumes = resume
    runner.timeLimit = timeLimit
    if untilDecided {
      runner.judge = { try Assessment($0, sections: MeasuredSection.all($0), criteria).gate }
    }

    let progress = Progress()
    announce(dataset, folder, progress)
    progress.say("Read as:\n" + read.lines.map { "  " + $0 }.joined(separator: "\n"))
    warnOfLetters(dataset)
    let termination = Termination {
      progress.say("Stopping, and keeping how far every search is …")
    }
    let planned = try runner.prepare { tell($0, progress) }
    tell(planned, progress)
    if findsFeatures {
      try features.find(of: planned, read, models, source.intake, workers: threads, progress)
    }
    let earlier = try RunDescription.stored(
      folder, plan: planned.plan, libraries: []
    ).secondsPerImage
    let search = Date()
    let ended = Mutex<Date?>(nil)
    let found = try planned.run { event in
      if case .comparingSubsets = event { ended.withLock { $0 = $0 ?? Date() } }
      tell(event, progress)
    }
    let searchSeconds = (ended.withLock { $0 } ?? Date()).timeIntervalSince(search)
    let searched = found.records.reduce(0) { $0 + $1.count } - planned.storedCount
    let secondsPerImage =
      searched > 0 ? searchSeconds / Double(searched) * Double(models.count) : earlier
    let results = found.with(features: try folder.features(found.plan))
    termination.end()
    progress.say("Writing the report …")
    let run = try RunDescription(
      date: ISO8601DateFormatter().string(from: Date()), workers: runner.workers,
      batchSize: batchSize, seconds: Date().timeIntervalSince(started),
      secondsPerImage: secondsPerImage, libraries: ComputingLibraries.versions,
      arguments: Array(CommandLine.arguments.dropFirst()),
      plan: results.plan)
    let assessment = try AuditOutput(
      folder: folder, writer: writer, appendix: appendix.appendix
    ).write(
      results, run: run, criteria: criteria)
    try finish(results, assessment, folder)
  }

  /// Says what will happen before anything does.
  private func announce(_ dataset: Dataset, _ folder: RunFolder, _ progress: Progress) {
    let number = models.count == 1 ? "1 model" : "\(models.count) models"
    let images = "\(dataset.count) images of \(dataset.path.fileName)"
    progress.say(
      "Auditing \(number) on \(images): accuracy first, then an estimate of the time, BackSelect, and "
        + "the report in \(folder.path). Ctrl-C stops and keeps what was found; the same command "
        + "continues.")
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

  private var defaultWorkers: Int { ProcessInfo.processInfo.activeProcessorCount }

  private func positive(_ flag: String, _ value: Int?) throws -> Int? {
    guard let value else { return nil }
    guard value > 0 else { throw AuditError.option(name: flag, reason: "must be at least 1") }
    return value
  }

  /// A time as people write it, in seconds.
  private func seconds(_ text: String) throws -> Double {
    let units = ["s": 1.0, "m": 60, "h": 3600]
    let unit = text.last.flatMap { units[$0.lowercased()] }
    guard let unit, let number = Double(text.dropLast()), number > 0, number.isFinite else {
      throw AuditError.option(
        name: "--time", reason: "'\(text)' is not a time such as 90s, 10m or 2h")
    }
    return number * unit
  }

  private func parseBytes(_ text: String) throws -> Int {
    let units = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    let unit = text.last.flatMap { units[$0.uppercased()] }
    let digits = unit == nil ? text[...] : text.dropLast()
    guard let number = Int(digits), number > 0, number < 1 << 30 else {
      throw AuditError.option(
        name: "--memory-limit", reason: "'\(text)' is not a size such as 2G or 512M")
    }
    return number * (unit ?? 1)
  }

  private func parseBatchSize() throws -> Int? {
    if batchSize == "auto" { return nil }
    guard let number = Int(batchSize), number <= 4096 else {
      throw AuditError.option(
        name: "--batch-size", reason: "'\(batchSize)' is neither a number up to 4096 nor auto")
    }
    return try positive("--batch-size", number)
  }
}

/// Puts an event of the run into words.
private func tell(_ event: AuditRunner.Event, _ progress: Progress) {
  switch event {
  case .predicting(let images, let models):
    progress.say("Predicting \(images) images with \(models) model\(models == 1 ? "" : "s") …")
  case .searching(let found):
    progress.update(
      "BackSelect \(found.finished) of \(found.total)", fraction: found.fraction,
      isFinished: found.finished == found.total)
  case .comparingSubsets:
    progress.say("Showing every model every subset …")
  case .looked(let images, let undecided):
    progress.say("After \(images) images not decided: \(undecided.joined(separator: ", ")).")
  }
}

/// Says what the models get right and what will be searched, times a few steps to say how long that
/// takes, and starts the clock.
private func tell(_ planned: PlannedAudit, _ progress: Progress) {
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
