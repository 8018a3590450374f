import Foundation
import Testing

/// Runs the built program as a user would.
struct Program {
  struct Answer {
    let code: Int32
    let output: String
    let errors: String
  }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardizedFileURL

  /// Beside the test bundle.
  static let executable: URL = {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    let candidates = [
      folder, root.appendingPathComponent(".build/release"),
      root.appendingPathComponent(".build/debug"),
    ]
    return candidates.map { $0.appendingPathComponent("overinterp") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? candidates[1]
  }()

  /// Variables that a CI or a scheduler sets for the tests themselves.
  private static func tellsOfOuterRun(_ name: String) -> Bool {
    [
      "GITHUB_STEP_SUMMARY", "OVERINTERP_SHARD", "JOB_COMPLETION_INDEX",
      "AWS_BATCH_JOB_ARRAY_INDEX",
    ]
    .contains(name) || name.hasPrefix("SLURM_ARRAY") || name.hasPrefix("CI_NODE")
  }

  static func start(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> (Process, Pipe, Pipe) {
    let process = Process()
    process.environment = ProcessInfo.processInfo.environment
      .filter { !tellsOfOuterRun($0.key) }.merging(environment) { $1 }
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = root
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return (process, output, errors)
  }

  static func run(_ arguments: String...) throws -> Answer {
    try run(arguments)
  }

  static func run(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> Answer {
    let (process, output, errors) = try start(arguments, environment: environment)
    // Errors are short; output is read first, so that neither pipe fills up.
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Answer(
      code: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }

  static func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }
}

private let model = "fixtures/models/vgg8.onnx"
private let data = "fixtures/fashion-mnist"

@Suite struct CommandTests {
  @Test func `Help of every command shows an example`() throws {
    for command in [
      "audit", "compare", "doctor", "explain", "figures", "gate", "history", "init", "inspect",
      "predict",
      "report", "validate", "history list", "history show", "history trend", "history add",
      "history prune",
    ] {
      let answer = try Program.run(command.split(separator: " ").map(String.init) + ["--help"])
      #expect(answer.code == 0)
      #expect(answer.output.contains("overinterp \(command) "), "\(command)")
      #expect(answer.output.contains("EXAMPLE"), "\(command)")
    }
  }

  @Test func `Predict writes logits and prints accuracy`() throws {
    try Program.withTemporaryFolder { folder in
      let answer = try Program.run(
        "predict", model, "--data", data, "-o", "\(folder)/logits.npy")
      #expect(answer.code == 0)
      #expect(answer.output == "accuracy 0.940 (940 of 1000)\n")
      let bytes = try #require(FileManager.default.contents(atPath: "\(folder)/logits.npy"))
      #expect(bytes.count == 128 + 1000 * 10 * 4)
    }
  }

  @Test func `Inspect lists all unsupported operators, as text and JSON`() throws {
    let text = try Program.run("inspect", "fixtures/bad-models/unsupported.onnx")
    #expect(text.code == 0)
    #expect(text.output.contains("Reluu at node 'first' (did you mean Relu?)"))
    #expect(text.output.contains("GridSample at node 'second'"))
    let runnable = try Program.run("inspect", model)
    #expect(runnable.output.contains("windows    a change of one pixel costs "))
    let json = try Program.run("inspect", model, "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    #expect(object?["opset"] as? Int == 20)
    #expect((object?["compiled"] as? [String: Any])?["classes"] as? Int == 10)
  }

  @Test func `Explain writes exactly the promised fields`() throws {
    try Program.withTemporaryFolder { folder in
      let file = "\(folder)/explanation.json"
      let answer = try Program.run(
        "explain", model, "\(data)[17]", "--method", "gradient", "--block", "28", "-o", file)
      #expect(answer.code == 0)
      let bytes = try #require(FileManager.default.contents(atPath: file))
      let object = try #require(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
      #expect(
        object.keys.sorted() == [
          "collection", "confidence", "confidence_curve", "evaluations", "gradients", "image",
          "label", "log_odds_curve", "logits", "mask_value", "method", "model", "order",
          "predicted_class", "score", "sis", "tied_steps", "top1_pixels", "top1_size",
        ])
      // One a step, and the collections' searches beside.
      #expect((object["gradients"] as? Int ?? 0) >= 28)
      // Here the top class has most of the confidence, so that half of it needs no fewer pixels.
      let half = try #require((object["sis"] as? [[String: Any]])?.first?["size"] as? Int)
      let top = try #require(object["top1_size"] as? Int)
      #expect(top <= half)
      let order = try #require(object["order"] as? [Int])
      // *Gradient* shows no pixel again: its subsets are ends of the order.
      #expect(object["top1_pixels"] as? [Int] == order.suffix(top).reversed())
      #expect(order.sorted() == Array(0..<784))
      #expect((object["confidence_curve"] as? [Any])?.count == 785)
      for entry in try #require(object["collection"] as? [[String: Any]]) {
        let pixels = (entry["subsets"] as? [[Int]] ?? []).flatMap { $0 }
        #expect(Set(pixels).count == pixels.count)
      }
      let picture = try Program.run(
        "explain", model, "\(data)[17]", "--method", "gradient", "-o", "\(folder)/e.png")
      #expect(picture.code == 0)
      #expect(FileManager.default.contents(atPath: "\(folder)/e.png")?.count ?? 0 > 5000)
    }
  }

  private static let files = [
    "report.html", "report.pdf", "summary.md", "audit.json", "results.jsonl", "run.json",
    "figures/sis-size.pdf", "figures/sis-size.svg", "figures/sis-size.png",
    "figures/sis-size.csv",
  ]

  private func audit(_ folder: String, _ extra: [String] = []) -> [String] {
    [
      "audit", model, "fixtures/models/resnet20-a.onnx", "--data", data, "--limit", "8",
      "--method", "gradient", "--block", "4", "-o", folder,
    ] + extra
  }

  private func stored(_ folder: String) -> Int {
    Program.records(folder).count { !$0.contains("parts-") }
  }

  @Test func `An audit that was killed continues and ends with the same numbers`() throws {
    try Program.withTemporaryFolder { folder in
      let (killed, _, _) = try Program.start(audit("\(folder)/a", ["--workers", "2"]))
      while stored("\(folder)/a") < 5, killed.isRunning { usleep(2000) }
      kill(killed.processIdentifier, SIGKILL)
      killed.waitUntilExit()
      let before = stored("\(folder)/a")
      #expect(killed.terminationReason == .uncaughtSignal)
      #expect(before >= 5 && before < 16)
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/a/audit.json"))

      for (name, workers) in [("a", "1"), ("b", "2")] {
        let (process, output, errors) = try Program.start(
          audit("\(folder)/\(name)", ["--workers", workers]))
        _ = output.fileHandleForReading.readDataToEndOfFile()
        let text = String(
          decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        if name == "a" { #expect(text.contains("\(before) BackSelect records are stored")) }
        for file in Self.files {
          #expect(
            FileManager.default.fileExists(atPath: "\(folder)/\(name)/\(file)"), "\(file)")
        }
      }
      for file in ["audit.json", "results.jsonl"] {
        #expect(
          FileManager.default.contents(atPath: "\(folder)/a/\(file)")
            == FileManager.default.contents(atPath: "\(folder)/b/\(file)"), "\(file)")
      }

      // Told to have run at the same time, the two reports are the same bytes.
      try FileManager.default.removeItem(atPath: "\(folder)/b/run.json")
      try FileManager.default.copyItem(
        atPath: "\(folder)/a/run.json", toPath: "\(folder)/b/run.json")
      #expect(try Program.run("report", "\(folder)/b").code == 0)
      for file in ["report.html", "report.pdf", "summary.md", "junit.xml"] {
        let (a, b) = ("\(folder)/a/\(file)", "\(folder)/b/\(file)")
        #expect(
          FileManager.default.contents(atPath: a) == FileManager.default.contents(atPath: b),
          "\(file)")
      }

      // Rendering again needs neither model nor data and changes nothing.
      let html = FileManager.default.contents(atPath: "\(folder)/a/report.html")
      let again = try Program.run("report", "\(folder)/a")
      #expect(again.code == 0)
      #expect(FileManager.default.contents(atPath: "\(folder)/a/report.html") == html)
    }
  }
}

@Suite struct BadInputTests {
  /// Exit code 64 and one clear line.
  private func expectRefusal(
    _ parts: String..., arguments: [String], location: SourceLocation = #_sourceLocation
  ) throws {
    let (process, output, errors) = try Program.start(arguments)
    _ = output.fileHandleForReading.readDataToEndOfFile()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 64, "\(text)", sourceLocation: location)
    let complaint = text.split(separator: "\n").filter { $0.hasPrefix("overinterp: error: ") }
    #expect(complaint.count == 1, "\(text)", sourceLocation: location)
    for part in parts {
      #expect(text.contains(part), "\(text)", sourceLocation: location)
    }
  }

