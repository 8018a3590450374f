import Datasets
import Foundation
import Testing

enum Fixture {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../fixtures").standardizedFileURL.path

  static func path(_ name: String) -> String { "\(root)/datasets/\(name)" }

  /// What PIL and NumPy make of the images; see `fixtures/datasets/generate.py`.
  static let expected: [String: [UInt8]] = {
    guard let data = FileManager.default.contents(atPath: path("expected.json")),
      let values = try? JSONDecoder().decode([String: [UInt8]].self, from: data)
    else { return [:] }
    return values
  }()

  /// Runs `body` with a folder that is removed afterwards.
  static func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }
}

extension RawImage {
  var bytes: [UInt8] {
    guard case .bytes(let values) = samples else { return [] }
    return values
  }
}

@Suite struct ReaderTests {
  @Test func `Reads IDX, packed or not, of the split asked for`() throws {
    let dataset = try Dataset.open(
      Fixture.path("idx"), options: DatasetOptions(split: "train"))
    #expect(dataset.format == "idx")
    #expect(dataset.labels == [4, 3, 2, 1, 0])
    let all = try (0..<dataset.count).flatMap { try dataset.image(at: $0).bytes }
    #expect(all == Fixture.expected["idx"])
    #expect(throws: DatasetError.self) {
      try Dataset.open(Fixture.path("idx"), options: DatasetOptions(split: "test"))
    }
  }

  @Test func `Reads the 1,000 Fashion-MNIST images`() throws {
    let dataset = try Dataset.open("\(Fixture.root)/fashion-mnist")
    #expect(dataset.count == 1000)
    #expect(dataset.labels?.prefix(5) == [9, 2, 1, 1, 6])
    #expect(try dataset.image(at: 999).bytes.count == 784)
  }

  @Test func `Reads CIFAR-10 and CIFAR-100 with names and fine labels`() throws {
    let ten = try Dataset.open(Fixture.path("cifar10"))
    #expect(ten.labels == [7, 0, 9])
    #expect(ten.className(7) == "horse")
    #expect(try ten.image(at: 1).bytes == Fixture.expected["cifar"])
    let hundred = try Dataset.open(Fixture.path("cifar100"))
    #expect(hundred.labels == [90, 91, 92])
    #expect(try hundred.image(at: 1).bytes == Fixture.expected["cifar"])
    let file = try Dataset.open(Fixture.path("cifar10/test_batch.bin"))
    #expect(file.labels == [7, 0, 9])
  }

  @Test func `Reads NumPy arrays of both channel orders with their labels`() throws {
    let bytes = try Dataset.open(Fixture.path("images.npy"))
    #expect(bytes.labels == [3, 1, 0, 2])
    #expect(bytes.range == .bytes)
    #expect(try (0..<4).flatMap { try bytes.image(at: $0).bytes } == Fixture.expected["array"])

    let floats = try Dataset.open(Fixture.path("arrays.npz"))
    #expect(floats.labels == [3, 1, 0, 2])
    #expect(floats.range == .unit)
    for index in 0..<4 {
      guard case .floats(let values) = try floats.image(at: index).samples else {
        Issue.record("not floats")
        return
      }
      #expect(try values.map { UInt8(($0 * 255).rounded()) } == bytes.image(at: index).bytes)
    }
    let train = try Dataset.open(
      Fixture.path("arrays.npz"), options: DatasetOptions(split: "train"))
    #expect(train.count == 1)
  }

  @Test func `Reads a folder with classes in string order`() throws {
    let dataset = try Dataset.open(Fixture.path("folder"), format: "folder")
    #expect(dataset.classNames == ["1", "10", "2"])
    #expect(dataset.labels == [0, 0, 1, 1, 2, 2, 2])
    for index in 0..<dataset.count {
      let name = dataset.identifiers[index]
      let expected = try #require(Fixture.expected["folder/\(name)"])
      let image = try dataset.image(at: index)
      #expect(image.bytes.count == expected.count, "\(name)")
      #expect(image.bytes == expected, "\(name)")
    }
  }

  @Test func `Reads a manifest with class names or numbers`() throws {
    let dataset = try Dataset.open(Fixture.path("folder"))
    #expect(dataset.format == "csv")
    #expect(dataset.classNames == ["ant", "zebra"])
    #expect(dataset.labels == [1, 0, 1])
    #expect(try dataset.image(at: 2).channels == 1)
    try Fixture.withTemporaryFolder { folder in
      try "file_name,label\na.png,4\n".write(
        toFile: "\(folder)/list.csv", atomically: true, encoding: .utf8)
      #expect(try Dataset.open("\(folder)/list.csv").labels == [4])
    }
  }
}

