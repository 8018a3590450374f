import Audit
import AuditRun
import Datasets
import Foundation
import Inference
import ONNX
import Testing

private let folder = "\(FixtureAudit.root)/intake"

/// A fixture model and its pictures, read without a word from the user but what `state` says.
private func intake(
  _ model: String, data: String = "\(folder)/colours",
  _ state: (inout IntakeStatements) -> Void = { _ in }
) throws -> Intake {
  var statements = IntakeStatements(data: data)
  state(&statements)
  return try Intake(models: ["\(folder)/\(model).onnx"], statements, workers: 1)
}

/// The confidence of the first picture, which is blue.
private func confidence(_ intake: Intake) throws -> Double {
  let model = intake.models[0]
  let row = try model.outputs(of: [0], dataset: intake.dataset, workers: 1, batchSize: 1)
  let score = ClassScore(
    classIndex: ClassScore.predictedClass(row), outputKind: model.network.outputKind)
  return score.confidence(row)
}

private func accuracy(_ intake: Intake) throws -> Double {
  let model = intake.models[0]
  let count = intake.dataset.count
  let outputs = try model.outputs(
    of: Array(0..<count), dataset: intake.dataset, workers: 1, batchSize: nil)
  let classes = model.network.classCount
  let correct = (0..<count).count { index in
    ClassScore.predictedClass(outputs[index * classes..<(index + 1) * classes])
      == intake.dataset.labels?[index]
  }
  return Double(correct) / Double(count)
}

@Suite struct OutputReadingTests {
  @Test(arguments: [
    ("logits", Network.OutputKind.logits), ("softmax-cast", .probabilities),
    ("softmax-composed", .probabilities), ("mean-of-softmaxes", .probabilities),
    ("log-softmax", .logProbabilities), ("log-of-softmax", .logProbabilities),
    ("sigmoids", .sigmoid), ("sigmoids-composed", .sigmoid), ("sigmoids-scaled", .sigmoid),
  ])
  func `Graph and numbers tell what an output is`(
    _ model: String, _ kind: Network.OutputKind
  ) throws {
    #expect(try intake(model).models[0].network.outputKind == kind)
  }

  @Test(arguments: [
    "softmax-cast", "softmax-composed", "mean-of-softmaxes", "log-softmax", "log-of-softmax",
  ])
  func `Every form of softmax gives the confidence of its logits`(_ model: String) throws {
    let expected = try confidence(try intake("logits"))
    // Half precision rounds to three digits.
    let tolerance = model == "softmax-cast" ? 1e-3 : 1e-5
    #expect(abs(try confidence(try intake(model)) - expected) < tolerance)
  }

  @Test func `Graph and numbers that disagree are refused with the flag that decides`() throws {
    for model in ["softmax-over-batch", "bounded"] {
      #expect { try intake(model) } throws: { "\($0)".contains("--output") }
    }
    #expect(throws: AuditRunError.self) { try intake("logits") { $0.output = .probabilities } }
    #expect(throws: AuditRunError.self) { try intake("logits") { $0.output = .sigmoid } }
    #expect(throws: AuditRunError.self) { try intake("sigmoids") { $0.output = .probabilities } }
    #expect(try intake("bounded") { $0.output = .sigmoid }.models[0].network.outputKind == .sigmoid)
  }

