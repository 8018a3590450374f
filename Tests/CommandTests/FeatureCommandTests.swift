import Foundation
import Testing

private let model = "fixtures/shortcut-tag/shortcut-tag.onnx"
private let data = [
  "--data", "fixtures/fashion-mnist", "--labels", "fixtures/fashion-mnist/classes.txt",
  "--feature-data", "fixtures/shortcut-tag/train",
]

/// `features` and what follows from it, as users type it.
@Suite struct FeatureCommandTests {
  @Test func `Found after a stop, labelled by two people, scored and repaired`() throws {
    try Program.withTemporaryFolder { folder in
      let find = ["features", model, "-o", "\(folder)/f"] + data
      let (process, output, errors) = try Program.start(find)
      let first = "\(folder)/f/records/features/class-0.json"
      while !FileManager.default.fileExists(atPath: first), process.isRunning { usleep(2000) }
      kill(process.processIdentifier, SIGTERM)
      _ = output.fileHandleForReading.readDataToEndOfFile()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(
        process.terminationStatus == 143 && text.contains("same command continues"), "\(text)")
      let kept = FileManager.default.contents(atPath: first)

      let found = try Program.run(find)
      #expect(found.code == 0)
      #expect(found.output.contains("1 of 100 features decides alone: Shirt (component 0)"))
      #expect(found.errors.contains("Accuracy 90.5% (905 of 1000)"))
      #expect(kept != nil && FileManager.default.contents(atPath: first) == kept)
      for name in [
        "features.json", "features.html", "features.pdf", "figures/flip-rates.csv", "labels.html",
        "labels.csv", "run.json",
      ] {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/f/\(name)"), "\(name)")
      }

      // Nothing to take out yet.
      let early = try Program.run(["features", "fix", "\(folder)/f", "-o", "\(folder)/fixed.onnx"])
      #expect(early.code == 64 && early.errors.contains("No component"))
      for (name, rows) in [
        ("ana", "Shirt,0,spurious\nShirt,1,core\n"), ("ben", "6,0,spurious\n6,1,spurious\n"),
      ] {
        try "class,component,label\n\(rows)".write(
          toFile: "\(folder)/\(name).csv", atomically: true, encoding: .utf8)
      }
      let labelled = try Program.run([
        "features", "label", "\(folder)/f", "\(folder)/ana.csv", "\(folder)/ben.csv",
      ])
      #expect(labelled.code == 0)
      #expect(labelled.output.contains("0 core, 1 spurious, 1 undecided"))
      #expect(labelled.output.contains("Krippendorff's alpha 0.00 over 2 components"))
      let json = FileManager.default.contents(atPath: "\(folder)/f/features.json") ?? Data()
      #expect(String(decoding: json, as: UTF8.self).contains("\"spurious\""))

      let scored = try Program.run(["features", "score", "\(folder)/f"])
      #expect(scored.code == 0 && scored.output.contains("Core accuracy: "))
      let fixed = try Program.run(["features", "fix", "\(folder)/f", "-o", "\(folder)/fixed.onnx"])
      #expect(
        fixed.code == 0 && fixed.output.contains("Turned by regions of Shirt, component 0: 3"))
      let predicted = try Program.run(
        [
          "predict", "\(folder)/fixed.onnx", "-o", "\(folder)/l.npy", "--mean", "0.2860", "--std",
          "0.3530",
        ]
          + data.prefix(4))
      #expect(predicted.output.contains("accuracy 0.903 (903 of 1000)"))
    }
  }

  @Test func `What cannot be done is said`() throws {
    try Program.withTemporaryFolder { folder in
      func complaint(_ arguments: [String]) throws -> String {
        let result = try Program.run(["features"] + arguments)
        #expect(result.code == 64, "\(arguments)")
        return result.errors
      }
      let own = ["-o", folder] + data.prefix(4)
      #expect(
        try complaint(["fixtures/models/vgg8.onnx", "--features-at", "nowhere"] + own)
          .contains("no linear layer 'nowhere'"))
      #expect(
        try complaint(["fixtures/models/vgg8.onnx", "--components", "0"] + own)
          .contains("--components must be at least 1"))
      #expect(
        try complaint(["fixtures/models/vgg8.onnx", "--feature-dta", "x"] + own)
          .contains("did you mean '--feature-data'?"))
      #expect(try complaint(["label", folder, "x.csv"]).contains("holds no features"))
      #expect(try complaint(["score", folder]).contains("holds no features"))
      let audit = try Program.run(["audit", model, "--features-at", "x"] + data.prefix(4))
      #expect(audit.code == 64 && audit.errors.contains("are for --features"))
    }
  }

  @Test func `An audit with features has them in its report, and they are labelled there`() throws {
    try Program.withTemporaryFolder { folder in
      let audit = [
        "audit", model, "--limit", "4", "--method", "gradient", "--block", "56", "--features",
        "-o", "\(folder)/a",
      ]
      #expect(try Program.run(audit + data).code < 64)
      func report() throws -> String {
        try String(contentsOfFile: "\(folder)/a/report.html", encoding: .utf8)
      }
      #expect(try report().contains("turn 32% of other images into “Shirt”"))
      #expect(try report().contains("id=\"subsets_in_features\""))
      try "class,component,label\nShirt,0,core\n".write(
        toFile: "\(folder)/ana.csv", atomically: true, encoding: .utf8)
      #expect(try Program.run(["features", "label", "\(folder)/a", "\(folder)/ana.csv"]).code == 0)
      #expect(try report().contains("One person labelled components"))
      #expect(try report().contains("that decide alone are all called part of their class"))
      let page = try Program.run(["features", "page", "\(folder)/a"])
      #expect(page.output.contains("\(folder)/a/labels.html"))
    }
  }
}
