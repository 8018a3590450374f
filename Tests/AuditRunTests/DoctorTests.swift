import Audit
import AuditRun
import Datasets
import Foundation
import Testing

private let fashion = "\(FixtureAudit.root)/fashion-mnist"

/// What the doctor says of a fixture model that is read as `state` says.
private func examine(
  _ model: String, data: String = fashion, _ state: (inout IntakeStatements) -> Void
) throws -> Doctor {
  var statements = IntakeStatements(data: data)
  statements.isExamination = true
  state(&statements)
  let intake = try Intake(
    models: ["\(FixtureAudit.root)/\(model).onnx"], statements, workers: 2)
  return try Doctor(intake, isTransposed: statements.transposes, workers: 2)
}

@Suite struct DoctorTests {
  @Test func `Finds nothing to change where a model is read right`() throws {
    let doctor = try examine("models/vgg8") { _ in }
    #expect(doctor.cure == nil)
    #expect(!doctor.isAtChance)
    #expect(doctor.images == 200)
  }

  @Test func `Finds a missing mean and deviation`() throws {
    let doctor = try examine("models/resnet20-a") {
      $0.preprocessing.mean = [0]
      $0.preprocessing.std = [1]
    }
    let flags = try #require(doctor.cure?.flags)
    #expect(flags.count == 2)
    #expect(flags[0].hasPrefix("--mean 0.2") && flags[1].hasPrefix("--std 0.35"))
    #expect(doctor.cure.map { Double($0.correct) / 200 > 0.9 } ?? false)
  }

  @Test func `Finds that bytes are divided by 255 twice`() throws {
    let doctor = try examine("models/resnet20-a") { $0.preprocessing.scale = 1 / 255 / 255 }
    #expect(doctor.cure?.flags == ["--scale 0.00392156863"])
  }

  @Test func `Finds images that are transposed, and ones that should not be`() throws {
    try FixtureAudit.withTemporaryFolder { folder in
      let images = try FixtureAudit.dataset()
      let pixels = try (0..<200).flatMap { index -> [Int64] in
        guard case .bytes(let bytes) = try images.image(at: index).samples else { return [] }
        return (0..<784).map { Int64(bytes[$0 % 28 * 28 + $0 / 28]) }
      }
      try NPYArray.encode(pixels, shape: [200, 28, 28]).write(
        to: URL(fileURLWithPath: "\(folder)/x.npy"))
      try NPYArray.encode((images.labels ?? []).prefix(200).map { Int64($0) }, shape: [200]).write(
        to: URL(fileURLWithPath: "\(folder)/y.npy"))
      let doctor = try examine("models/resnet20-a", data: "\(folder)/x.npy") { _ in }
      #expect(doctor.cure?.flags == ["--transpose"])
      let right = try examine("models/resnet20-a") { $0.transposes = true }
      #expect(right.cure?.flags == ["(without --transpose)"])
    }
  }

  /// Forty pictures of each colour, in folders of the given names for red, green and blue.
  private func withColours(_ names: [String], _ body: (String) throws -> Void) throws {
    try FixtureAudit.withTemporaryFolder { root in
      for (name, color) in zip(names, ["red", "green", "blue"]) {
        try FileManager.default.createDirectory(
          atPath: "\(root)/\(name)", withIntermediateDirectories: true)
        for index in 0..<40 {
          try FileManager.default.copyItem(
            atPath: "\(FixtureAudit.root)/intake/colours/\(color)/\(index % 3).png",
            toPath: "\(root)/\(name)/\(index).png")
        }
      }
      try body(root)
    }
  }

  @Test func `Finds blue, green, red in place of red, green, blue`() throws {
    try withColours(["0", "1", "2"]) { root in
      let doctor = try examine("intake/logits", data: root) {
        $0.preprocessing.channelOrder = .bgr
      }
      #expect(doctor.cure?.flags == ["--channel-order rgb"])
      #expect(doctor.cure?.correct == doctor.images)
    }
  }

  @Test func `Finds classes whose order is the numbers', not the strings'`() throws {
    try withColours(["2", "10", "30"]) { root in
      let doctor = try examine("intake/logits", data: root) { _ in }
      #expect(doctor.cure?.flags == ["--class-order numeric"])
      #expect(doctor.cure?.correct == doctor.images)
    }
  }

  @Test func `Finds a permuted list of labels, and its flags restore the accuracy`() throws {
    try withColours(["red", "green", "blue"]) { root in
      let list = "\(root)/permuted.txt"
      try "green\nblue\nred\n".write(toFile: list, atomically: true, encoding: .utf8)
      let doctor = try examine("intake/logits", data: root) { $0.labelsFile = list }
      #expect(doctor.correct == 0)
      let cure = try #require(doctor.cure)
      // The data's classes are blue, green, red.
      #expect(cure.flags == ["--class-order 2,1,0"])
      let restored = try examine("intake/logits", data: root) {
        $0.labelsFile = list
        $0.classOrder = .explicit([2, 1, 0])
      }
      #expect(restored.correct == restored.images)
    }
  }

  @Test func `The best renaming is judged on images it was not found on`() throws {
    // Labels that have nothing to do with the pictures: a renaming fitted and judged on the same images
    // would seem to help.
    try withColours(["a", "b", "c"]) { root in
      for (index, name) in ["a", "b", "c"].enumerated() {
        for image in 0..<40 {
          let color = ["red", "green", "blue"][(image * 7 + image / 3 + index) % 3]
          let path = "\(root)/\(name)/\(image).png"
          try FileManager.default.removeItem(atPath: path)
          try FileManager.default.copyItem(
            atPath: "\(FixtureAudit.root)/intake/colours/\(color)/\(image % 3).png", toPath: path)
        }
      }
      #expect(try examine("intake/logits", data: root) { _ in }.cure == nil)
    }
  }
}