  @Test func `Of several outputs the one with the data's classes is read`() throws {
    #expect(try intake("embedding-first").models[0].network.outputName == "z")
    #expect { try intake("two-heads") } throws: {
      "\($0)".contains("'z' [N, 3]") && "\($0)".contains("'aux' [N, 3]")
        && "\($0)".contains("--output-name")
    }
    #expect(
      try intake("two-heads") { $0.outputName = "aux" }.models[0].network.outputName == "aux")
    #expect { try intake("two-heads") { $0.outputName = "zz" } } throws: {
      "\($0)".contains("did you mean 'z'")
    }
  }

  @Test(arguments: ["binary-logit", "binary-sigmoid"])
  func `One number per image is a binary head`(_ model: String) throws {
    try FixtureAudit.withTemporaryFolder { root in
      for name in ["green", "red"] {
        try FileManager.default.copyItem(
          atPath: "\(folder)/colours/\(name)", toPath: "\(root)/\(name)")
      }
      let read = try intake(model, data: root)
      #expect(read.models[0].network.head == .binary)
      #expect(read.models[0].network.classCount == 2)
      // Class 1 is what the number speaks for: red, which sorts after green.
      #expect(try accuracy(read) == 1)
      #expect(try confidence(read) > 0.9)
    }
  }

  @Test func `The gradient of a binary head is that of its one number`() throws {
    let network = try Network(
      Model(contentsOf: "\(folder)/binary-sigmoid.onnx"), name: "binary")
    let predictor = Predictor(network, batchSize: 1)
    func logOdds(_ change: Float) throws -> Double {
      let row = try predictor.outputs(count: 1) { _, image in
        for element in image.indices { image[element] = 0.5 }
        image[0] += change
      }
      return ClassScore(classIndex: 1, outputKind: network.outputKind).logOdds(row)
    }
    // 20 / 64 for the red of one pixel.
    #expect(abs((try logOdds(0.25) - logOdds(-0.25)) / 0.5 - 20.0 / 64) < 1e-3)
  }
}

extension OutputReadingTests {
  @Test func `What only another output needs does not matter`() throws {
    let read = try intake("unread-label")
    #expect(read.models[0].network.outputName == "probabilities")
    #expect(read.models[0].network.outputKind == .probabilities)
  }
}

@Suite struct InputReadingTests {
  @Test func `An input of integers takes raw values`() throws {
    let named: (inout IntakeStatements) -> Void = { $0.classOrder = .explicit([2, 1, 0]) }
    #expect(try accuracy(try intake("uint8-input", named)) == 1)
    #expect { try intake("uint8-input") { $0.preprocessing.mean = [0.5] } } throws: {
      "\($0)".contains("--mean")
    }
    #expect { try intake("int8-input") } throws: { "\($0)".contains("-128…127") }
  }

  @Test func `Numbers beyond reason end in an error`() {
    for scale in [1e20, Double.infinity, -1e300] {
      #expect(throws: DatasetError.self) { try intake("logits") { $0.preprocessing.scale = scale } }
    }
    #expect(throws: DatasetError.self) { try intake("logits") { $0.preprocessing.mean = [1e20] } }
  }

  @Test func `Values that are prepared already are taken with a scale of 1`() throws {
    try FixtureAudit.withTemporaryFolder { root in
      let path = "\(root)/x.npy"
      try NPYArray.encode((0..<192).map { Float($0) * 5 }, shape: [1, 8, 8, 3])
        .write(to: URL(fileURLWithPath: path))
      let read = try intake("logits", data: path) { $0.preprocessing.scale = 1 }
      let image = try read.models[0].image(0, of: read.dataset)
      #expect(image[1] == 5)
    }
  }

  @Test func `A mean that scaled values cannot have is refused`() {
    #expect {
      try intake("logits") { $0.preprocessing.mean = [123.675, 116.28, 103.53] }
    } throws: {
      "\($0)".contains("--scale 1")
    }
    #expect { try intake("logits") { $0.preprocessing.scale = 255 } } throws: {
      "\($0)".contains("not a divisor")
    }
    #expect(throws: DatasetError.self) {
      try intake("logits") {
        $0.preprocessing.scale = 1 / 255 / 255
        $0.preprocessing.mean = [0.5]
      }
    }
  }

  @Test func `A graph that divides by 255 itself takes raw values`() throws {
    let read = try intake("divides-inside") { $0.classOrder = .explicit([2, 1, 0]) }
    #expect(try accuracy(read) == 1)
    #expect(read.lines.contains { $0.contains("as they are") })
  }

  @Test func `Rows of numbers are no images`() {
    #expect { try intake("rows") } throws: { "\($0)".contains("not a batch of images") }
  }

  @Test func `Arrays are scaled by what they hold`() throws {
    try FixtureAudit.withTemporaryFolder { root in
      let pixels = (0..<2 * 192).map { $0 % 3 == $0 / 192 ? 0.9 : Float(0.1) }
      func read(_ factor: Float, scale: Double? = nil) throws -> [Float] {
        let path = "\(root)/x.npy"
        try NPYArray.encode(pixels.map { $0 * factor }, shape: [2, 8, 8, 3])
          .write(to: URL(fileURLWithPath: path))
        let read = try intake("logits", data: path) { $0.preprocessing.scale = scale }
        return try read.models[0].image(0, of: read.dataset)
      }
      let (plain, scaled) = (try read(1), try read(200, scale: 1 / 200))
      #expect(plain[0] == 0.9)
      #expect(abs(scaled[0] - 0.9) < 1e-6)
      #expect(throws: DatasetError.self) { try read(255) }
    }
  }
}