  private func audit(_ model: String, data: String = data, _ extra: String...) -> [String] {
    let output = FileManager.default.temporaryDirectory
      .appendingPathComponent("never-written-\(UUID().uuidString)").path
    return ["audit", model, "--data", data] + (extra.contains("-o") ? [] : ["-o", output]) + extra
  }

  @Test func `Refuses models that cannot be run`() throws {
    try expectRefusal("no such file", arguments: audit("missing.onnx"))
    try expectRefusal("not an ONNX model", arguments: audit("README.md"))
    try expectRefusal(
      "'Reluu' at node 'first'", "opset 17",
      arguments: audit("fixtures/bad-models/unsupported.onnx"))
    try expectRefusal("NaN", "'w'", arguments: audit("fixtures/bad-models/nan-weights.onnx"))
    try Program.withTemporaryFolder { folder in
      let whole = try #require(
        FileManager.default.contents(
          atPath: Program.root.appendingPathComponent("fixtures/models/resnet20-a.onnx").path))
      try whole.prefix(5000).write(to: URL(fileURLWithPath: "\(folder)/cut.onnx"))
      try expectRefusal("ends early", "cut.onnx", arguments: audit("\(folder)/cut.onnx"))
    }
  }

  @Test func `Refuses shapes and sizes that do not fit`() throws {
    try expectRefusal(
      "--input-shape", arguments: audit(model, "--input-shape", "image:1,28"))
    try expectRefusal(
      "4 × 3", "28 × 28", "--resize",
      arguments: audit(model, data: "fixtures/datasets/idx", "--split", "train"))
    try expectRefusal(
      "channels", arguments: audit(model, data: "fixtures/datasets/images.npy", "--resize", "28x28")
    )
  }

  @Test func `Refuses labels that are missing or outside the classes`() throws {
    try Program.withTemporaryFolder { folder in
      for name in ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"] {
        try FileManager.default.copyItem(
          atPath: Program.root.appendingPathComponent("\(data)/\(name)").path,
          toPath: "\(folder)/\(name)")
      }
      try expectRefusal(
        "Label 9", "0...3",
        arguments: audit("fixtures/bad-models/four-classes.onnx", data: folder))
      try FileManager.default.removeItem(atPath: "\(folder)/t10k-labels-idx1-ubyte.gz")
      try expectRefusal("no labels", "--labels", arguments: audit(model, data: folder))
    }
  }

  @Test func `Refuses data that is damaged, empty or unknown`() throws {
    try expectRefusal("There is no file or folder", arguments: audit(model, data: "nowhere"))
    try Program.withTemporaryFolder { folder in
      try expectRefusal("holds no images", arguments: audit(model, data: folder))
      let images = try #require(
        FileManager.default.contents(
          atPath: Program.root.appendingPathComponent("\(data)/t10k-images-idx3-ubyte.gz").path))
      let cut = "\(folder)/t10k-images-idx3-ubyte.gz"
      try images.prefix(9000).write(to: URL(fileURLWithPath: cut))
      try expectRefusal("ends early", arguments: audit(model, data: folder))
      try FileManager.default.removeItem(atPath: cut)
      try FileManager.default.createDirectory(
        atPath: "\(folder)/shirt", withIntermediateDirectories: true)
      for (name, start) in [
        ("a.png", Data([0x89, 0x50, 0x4e, 0x47])), ("a.jpg", Data([0xff, 0xd8])),
      ] {
        let file = "\(folder)/shirt/\(name)"
        try (start + Data(repeating: 7, count: 300)).write(to: URL(fileURLWithPath: file))
        try expectRefusal("cannot be decoded", file, arguments: audit(model, data: folder))
        try FileManager.default.removeItem(atPath: file)
      }
    }
  }

  @Test func `Refuses flags it does not know and values it cannot use`() throws {
    let unknown = try Program.run("audit", model, "--data", data, "--limt", "3")
    #expect(unknown.code == 64)
    #expect(unknown.errors.contains("--limt") && unknown.errors.contains("--limit"))
    try expectRefusal("--mask", arguments: audit(model, "--mask", "grey"))
    try expectRefusal("between 0 and 1", arguments: audit(model, "--thresholds", "0.5,1"))
    try expectRefusal("--subset", arguments: audit(model, "--subset", "much"))
    try expectRefusal("--unit", "8x8", arguments: audit(model, "--unit", "8by8"))
    try expectRefusal("--unit", "28", arguments: audit(model, "--unit", "29x4"))
    try expectRefusal("--workers", arguments: audit(model, "--workers", "0"))
    try expectRefusal("did you mean 'idx'", arguments: audit(model, "--format", "idxx"))
  }

  @Test func `Refuses an output folder that cannot be written`() throws {
    try expectRefusal(
      "output folder", "-o", arguments: audit(model, "-o", "README.md/report", "--limit", "1"))
    try expectRefusal("not the output folder", arguments: ["report", "fixtures"])
  }
}
