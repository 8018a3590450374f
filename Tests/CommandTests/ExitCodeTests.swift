import Foundation
import Testing

/// What schedulers see.
@Suite struct ExitCodeTests {
  private static let model = "fixtures/models/vgg8.onnx"
  private static let data = "fixtures/fashion-mnist"

  private func audit(_ folder: String, limit: Int, _ more: [String] = []) -> [String] {
    [
      "audit", Self.model, "--data", Self.data, "--limit", "\(limit)", "--method", "gradient",
      "--block", "28", "-o", folder,
    ] + more
  }

  private func policy(_ folder: String, _ checks: String...) throws -> String {
    let path = "\(folder)/policy.yaml"
    let text = "checks:\n" + checks.map { "  - \($0)\n" }.joined()
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func `0, 1 and 2 follow the gate, in the audit, the gate and the report`() throws {
    try Program.withTemporaryFolder { folder in
      let run = "\(folder)/run"
      let passing = try policy(folder, "{metric: accuracy, min: 0.9}")
      #expect(try Program.run(audit(run, limit: 4, ["--policy", passing])).code == 0)
      for (checks, code) in [
        ("{metric: accuracy, min: 0.9}", 0), ("{metric: accuracy, min: 0.99}", 1),
        ("{metric: accuracy, min: 0.94}", 2), ("{metric: transferability.others, min: 0}", 2),
        ("{metric: accuracy, min: 0.99, severity: warn}", 0),
      ] {
        let path = try policy(folder, checks)
        let gate = try Program.run("gate", run, "--policy", path)
        #expect(gate.code == code, "\(checks): \(gate)")
        #expect(try Program.run("report", run, "--policy", path).code == code, "\(checks)")
        let json = try Program.run("gate", run, "--policy", path, "--json")
        let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
        #expect((object as? [String: Any])?["exit_code"] as? Int == code)
      }
      let strict = try policy(folder, "{metric: accuracy, min: 0.99, severity: warn}")
      #expect(try Program.run("gate", run, "--policy", strict, "--fail-on", "warn").code == 1)
    }
  }

  @Test func `2 when no image reaches a threshold`() throws {
    try Program.withTemporaryFolder { folder in
      let answer = try Program.run(
        audit("\(folder)/run", limit: 1, ["--thresholds", "0.99999999"]))
      #expect(answer.code == 2, "\(answer)")
    }
  }

  @Test func `3 when what is stored is damaged`() throws {
    try Program.withTemporaryFolder { folder in
      let run = "\(folder)/run"
      #expect(try Program.run(audit(run, limit: 2)).code == 0)
      let part = try #require(Program.records(run).first { $0.contains("parts-") })
      try Data("damaged".utf8).write(to: URL(fileURLWithPath: part))
      let answer = try Program.run("report", run)
      #expect(answer.code == 3)
      #expect(answer.errors.contains(part))
      // The audit makes what is missing, and uses what is not.
      let again = try Program.run(audit(run, limit: 2))
      #expect(again.code == 0 && again.errors.contains("2 BackSelect records are stored already"))
    }
  }

  @Test(
    arguments: [
      ["gate", "nowhere"], ["gate", "README.md"], ["compare", "nowhere", "nowhere"],
      ["history", "list", "nowhere.sqlite"], ["history", "list", "README.md"],
      ["validate", "nowhere.yaml"], ["figures", "fixtures"], ["history", "prune", "x"],
      ["adit", "x"], ["audit", "x.onnx", "--dta", "y"], ["init", "README.md"],
    ])
  func `64 for usage and bad input, with a word on what to do`(_ arguments: [String]) throws {
    let answer = try Program.run(arguments)
    #expect(answer.code == 64, "\(answer)")
    #expect(answer.errors.count > 20)
  }

  @Test func `Mistyped commands, flags, metrics and figures get a suggestion`() throws {
    for (arguments, suggestion) in [
      (["adit", "x.onnx"], "did you mean 'audit'?"),
      (["audit", "x.onnx", "--dta", "y"], "did you mean '--data'?"),
      (["gate", "x", "--polici", "y"], "did you mean '--policy'?"),
    ] {
      let answer = try Program.run(arguments)
      #expect(answer.errors.contains(suggestion), "\(answer)")
    }
    try Program.withTemporaryFolder { folder in
      let run = "\(folder)/run"
      let history = "\(folder)/h.sqlite"
      #expect(try Program.run(audit(run, limit: 2, ["--history", history])).code == 0)
      let figure = try Program.run("figures", run, "--only", "hetmap")
      #expect(figure.code == 64 && figure.errors.contains("did you mean 'heatmap'?"))
      let metric = try Program.run("history", "trend", history, "acuracy")
      #expect(metric.code == 64 && metric.errors.contains("did you mean 'accuracy'?"))
    }
  }

  @Test func `SIGINT stops, keeps how far every search is, and exits with 130`() throws {
    try Program.withTemporaryFolder { folder in
      let (stopped, output, errors) = try Program.start([
        "audit", Self.model, "--data", Self.data, "--limit", "60", "--method", "gradient",
        "--block", "4", "--workers", "2", "-o", folder,
      ])
      func stored() -> Int { Program.records(folder).count { !$0.contains("parts-") } }
      while stored() == 0, stopped.isRunning { usleep(2000) }
      kill(stopped.processIdentifier, SIGINT)
      _ = output.fileHandleForReading.readDataToEndOfFile()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      stopped.waitUntilExit()
      #expect(stopped.terminationReason == .exit && stopped.terminationStatus == 130)
      #expect(text.contains("the same command continues"), "\(text)")
      #expect(stored() >= 2 && stored() < 60)
    }
  }
}

/// What engineers and researchers do with a finished audit.
@Suite struct FinishedAuditTests {
  @Test func `Figures have the venue's width, and a float to include them with`() throws {
    try Program.withTemporaryFolder { folder in
      let audited = try Program.run([
        "audit", "fixtures/models/vgg8.onnx", "fixtures/models/resnet20-a.onnx", "--data",
        "fixtures/fashion-mnist", "--limit", "8", "--method", "gradient", "--block", "28", "-o",
        folder,
      ])
      #expect(audited.code == 0)
      for (style, points) in [("neurips", "396"), ("icml", "234"), ("cvpr-wide", "495")] {
        let answer = try Program.run(
          "figures", folder, "--style", style, "--only", "sis-size,heatmap,gallery")
        #expect(answer.code == 0, "\(answer)")
        for name in ["sis-size", "pixel-locations", "gallery-vgg8", "gallery-resnet20-a"] {
          let base = "\(folder)/figures-\(style)/\(name)"
          let pdf = FileManager.default.contents(atPath: "\(base).pdf") ?? Data()
          #expect(
            String(decoding: pdf, as: UTF8.self).contains("/MediaBox [ 0 0 \(points) "),
            "\(style) \(name)")
          for ending in ["svg", "png", "csv"] {
            #expect(FileManager.default.fileExists(atPath: "\(base).\(ending)"))
          }
          let float = FileManager.default.contents(atPath: "\(base).tex") ?? Data()
          let text = String(decoding: float, as: UTF8.self)
          #expect(text.contains("\\includegraphics{\(name).pdf}"))
          #expect(text.contains("\\caption{") && !text.contains("τ"))
        }
      }
      let caption = try String(
        contentsOfFile: "\(folder)/figures-neurips/sis-size.tex", encoding: .utf8)
      #expect(caption.contains("(n = ") && caption.contains("Wilson's"))
    }
  }