@Suite struct IntakeTests {
  @Test func `A list that lies beside and cannot be read is refused, not passed over`() throws {
    try FixtureAudit.withTemporaryFolder { root in
      for name in ["blue", "green", "red"] {
        try FileManager.default.copyItem(
          atPath: "\(folder)/colours/\(name)", toPath: "\(root)/\(name)")
      }
      let list = "\(root)/classes.txt"
      for text in ["1 red\n2 green\n3 blue\n", "red\n\nblue\n", "background\nred\ngreen\nblue\n"] {
        try text.write(toFile: list, atomically: true, encoding: .utf8)
        #expect(throws: DatasetError.self, "\(text)") { try intake("logits", data: root) }
      }
      for text in [
        "red;green;blue", "{0: 'red', 1: 'green', 2: 'blue'}", "['red', 'green', 'blue']",
      ] {
        try text.write(toFile: list, atomically: true, encoding: .utf8)
        let read = try intake("logits", data: root)
        #expect(read.dataset.labels == [2, 2, 2, 1, 1, 1, 0, 0, 0], "\(text)")
      }
      try "red\ngreen\nblue\n".write(toFile: list, atomically: true, encoding: .utf16)
      let wide = try intake("logits", data: root)
      #expect(wide.dataset.labels?.first == 2)
    }
  }

  @Test func `What any of several models says of the order counts for all`() throws {
    var statements = IntakeStatements(data: "\(folder)/colours")
    let models = ["\(folder)/logits.onnx", "\(folder)/named.onnx"]
    let read = try Intake(models: models, statements, workers: 1)
    #expect(read.dataset.labels == [2, 2, 2, 1, 1, 1, 0, 0, 0])
    statements.firstImages = 1
    #expect(try Intake(models: models, statements, workers: 1).dataset.count == 1)
  }

  @Test func `A list under any name counts if it names all classes of the data`() throws {
    try FixtureAudit.withTemporaryFolder { root in
      let model = "\(root)/m.onnx"
      try FileManager.default.copyItem(atPath: "\(folder)/logits.onnx", toPath: model)
      func read() throws -> [Int] {
        try Intake(
          models: [model], IntakeStatements(data: "\(folder)/colours"), workers: 1
        ).dataset.labels ?? []
      }
      try "one\ntwo\nthree\n".write(
        toFile: "\(root)/notes.txt", atomically: true, encoding: .utf8)
      let sorted = try read()
      #expect(sorted == [0, 0, 0, 1, 1, 1, 2, 2, 2])
      try "red\ngreen\nblue\n".write(
        toFile: "\(root)/synset.txt", atomically: true, encoding: .utf8)
      let named = try read()
      #expect(named == [2, 2, 2, 1, 1, 1, 0, 0, 0])
    }
  }

