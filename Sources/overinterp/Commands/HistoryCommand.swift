import ArgumentParser
import Audit
import Datasets
import Figures
import Foundation
import History
import SharedWork
import Spelling

/// Runs over time.
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show audits over time, kept by 'audit --history FILE'.",
    discussion: """
      EXAMPLE
        overinterp history trend audits.sqlite accuracy -o accuracy.pdf
      """,
    subcommands: [List.self, Show.self, Trend.self, Add.self, Prune.self])

  /// The database, as an argument.
  struct FileArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The history.", valueName: "audits.sqlite"))
    var file: String

    func open() throws -> History { try History(path: file, create: false) }
  }
}

private func printJSON(_ value: some Encodable) throws {
  print(String(decoding: try CanonicalJSON.encode(value, pretty: true), as: UTF8.self))
}

extension HistoryCommand {
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List runs, oldest first.",
      discussion: """
        EXAMPLE
          overinterp history list audits.sqlite --last 10
        """)

    @OptionGroup var history: FileArgument

    @Option(help: "Only the latest so many.")
    var last: Int?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
      let all = try history.open().runs()
      let runs = Array(all.suffix(max(0, last ?? all.count)))
      if json { return try printJSON(runs.map(Summary.init)) }
      if runs.isEmpty { print("The history holds no run.") }
      for run in runs {
        let models = run.models.map { "\($0.name) (\($0.digest.prefix(8)))" }
        print(
          run.id, run.date, run.outcome, "\(run.audited) images of \(run.data)",
          models.joined(separator: ", "), separator: "  ")
      }
    }
  }

  /// A run without its numbers.
  private struct Summary: Encodable {
    let id: Int64
    let date: String
    let outcome: String
    let data: String
    let audited: Int
    let folder: String
    let models: [HistoryRun.AuditedFile]

    init(_ run: HistoryRun) {
      (id, date, outcome, data) = (run.id, run.date, run.outcome, run.data)
      (audited, folder, models) = (run.audited, run.folder, run.models)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show one run: models, numbers, checks.",
      discussion: """
        EXAMPLE
          overinterp history show audits.sqlite 12
        """)

    @OptionGroup var history: FileArgument

    @Argument(help: ArgumentHelp("Number of the run; the latest when left out.", valueName: "run"))
    var number: Int64?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
      let history = try history.open()
      guard let id = try number ?? history.runs().last?.id else {
        throw HistoryError.noRun(id: 0, path: history.path)
      }
      let found = try history.run(id)
      if json { return try printJSON(found) }
      print("Run \(found.id) of \(found.date), overinterp \(found.version): \(found.outcome)")
      print("\(found.audited) images of \(found.data), \(found.method), in \(found.folder)")
      for model in found.models { print("  \(model.name)  \(model.digest)") }
      for metric in found.metrics {
        let value = Metric.text(metric.value, of: metric.name)
        let threshold = metric.threshold.map { String(format: " at τ = %g", $0) } ?? ""
        print("  \(metric.model ?? "all models"): \(metric.name)\(threshold) \(value)")
      }
      for check in found.checks where check.status != "passed" {
        print(
          "  \(check.status.uppercased()): \(check.metric), \(check.model ?? "all models"), "
            + "limit \(check.limit) (\(check.reason))")
      }
    }
  }

  struct Trend: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One number over time, as a table or a figure.",
      discussion: """
        Runs are drawn together when dataset and method agree with the latest one's.

        EXAMPLE
          overinterp history trend audits.sqlite sis_size.mean --threshold 0.9 -o trend.pdf
        """)

    @OptionGroup var history: FileArgument

    @Argument(help: "Metric, such as accuracy.")
    var metric: String

    @Option(help: "The confidence (tau), for metrics that have one.")
    var threshold: Double?

    @Option(
      name: [.customShort("o"), .customLong("out")],
      help: ArgumentHelp("A figure (.pdf, .svg, .png).", valueName: "file"))
    var destination: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
      let history = try history.open()
      let format = try destination.map(figureFormat)
      let threshold = try checkedThreshold(history)
      guard let latest = try history.runs().last else {
        throw HistoryError.noRun(id: 0, path: history.path)
      }
      let points = try history.series(
        metric, threshold: threshold, data: latest.data, method: latest.method)
      if let destination, let format {
        let trends = Trends(
          panels: [Trends.Panel(metric, threshold: threshold, points: points, limits: [])],
          data: latest.data, method: latest.method)
        try RecordFile.replace(destination, with: trends.figure().render(format))
      }
      if json { return try printJSON(points) }
      for point in points {
        let interval =
          point.low.flatMap { low in
            point.high.map { " [\(Metric.text(low, of: metric)), \(Metric.text($0, of: metric))]" }
          } ?? ""
        print(
          point.run, point.date, point.model ?? "all models",
          Metric.text(point.value, of: metric) + interval, separator: "  ")
      }
    }

    private func figureFormat(_ path: String) throws -> FigureFormat {
      let ending = path.fileSuffix.lowercased()
      guard let format = FigureFormat(rawValue: ending) else {
        throw AuditError.option(name: "-o", reason: "'\(path)' does not end in .pdf, .svg or .png")
      }
      return format
    }

    private func checkedThreshold(_ history: History) throws -> Double? {
      let known = try history.metrics()
      guard let found = known.first(where: { $0.name == metric }) else {
        let near = nearest(to: metric, among: known.map(\.name))
        throw AuditError.option(
          name: "'\(metric)'",
          reason: "the history has no such metric"
            + (near.map { "; did you mean '\($0)'?" } ?? ""))
      }
      guard !found.thresholds.isEmpty else { return nil }
      let list = found.thresholds.map { String(format: "%g", $0) }.joined(separator: ", ")
      guard let threshold else {
        throw AuditError.option(
          name: "--threshold", reason: "'\(metric)' has one number per τ; choose of \(list)")
      }
      guard found.thresholds.contains(threshold) else {
        throw AuditError.option(name: "--threshold", reason: "the history has \(list)")
      }
      return threshold
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a finished audit.",
      discussion: """
        EXAMPLE
          overinterp history add audits.sqlite report
        """)

    @Argument(
      help: ArgumentHelp("The history; started when there is none.", valueName: "audits.sqlite"))
    var file: String

    @Argument(help: ArgumentHelp("Output folder of an audit.", valueName: "folder"))
    var folder: String

    func run() throws {
      let id = try RunFolder(folder).add(to: History(path: file, create: true))
      print("Run \(id) in \(file).")
    }
  }

  struct Prune: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove old runs from a history; their folders stay.",
      discussion: """
        EXAMPLE
          overinterp history prune audits.sqlite --keep 100
        """)

    @OptionGroup var history: FileArgument

    @Option(help: "Keep the latest so many runs.")
    var keep: Int?

    @Option(help: ArgumentHelp("Remove runs before this day.", valueName: "2026-01-31"))
    var before: String?

    @Flag(help: "Only say what would be removed.")
    var dryRun = false

    func validate() throws {
      guard (keep == nil) != (before == nil) else {
        throw ValidationError("Give either --keep or --before.")
      }
      if let keep, keep < 0 { throw ValidationError("--keep is a number of runs.") }
      if let before,
        before.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) == nil
          || (try? Date(before + "T00:00:00Z", strategy: .iso8601)) == nil
      {
        throw ValidationError("--before is a day such as 2026-01-31.")
      }
    }

    func run() throws {
      let history = try history.open()
      let runs = try history.runs()
      let old =
        before.map { day in runs.filter { $0.date < day } }
        ?? Array(runs.dropLast(keep ?? runs.count))
      if !dryRun { try history.remove(old.map(\.id)) }
      let rest = runs.count - old.count
      print("\(dryRun ? "Would remove" : "Removed") \(old.count) runs; \(rest) stay.")
    }
  }
}
