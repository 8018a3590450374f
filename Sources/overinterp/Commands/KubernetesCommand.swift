import ArgumentParser
import Foundation
import Schedulers

/// Writes manifests with which Kubernetes runs an audit in shards.
struct KubernetesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kubernetes",
    abstract: "Write the Jobs with which Kubernetes audits in shards, and merges them.",
    discussion: """
      Prints an indexed Job and one that waits for it and merges. Models, data and the folder lie on a volume \
      that all pods can write. The image is built from the project's Dockerfile.

      EXAMPLE
        overinterp kubernetes a.onnx --data val -o report --shards 64 --image registry/overinterp:0.1.0 \
      --claim audits --cpu 8 | kubectl apply -f -
      """)

  @OptionGroup var shared: SharedAuditOptions

  @Option(help: ArgumentHelp("Image of the container.", valueName: "name"))
  var image: String

  @Option(
    help: ArgumentHelp(
      "Claim of a volume that many pods can write at once (ReadWriteMany).", valueName: "name"))
  var claim: String

  @Option(
    help: ArgumentHelp(
      "Where pods see the volume; other paths are relative to it.", valueName: "path"))
  var mount = "/work"

  @Option(help: ArgumentHelp("Name of the Jobs.", valueName: "name"))
  var name = "overinterp"

  @Option(help: ArgumentHelp("CPUs of a shard, such as 8.", valueName: "amount"))
  var cpu: String?

  @Option(help: ArgumentHelp("Memory of a shard, such as 8Gi.", valueName: "amount"))
  var memory: String?

  @Option(help: ArgumentHelp("Shards that run at once (default: all).", valueName: "n"))
  var running: Int?

  func validate() throws {
    let isName = name.wholeMatch(of: /[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?/) != nil
    guard isName else {
      throw ValidationError("--name '\(name)': small letters, digits and -, 50 at most.")
    }
    guard running ?? 1 > 0 else { throw ValidationError("--running must be at least 1.") }
  }

  func run() throws {
    var jobs = KubernetesJobs(
      try shared.command(program: "overinterp", checksFiles: false), name: name, image: image,
      claim: claim, mount: mount)
    (jobs.cpu, jobs.memory, jobs.running) = (cpu, memory, running)
    try StandardOutput.write(
      try jobs.manifests().trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