  @Test func `Labels by place are refused for files that sort otherwise as numbers`() throws {
    try FixtureAudit.withTemporaryFolder { root in
      for index in 1...12 {
        try FileManager.default.copyItem(
          atPath: "\(folder)/colours/red/0.png", toPath: "\(root)/img_\(index).png")
      }
      let list = "\(root)/../labels-\(UUID().uuidString).txt"
      defer { try? FileManager.default.removeItem(atPath: list) }
      try (0..<12).map { String($0 % 3) }.joined(separator: "\n").write(
        toFile: list, atomically: true, encoding: .utf8)
      #expect { try intake("logits", data: root) { $0.labelsFile = list } } throws: {
        "\($0)".contains("img_10.png") && "\($0)".contains("file index")
      }
    }
  }

  @Test func `Names in the model put the data's classes in its order`() throws {
    let read = try intake("named")
    #expect(read.dataset.labels == [2, 2, 2, 1, 1, 1, 0, 0, 0])
    #expect(try accuracy(read) == 1)
    #expect(read.lines.contains { $0.contains("metadata 'names'") })
  }

  @Test func `Lists every image that cannot be decoded, or leaves them out, counted`() throws {
    try FixtureAudit.withTemporaryFolder { root in
      for name in ["blue", "green", "red"] {
        try FileManager.default.copyItem(
          atPath: "\(folder)/colours/\(name)", toPath: "\(root)/\(name)")
      }
      for file in ["blue/7.png", "red/8.jpg"] {
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: "\(root)/\(file)"))
      }
      #expect { try intake("logits", data: root) } throws: {
        let text = "\($0)"
        return text.contains("2 of 11 images") && text.contains("blue/7.png")
          && text.contains("red/8.jpg") && text.contains("--skip-bad-images")
      }
      let read = try intake("logits", data: root) { $0.skipsBadImages = true }
      #expect(read.dataset.count == 9)
      #expect(read.dataset.labels == [0, 0, 0, 1, 1, 1, 2, 2, 2])
      #expect(read.lines.contains { $0.contains("2 images that cannot be decoded") })
    }
  }

  @Test func `Doubts accuracy that is no better than chance, on enough images`() {
    func doubt(correct: Int, of n: Int, classes: Int) -> AuditRunError? {
      let dataset = Dataset(
        path: "", format: "", identifiers: (0..<n).map(String.init),
        labels: (0..<n).map { _ in 1 },
        decode: { _ in RawImage(width: 1, height: 1, channels: 1, samples: .bytes([0])) })
      return Plausibility.doubt(
        model: "m", predicted: (0..<n).map { $0 < correct ? 1 : 0 }, dataset: dataset,
        classes: classes)
    }
    #expect(doubt(correct: 10, of: 100, classes: 10) == nil)
    #expect(doubt(correct: 100, of: 1000, classes: 10) != nil)
    #expect(doubt(correct: 200, of: 1000, classes: 10) == nil)
    #expect(doubt(correct: 0, of: 30, classes: 1000) != nil)
    #expect(doubt(correct: 0, of: 29, classes: 10) == nil)
  }

  @Test func `Doubts the strings' order where the numbers' fits`() throws {
    let names = (1...12).map(String.init).sorted()
    var dataset = Dataset(
      path: "", format: "", identifiers: (0..<60).map(String.init),
      labels: (0..<60).map { $0 % 12 },
      classNames: names, labelKind: .ownClasses,
      decode: { _ in RawImage(width: 1, height: 1, channels: 1, samples: .bytes([0])) })
    try ClassOrder(outputs: 12).apply(to: &dataset)
    // The model was trained on classes in the order of numbers.
    let predicted = (0..<60).map { (Int(names[$0 % 12]) ?? 0) - 1 }
    let doubt = Plausibility.doubt(
      model: "m", predicted: predicted, dataset: dataset, classes: 12)
    #expect("\(doubt.map { "\($0)" } ?? "")".contains("--class-order numeric"))
  }
}
