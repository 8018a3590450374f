import ArgumentParser
import Audit
import Foundation
import Schedulers
import SharedWork

/// Has Slurm run an audit in shards.
struct SlurmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slurm",
    abstract: "Have a Slurm cluster audit in shards, and merge them.",
    discussion: """
      Writes two batch files into the folder and submits them: an array of shards, and the merge once they have \
      ended. Shards that are preempted or run out of time go on where they were.

      EXAMPLE
        overinterp slurm a.onnx --data imagenet/val -o report --shards 64 --cpus 8 --job-time 4:00:00 \
      --sbatch=--partition=cpu
      """)

  @OptionGroup var shared: SharedAuditOptions

  @Option(help: ArgumentHelp("Cores of a shard.", valueName: "n"))
  var cpus: Int?

  @Option(
    help: ArgumentHelp(
      "Time limit of a shard, as Slurm writes it; one that runs out of it goes on in another job.",
      valueName: "hh:mm:ss"))
  var jobTime: String?

  @Option(
    help: ArgumentHelp("Shards that run at once (default: as there is room).", valueName: "n"))
  var running: Int?

  @Option(
    help: ArgumentHelp(
      "An option of sbatch for all jobs, such as --sbatch=--partition=cpu; may be repeated.",
      valueName: "option"))
  var sbatch: [String] = []

  @Flag(help: "Print the batch files and submit nothing.")
  var dryRun = false

  func validate() throws {
    if let wrong = sbatch.first(where: { !$0.hasPrefix("-") || $0.contains("\n") }) {
      throw ValidationError("--sbatch '\(wrong)' is no option of sbatch, such as --partition=cpu.")
    }
  }

  func run() throws {
    let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
    let command = try shared.command(program: program, checksFiles: !dryRun)
    var jobs = SlurmJobs(command)
    (jobs.options, jobs.cores, jobs.timeLimit, jobs.running) = (sbatch, cpus, jobTime, running)
    jobs.passesCores = !shared.audit.contains("--workers")
    if dryRun {
      return try StandardOutput.write(
        "# \(jobs.shardsPath)\n\(jobs.shards)\n# \(jobs.mergePath)\n\(jobs.merge)")
    }
    try RunFolder(shared.folder).prepare()
    try RecordFile.replace(jobs.shardsPath, with: Data(jobs.shards.utf8))
    try RecordFile.replace(jobs.mergePath, with: Data(jobs.merge.utf8))
    let array = try submit([jobs.shardsPath])
    let merge = try submit(["--dependency=afterany:\(array)", jobs.mergePath])
    try StandardOutput.write(
      """
      Submitted \(command.shards) shards as job \(array), and the merge as job \(merge).
      How far they are: overinterp status \(shared.folder)
      The report will be in \(shared.folder); what the merge says, in \(shared.folder)/slurm/merge.log.
      """)
  }

  /// Returns the job's number.
  private func submit(_ words: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sbatch", "--parsable"] + words
    let output = Pipe()
    process.standardOutput = output
    do {
      try process.run()
    } catch {
      throw SchedulerError.unavailable("sbatch")
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw process.terminationStatus == 127
        ? SchedulerError.unavailable("sbatch")
        : SchedulerError.refused("sbatch", code: process.terminationStatus)
    }
    // With a cluster's name behind a semicolon where there are several.
    return text.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ";").first
      .map(String.init) ?? ""
  }
}