@Suite struct BadDatasetTests {
  private func message(_ path: String, format: String? = nil) -> String {
    do {
      let dataset = try Dataset.open(path, format: format)
      for index in 0..<dataset.count { _ = try dataset.image(at: index) }
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func `Names a dataset that is not there`() {
    #expect(message("/no/such/folder").contains("'/no/such/folder'"))
  }

  @Test func `Suggests the nearest format`() {
    #expect(message(Fixture.path("idx"), format: "idxx").contains("did you mean 'idx'"))
  }

  @Test func `Says that a folder is empty`() throws {
    try Fixture.withTemporaryFolder { #expect(message($0).contains("holds no images")) }
  }

  @Test func `Says where an IDX file ends early, packed or not`() throws {
    try Fixture.withTemporaryFolder { folder in
      let whole = try Data(
        contentsOf: URL(fileURLWithPath: Fixture.path("idx/train-images-idx3-ubyte")))
      let cut = "\(folder)/train-images-idx3-ubyte"
      try whole.prefix(50).write(to: URL(fileURLWithPath: cut))
      #expect(message(cut).contains("76 bytes expected, 50 found"))

      let packed = try Data(
        contentsOf: URL(
          fileURLWithPath: "\(Fixture.root)/fashion-mnist/t10k-images-idx3-ubyte.gz"))
      let cutPacked = "\(folder)/t10k-images-idx3-ubyte.gz"
      try packed.prefix(packed.count / 2).write(to: URL(fileURLWithPath: cutPacked))
      let text = message(cutPacked)
      #expect(text.contains("ends early") && text.contains(cutPacked))
    }
  }

  @Test(arguments: ["folder/1/color.png", "folder/2/color.jpg"])
  func `Names an image that is cut short or damaged`(_ name: String) throws {
    try Fixture.withTemporaryFolder { folder in
      let whole = try Data(contentsOf: URL(fileURLWithPath: Fixture.path(name)))
      let file = "\(folder)/\((name as NSString).lastPathComponent)"
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: file))
      #expect(message(folder).contains(file))
      try Data("no image".utf8).write(to: URL(fileURLWithPath: file))
      #expect(message(folder).contains("neither PNG nor JPEG"))
    }
  }

  @Test func `Says which label is outside the model's classes`() throws {
    let dataset = try Dataset.open(Fixture.path("images.npy"))
    #expect(
      throws: DatasetError.labelRange(
        path: Fixture.path("images.npy"), image: "0", label: "3", classes: 3)
    ) { try dataset.checkLabels(classes: 3) }
    try dataset.checkLabels(classes: 4)
  }

  @Test func `Refuses arrays that are cut short or of an unknown kind`() throws {
    try Fixture.withTemporaryFolder { folder in
      let whole = try Data(contentsOf: URL(fileURLWithPath: Fixture.path("images.npy")))
      let file = "\(folder)/x.npy"
      try whole.prefix(200).write(to: URL(fileURLWithPath: file))
      #expect(message(file).contains("ends early"))
      try Data("text".utf8).write(to: URL(fileURLWithPath: file))
      #expect(message(file).contains("not a NumPy array"))
      let archive = "\(folder)/x.npz"
      try Data("text".utf8).write(to: URL(fileURLWithPath: archive))
      #expect(message(archive).contains("ZIP"))
    }
  }
}