  @Test func `A run is not compared with itself`() throws {
    try Program.withTemporaryFolder { folder in
      let audit = [
        "audit", "fixtures/models/vgg8.onnx", "--data", "fixtures/fashion-mnist", "--limit", "2",
        "--method", "gradient", "-o", "\(folder)/run",
      ]
      #expect(try Program.run(audit).code == 0)
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/latest", withDestinationPath: "run")
      for arguments in [
        audit + ["--baseline", "\(folder)/latest"],
        ["gate", "\(folder)/run", "--baseline", "\(folder)/run/"],
        ["compare", "\(folder)/latest", "\(folder)/run"],
        ["report", "\(folder)/run", "--baseline", "\(folder)/latest"],
      ] {
        let answer = try Program.run(arguments)
        #expect(answer.code == 64 && answer.errors.contains("itself"), "\(answer)")
      }
    }
  }

  @Test func `A report keeps the policy, baseline and failing severity of its audit`() throws {
    try Program.withTemporaryFolder { folder in
      let policy = "\(folder)/policy.yaml"
      let text = "checks:\n  - {metric: accuracy, min: 0.99, severity: warn}\n"
      try Data(text.utf8).write(to: URL(fileURLWithPath: policy))
      let audit = [
        "audit", "fixtures/models/vgg8.onnx", "--data", "fixtures/fashion-mnist", "--limit", "2",
        "--method", "gradient", "-o", "\(folder)/run", "--policy", policy,
      ]
      #expect(try Program.run(audit).code == 0)
      #expect(try Program.run("report", "\(folder)/run", "--fail-on", "warn").code == 1)
      #expect(try Program.run("report", "\(folder)/run").code == 1)
      #expect(try Program.run("report", "\(folder)/run", "--fail-on", "fail").code == 0)

      // Files of the user's stay; pages that an earlier rendering wrote go.
      let own = "\(folder)/run/report-notes.html"
      try Data("mine".utf8).write(to: URL(fileURLWithPath: own))
      #expect(try Program.run("report", "\(folder)/run", "--html", "directory").code == 0)
      #expect(FileManager.default.fileExists(atPath: "\(folder)/run/report.css"))
      #expect(try Program.run("report", "\(folder)/run").code == 0)
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/run/report.css"))
      #expect(FileManager.default.fileExists(atPath: own))
      let check = try Program.run("validate", policy, "--audit", "\(folder)/run")
      #expect(check.code == 0, "\(check)")
    }
  }

