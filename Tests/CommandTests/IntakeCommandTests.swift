import Foundation
import Testing

private let intake = "fixtures/intake"

/// A temporary folder with the fixture's pictures in folders of the given names for red, green, blue.
private func withColours(
  _ names: [String], copies: Int = 3, _ body: (String) throws -> Void
) throws {
  try Program.withTemporaryFolder { root in
    for (name, color) in zip(names, ["red", "green", "blue"]) {
      try FileManager.default.createDirectory(
        atPath: "\(root)/\(name)", withIntermediateDirectories: true)
      for index in 0..<copies {
        try FileManager.default.copyItem(
          atPath: Program.root.appendingPathComponent(
            "\(intake)/colours/\(color)/\(index % 3).png"
          ).path,
          toPath: "\(root)/\(name)/\(index).png")
      }
    }
    try body(root)
  }
}

@Suite struct IntakeCommandTests {
  @Test func `Says how model and data are read before anything else`() throws {
    let answer = try Program.run("predict", "\(intake)/named.onnx", "--data", "\(intake)/colours")
    #expect(answer.code == 0)
    for text in [
      "Read as:", "class order: 3 names", "numbers: logits", "output: 'z'", "accuracy 1.000",
    ] {
      #expect(answer.errors.contains(text), "\(text)")
    }
    #expect(answer.output.split(separator: "\n").count == 9)
  }

  @Test func `An audit that is no better than chance stops and names the doctor`() throws {
    // Every colour is called another: no class is right.
    try withColours(["2", "0", "1"], copies: 12) { data in
      try Program.withTemporaryFolder { folder in
        let arguments = [
          "audit", "\(intake)/logits.onnx", "--data", data, "--method", "gradient", "--limit", "2",
          "-o", "\(folder)/report",
        ]
        let answer = try Program.run(arguments)
        #expect(answer.code == 64)
        #expect(answer.errors.contains("overinterp doctor"))
        let doctor = try Program.run("doctor", "\(intake)/logits.onnx", "--data", data)
        #expect(doctor.code == 0)
        #expect(doctor.output.contains("Type: --class-order 1,2,0"))
        let restored = try Program.run(arguments + ["--class-order", "1,2,0"])
        #expect([0, 2].contains(restored.code))
        #expect(restored.errors.contains("accuracy 1.000"))
        let report = try String(contentsOfFile: "\(folder)/report/report.html", encoding: .utf8)
        #expect(report.contains("how readings were decided"))
        let audit = try String(contentsOfFile: "\(folder)/report/audit.json", encoding: .utf8)
        #expect(audit.contains("\"readings\""))
        #expect([0, 2].contains(try Program.run(arguments + ["--any-accuracy"]).code))
      }
    }
  }

  @Test func `Writes the one number of a binary head as the model gives it`() throws {
    try withColours(["b", "a"]) { data in
      try Program.withTemporaryFolder { folder in
        let file = "\(folder)/out.npy"
        let answer = try Program.run(
          "predict", "\(intake)/binary-sigmoid.onnx", "--data", data, "-o", file)
        #expect(answer.code == 0)
        #expect(answer.output.contains("accuracy 1.000 (6 of 6)"))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        #expect(String(decoding: bytes.prefix(128), as: UTF8.self).contains("(6, 1)"))
      }
    }
  }

  @Test func `A full disk behind standard output is an I/O error`() throws {
    let process = Process()
    process.executableURL = Program.executable
    process.currentDirectoryURL = Program.root
    process.arguments = ["predict", "\(intake)/named.onnx", "--data", "\(intake)/colours"]
    process.standardOutput = FileHandle(forWritingAtPath: "/dev/full")
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 3)
  }

  @Test func `Refuses names that the model does not have, with both lists`() throws {
    try withColours(["red", "green", "pink"]) { data in
      let answer = try Program.run("predict", "\(intake)/named.onnx", "--data", data)
      #expect(answer.code == 64)
      #expect(answer.errors.contains("pink") && answer.errors.contains("red, green, blue"))
    }
  }

  @Test func `Explains a lone picture with black pixels, and says so`() throws {
    let answer = try Program.run(
      "explain", "\(intake)/named.onnx", "\(intake)/colours/red/0.png", "--method", "gradient")
    #expect(answer.code == 0)
    #expect(answer.errors.contains("warning: One picture has no dataset mean"))
    let stated = try Program.run(
      "explain", "\(intake)/named.onnx", "\(intake)/colours/red/0.png", "--method", "gradient",
      "--mask", "zero")
    #expect(stated.output == answer.output)
    #expect(!stated.errors.contains("warning"))
  }
}
