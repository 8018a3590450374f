import Foundation
import Testing

private let model = "fixtures/models/vgg8.onnx"
private let data = "fixtures/fashion-mnist"

@Suite struct StoppingTests {
  private func files(_ folder: String, _ suffix: String) -> [String] {
    Program.records(folder).filter { $0.hasSuffix(suffix) && !$0.contains("parts-") }
      .map { String($0.dropFirst("\(folder)/records/".count)) }
  }

  private func arguments(_ folder: String) -> [String] {
    [
      "audit", model, "--data", data, "--limit", "2", "--method", "exact", "--unit", "2x2",
      "--workers", "2", "-o", folder,
    ]
  }

  /// Starts the program, and sends SIGTERM once `isReady` and a little later.
  private func stop(
    _ arguments: [String], when isReady: () -> Bool
  ) throws -> (process: Process, errors: String) {
    let (process, output, errors) = try Program.start(arguments)
    while !isReady(), process.isRunning { usleep(2000) }
    usleep(700_000)
    kill(process.processIdentifier, SIGTERM)
    _ = output.fileHandleForReading.readDataToEndOfFile()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process, text)
  }

  @Test func `SIGTERM stops inside a search, and the same command ends in the same records`()
    throws
  {
    try Program.withTemporaryFolder { folder in
      let (stopped, text) = try stop(arguments("\(folder)/a")) {
        Program.records("\(folder)/a").contains { $0.hasSuffix("baseline/15.json") }
      }
      #expect(stopped.terminationReason == .exit)
      #expect(stopped.terminationStatus == 143)
      #expect(text.contains("the same command continues"), "\(text)")
      #expect(files("\(folder)/a", ".json") == files("\(folder)/a", ".checkpoint.json"))
      #expect(!files("\(folder)/a", ".checkpoint.json").isEmpty)

      #expect(try Program.run(arguments("\(folder)/a")).code < 64)
      #expect(try Program.run(arguments("\(folder)/b")).code < 64)
      let records = files("\(folder)/b", ".json")
      #expect(records.count == 2)
      #expect(files("\(folder)/a", ".json") == records)
      for record in records {
        let (a, b) = ("\(folder)/a/records/\(record)", "\(folder)/b/records/\(record)")
        #expect(FileManager.default.contents(atPath: a) == FileManager.default.contents(atPath: b))
      }
    }
  }

  @Test func `An audit until all is decided ends early, and says at which level`() throws {
    try Program.withTemporaryFolder { folder in
      let policy = "\(folder)/policy.yaml"
      try "checks:\n  - metric: sis_size\n    threshold: 0.9\n    max: 99%\n"
        .write(toFile: policy, atomically: true, encoding: .utf8)
      let answer = try Program.run([
        "audit", model, "--data", data, "--limit", "40", "--method", "gradient", "--until-decided",
        "--policy", policy, "-o", "\(folder)/a",
      ])
      #expect(answer.code == 0, "\(answer.errors)")
      #expect(answer.output.contains("1 passed"))
      let report = try String(contentsOfFile: "\(folder)/a/report.html", encoding: .utf8)
      #expect(report.contains("40 were drawn; --until-decided ended the search after 10"))
      #expect(report.contains("98.33% confidence interval"))
      #expect(!report.contains("95% confidence interval"))
      // Judged again, from its numbers alone.
      let gate = try Program.run(["gate", "\(folder)/a", "--policy", policy])
      #expect(gate.code == 0)
    }
  }

  @Test func `SIGTERM stops an explanation and a prediction, which leave no file`() throws {
    try Program.withTemporaryFolder { folder in
      let commands = [
        ["explain", model, "\(data)[17]", "--method", "exact", "-o", "\(folder)/e.json"],
        ["predict", "fixtures/models/resnet20-a.onnx", "--data", data, "-o", "\(folder)/p.npy"],
      ]
      for command in commands {
        let (process, output, _) = try Program.start(command)
        usleep(100_000)
        kill(process.processIdentifier, SIGTERM)
        _ = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
        #expect(process.terminationStatus == SIGTERM)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }
}
