import Foundation
import Schedulers
import Testing

@Suite struct SchedulerTests {
  private let command = SharedCommand(
    shard: ["/opt/a b/overinterp", "audit", "it's.onnx", "--data", "$HOME/x", "-o", "run 1"],
    merge: ["/opt/a b/overinterp", "merge", "run 1"], shards: 8, folder: "run 1")

  @Test func `Words reach the program as they are`() throws {
    let words = ["a b", "it's", "$HOME", "", "*", "\\", "\"", "a\nb", "ä", "--x=1,2", "!"]
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", "printf '%s\\0' " + SharedCommand.quoted(words)]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(text == words.map { $0 + "\0" }.joined())
  }

  @Test func `A batch file states what Slurm is to do, and is a script`() throws {
    var jobs = SlurmJobs(command)
    (jobs.cores, jobs.timeLimit, jobs.running) = (4, "4:00:00", 2)
    jobs.options = ["--partition=cpu"]
    let text = jobs.shards
    let stated = text.split(separator: "\n").filter { $0.hasPrefix("#SBATCH ") }
    for line in [
      "--array=1-8%2", "--requeue", "--signal=B:USR1@120", "--cpus-per-task=4", "--time=4:00:00",
      "--partition=cpu", "--output=\"run 1/slurm/shard-%a.log\"",
    ] {
      #expect(stated.contains { $0 == "#SBATCH \(line)" }, "\(line)")
    }
    // Directives end where the script begins.
    let first = try #require(text.split(separator: "\n").firstIndex { !$0.hasPrefix("#") })
    #expect(text.split(separator: "\n")[first...].allSatisfy { !$0.hasPrefix("#SBATCH") })
    for script in [text, jobs.merge] {
      let check = Process()
      check.executableURL = URL(fileURLWithPath: "/bin/bash")
      check.arguments = ["-n", "-c", script]
      try check.run()
      check.waitUntilExit()
      #expect(check.terminationStatus == 0)
    }
  }

  /// Runs the batch file as Slurm would, with a program that notes what it is told.
  private func run(
    _ body: String, task: Int, signal: Int32?
  ) throws -> (code: Int32, output: String) {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, text) in [("program", body), ("scontrol", "echo \"scontrol $*\"")] {
      try "#!/bin/bash\n\(text)\n".write(
        toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
      chmod("\(folder)/\(name)", 0o755)
    }
    let jobs = SlurmJobs(
      SharedCommand(
        shard: ["\(folder)/program"], merge: ["true"], shards: 8, folder: folder))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", jobs.shards]
    process.environment = [
      "PATH": "\(folder):/usr/bin:/bin", "SLURM_ARRAY_TASK_ID": "\(task)",
      "SLURM_ARRAY_JOB_ID": "99", "SLURM_CPUS_PER_TASK": "3",
    ]
    let output = Pipe()
    process.standardOutput = output
    // Threads of a pool hold signals back, and what they start inherits that.
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    try process.run()
    if let signal {
      // The program says when it listens.
      _ = output.fileHandleForReading.availableData
      kill(process.processIdentifier, signal)
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  private let patient =
    "trap 'echo told; exit 143' TERM; echo ready; while true; do sleep 0.05; done"

  @Test func `A shard is told which it is, and its exit code is the job's`() throws {
    let found = try run("echo \"$*\"; exit 64", task: 5, signal: nil)
    #expect(found.code == 64 && found.output == "--shard 5/8 --workers 3\n")
  }

  @Test func `One whose time is nearly over stops by itself and is queued again`() throws {
    let found = try run(patient, task: 5, signal: SIGUSR1)
    #expect(found.code == 143 && found.output == "told\nscontrol requeue 99_5\n")
  }

  @Test func `One that is cancelled stops by itself and is not queued again`() throws {
    let found = try run(patient, task: 5, signal: SIGTERM)
    #expect(found.code == 143 && found.output == "told\n")
  }

  @Test func `Jobs of Kubernetes say what is to be tried again`() throws {
    var jobs = KubernetesJobs(
      command, name: "audit", image: "registry/overinterp:1", claim: "audits", mount: "/work")
    (jobs.cpu, jobs.memory) = ("8", "8Gi")
    let text = try jobs.manifests()
    let again = try jobs.manifests()
    #expect(text == again)
    let parts = text.components(separatedBy: "---\n")
    #expect(parts.count == 2)
    for line in [
      "completionMode: Indexed", "completions: 8", "backoffLimitPerIndex: 6", "action: FailIndex",
      "type: DisruptionTarget", "- --shards", "claimName: audits",
    ] {
      #expect(parts[0].contains(line), "\(line)")
    }
    #expect(parts[1].contains("- --follow") && parts[1].contains("name: audit-merge"))
  }
}