  @Test func `Writes files in the working directory`() throws {
    try Program.withTemporaryFolder { folder in
      let process = Process()
      process.executableURL = Program.executable
      process.arguments = ["init"]
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(FileManager.default.fileExists(atPath: "\(folder)/policy.yaml"))
    }
  }

  @Test func `init writes a policy that validates, and does not replace one`() throws {
    try Program.withTemporaryFolder { folder in
      let path = "\(folder)/policy.yaml"
      #expect(try Program.run("init", path).code == 0)
      let validated = try Program.run("validate", path)
      #expect(validated.output.hasSuffix("5 checks, no error.\n"))
      #expect(try Program.run("init", path).code == 64)
      #expect(try Program.run("init", path, "--force").code == 0)
    }
    let metrics = try Program.run("validate", "--metrics").output
    #expect(metrics.contains("sis_size.mean") && metrics.contains("accuracy.top_five"))
  }

  @Test func `validate prints the schema that docs hold`() throws {
    let answer = try Program.run("validate", "--schema")
    let docs = Program.root.appendingPathComponent("docs/audit.schema.json")
    let stored = try String(contentsOf: docs, encoding: .utf8)
    #expect(answer.code == 0 && answer.output == stored)
  }

  @Test func `GitHub's step summary gets the verdict`() throws {
    try Program.withTemporaryFolder { folder in
      let summary = "\(folder)/summary"
      let answer = try Program.run(
        [
          "audit", "fixtures/models/vgg8.onnx", "--data", "fixtures/fashion-mnist", "--limit", "2",
          "--method", "gradient", "-o", "\(folder)/run",
        ], environment: ["GITHUB_STEP_SUMMARY": summary])
      #expect(answer.code == 0)
      let text = try String(contentsOfFile: summary, encoding: .utf8)
      #expect(text.contains("| Model | Verdict |") && text.utf8.count < 65_536)
    }
  }
}
