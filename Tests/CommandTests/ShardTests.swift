import Foundation
import Testing

/// An audit shared by processes that know nothing of each other but a folder.
@Suite struct ShardTests {
  private func audit(_ folder: String, _ extra: [String] = []) -> [String] {
    [
      "audit", "fixtures/models/vgg8.onnx", "fixtures/models/resnet20-a.onnx", "--data",
      "fixtures/fashion-mnist", "--limit", "9", "--method", "gradient", "--workers", "1", "-o",
      folder,
    ] + extra
  }

  private func same(_ name: String, _ one: String, _ other: String) -> Bool {
    let found = FileManager.default.contents(atPath: "\(one)/\(name)")
    return found != nil && found == FileManager.default.contents(atPath: "\(other)/\(name)")
  }

  @Test func `Any number of shards leaves what one process leaves, byte for byte`() throws {
    try Program.withTemporaryFolder { folder in
      _ = try Program.run(audit("\(folder)/whole"))
      for count in [1, 3, 7] {
        let run = "\(folder)/\(count)"
        // Two at a time, the last ones first.
        let shards = Array((1...count).reversed())
        for pair in stride(from: 0, to: count, by: 2) {
          let started = try shards[pair..<min(pair + 2, count)].map {
            try Program.start(audit(run, ["--shard", "\($0)/\(count)"]))
          }
          for (process, output, errors) in started {
            _ = output.fileHandleForReading.readDataToEndOfFile()
            let text = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(String(decoding: text, as: UTF8.self))")
          }
        }
        let status = try Program.run("status", run)
        #expect(status.code == 0 && status.output.contains("9 of 9 images are finished"))
        let merged = try Program.run("merge", run)
        #expect([0, 2].contains(merged.code), "\(merged)")
        for file in ["audit.json", "results.jsonl", "junit.xml"] {
          #expect(same(file, run, "\(folder)/whole"), "\(file) of \(count) shards")
        }
        #expect(FileManager.default.fileExists(atPath: "\(run)/report.pdf"))
      }
    }
  }

  @Test
  func `A merge names the shards that are missing, and what is lost or damaged is made again`()
    throws
  {
    try Program.withTemporaryFolder { folder in
      _ = try Program.run(audit("\(folder)/whole"))
      let run = "\(folder)/run"
      #expect(try Program.run("merge", run).code == 64)
      #expect(try Program.run(audit(run, ["--shard", "2/3"])).code == 0)
      let early = try Program.run("merge", run)
      #expect(early.code == 2 && early.errors.contains("--array=1,3"), "\(early)")
      #expect(early.errors.contains("6 of 9 images are missing"))
      let partial = try Program.run("merge", run, "--partial")
      let report = try String(contentsOfFile: "\(run)/report.html", encoding: .utf8)
      #expect(report.contains("Merged while 6 of 9 images were missing"), "\(partial)")
      for shard in ["1/3", "3/3"] {
        #expect(try Program.run(audit(run, ["--shard", shard])).code == 0)
      }
      // A record of a part and a whole record, both of images that the report shows.
      let parts = Program.records(run).filter { $0.contains("parts-") && !$0.contains("baseline") }
      let part = try #require(parts.first)
      try Data("x".utf8).write(to: URL(fileURLWithPath: part))
      let image = try #require(Program.records(run).first { $0.contains("/vgg8-") })
      var bytes = try #require(FileManager.default.contents(atPath: image))
      bytes[bytes.count / 2] ^= 4
      try bytes.write(to: URL(fileURLWithPath: image))
      var answer = try Program.run("merge", run, "--wait", "0")
      var rounds = 0
      while answer.code == 2, let shard = answer.errors.firstMatch(of: /--shard (\d\/\d)/)?.1,
        rounds < 4
      {
        #expect(try Program.run(audit(run, ["--shard", String(shard)])).code == 0)
        answer = try Program.run("merge", run, "--wait", "0")
        rounds += 1
      }
      #expect((1...3).contains(rounds))
      for file in ["audit.json", "results.jsonl"] { #expect(same(file, run, "\(folder)/whole")) }
    }
  }

  @Test func `Shards of another audit, and flags of the whole, are refused`() throws {
    try Program.withTemporaryFolder { folder in
      #expect(try Program.run(audit(folder, ["--shard", "1/2"])).code == 0)
      let other = try Program.run(audit(folder, ["--shard", "2/2", "--seed", "7"]))
      #expect(other.code == 64 && other.errors.contains("seed is 7 here and 0 there"), "\(other)")
      let status = try Program.run("status", folder)
      #expect(status.output.contains("shard 2/2") && status.output.contains("failed"))
      for flag in [["--time", "1m"], ["--policy", "p.yaml"], ["--until-decided"], ["--features"]] {
        let refused = try Program.run(audit(folder, ["--shard", "2/2"] + flag))
        #expect(refused.code == 64 && refused.errors.contains(flag[0]), "\(refused)")
      }
      let all = try Program.run(
        audit("\(folder)/all", ["--shard", "none"]), environment: ["OVERINTERP_SHARD": "1/2"])
      #expect([0, 2].contains(all.code), "\(all)")
      #expect(FileManager.default.fileExists(atPath: "\(folder)/all/audit.json"))
    }
  }

  @Test func `Without a flag the environment tells the shard`() throws {
    try Program.withTemporaryFolder { folder in
      let found = try Program.run(
        audit(folder, ["--shards", "2"]), environment: ["JOB_COMPLETION_INDEX": "1"])
      #expect(found.code == 0 && found.output.contains("Shard 2/2 is done"), "\(found)")
    }
  }

  /// With a real Slurm, where there is one; 'make slurm-packages' installs it.
  @Test(.enabled(if: ShardTests.hasSlurm, "Slurm is not installed: make slurm-packages"))
  func `Slurm runs an array, a killed shard is run again, and the merge is that of one process`()
    throws
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", ".ci/check-slurm", Program.executable.path, "--small"]
    process.currentDirectoryURL = Program.root
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
  }

  private static var hasSlurm: Bool {
    ["/usr/sbin/slurmctld", "/usr/sbin/slurmd", "/usr/sbin/munged", "/usr/bin/sbatch"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }
}
