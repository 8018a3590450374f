import Datasets
import Foundation
import Testing

/// A folder of copies of one picture at the given paths, and other files that are empty.
private func folder(
  _ paths: [String], _ body: (String) throws -> Void
) throws {
  try Fixture.withTemporaryFolder { root in
    for path in paths {
      let file = URL(fileURLWithPath: "\(root)/\(path)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      if ["png", "PNG"].contains(file.pathExtension) {
        try FileManager.default.copyItem(
          atPath: Fixture.path("folder/1/color.png"), toPath: file.path)
      } else {
        try Data().write(to: file)
      }
    }
    try body(root)
  }
}

private func says(_ dataset: Dataset, _ question: Reading.Question) -> String {
  dataset.readings.filter { $0.question == question }.map(\.line).joined(separator: " ")
}

@Suite struct FolderTests {
  @Test func `Archives' and systems' folders are no classes`() throws {
    try folder([
      "cat/1.png", "dog/1.png", "__MACOSX/._x.png", "@eaDir/1.png", ".hidden/1.png",
      ".ipynb_checkpoints/1.png", "empty/notes.txt",
    ]) { root in
      let dataset = try Dataset.open(root)
      #expect(dataset.classNames == ["cat", "dog"])
      #expect(dataset.count == 2)
    }
  }

  @Test func `Parts of a dataset ask for the split`() throws {
    try folder(["train/cat/1.png", "test/cat/1.png", "test/dog/2.png"]) { root in
      #expect { try Dataset.open(root) } throws: { "\($0)".contains("--split") }
      let test = try Dataset.open(root, options: DatasetOptions(split: "test"))
      #expect(test.classNames == ["cat", "dog"])
    }
    // A single part is no question.
    try folder(["val/cat/1.png", "val/dog/2.png"]) { root in
      let names = try Dataset.open(root).classNames
      #expect(names == ["cat", "dog"])
    }
    // Classes that happen to be called so hold images themselves.
    try folder(["train/1.png", "bus/1.png"]) { root in
      let names = try Dataset.open(root).classNames
      #expect(names == ["bus", "train"])
    }
  }

  @Test func `Images below a class folder count, once, and loops end`() throws {
    try folder(["0/x.png", "0/more/y.png", "1/x.png"]) { root in
      let manager = FileManager.default
      try manager.createSymbolicLink(atPath: "\(root)/0/up", withDestinationPath: "..")
      try manager.createSymbolicLink(atPath: "\(root)/0/z.png", withDestinationPath: "x.png")
      try manager.createSymbolicLink(atPath: "\(root)/1/far", withDestinationPath: "../..")
      let dataset = try Dataset.open(root)
      #expect(dataset.count == 3)
      #expect(dataset.labels == [0, 0, 1])
    }
  }

  @Test func `Reads class folders that hold their images in a folder of one name`() throws {
    try folder(["n01/images/a.png", "n02/images/b.png"]) { root in
      let names = try Dataset.open(root).classNames
      #expect(names == ["n01", "n02"])
    }
    try folder(["animals/cat/a.png", "cars/bus/b.png"]) { root in
      #expect { try Dataset.open(root) } throws: { "\($0)".contains("class folders") }
    }
    try folder(["pictures/cat/a.png", "pictures/dog/b.png"]) { root in
      let names = try Dataset.open(root).classNames
      #expect(names == ["cat", "dog"])
    }
  }

  @Test func `Counts what is passed over, by reason, with the first name`() throws {
    try folder(["cat/1.png", "cat/2.heic", "cat/3.heic", "dog/1.png", "top.png"]) { root in
      let text = says(try Dataset.open(root), .passedOver)
      #expect(text.contains("2 pictures of kind '.heic' (first 'cat/2.heic')"))
      #expect(text.contains("1 pictures outside the class folders (first 'top.png')"))
    }
  }

  @Test func `Reads a folder by the table of labels in it`() throws {
    try folder(["images/1.png", "images/2.png"]) { root in
      try "id,breed\nimages/2,pug\nimages/1,boxer\n".write(
        toFile: "\(root)/labels.csv", atomically: true, encoding: .utf8)
      let dataset = try Dataset.open(root)
      #expect(dataset.format == "csv")
      #expect(dataset.classNames == ["boxer", "pug"])
      #expect(dataset.labels == [1, 0])
      #expect(try dataset.image(at: 1).channels == 3)
    }
    // A table that names no file here is a list of something else.
    try folder(["cat/1.png", "dog/1.png"]) { root in
      try "id,name\n0,cat\n1,dog\n".write(
        toFile: "\(root)/labels.csv", atomically: true, encoding: .utf8)
      #expect(try Dataset.open(root).format == "folder")
    }
  }

  @Test func `Reads a table with a column per class, in a part of the data too`() throws {
    try folder(["train/1.png", "train/2.png"]) { root in
      try "filename, zebra, ant\n1.png, 1, 0\n2.png, 0, 1\n".write(
        toFile: "\(root)/train/labels.csv", atomically: true, encoding: .utf8)
      let dataset = try Dataset.open(root, options: DatasetOptions(split: "train"))
      #expect(dataset.format == "csv")
      // One-hot columns are in the order of classes.
      #expect(dataset.classNames == ["zebra", "ant"])
      #expect(dataset.labels == [0, 1])
    }
  }

  @Test func `Says which pictures a table leaves out, and refuses two labels for one`() throws {
    try folder(["1.png", "2.png"]) { root in
      let table = "\(root)/labels.csv"
      try "file,label\n1.png,cat\n".write(toFile: table, atomically: true, encoding: .utf8)
      #expect(says(try Dataset.open(root), .passedOver).contains("first '2.png'"))
      try "file,label\n1.png,cat\n1.png,dog\n".write(
        toFile: table, atomically: true, encoding: .utf8)
      #expect { try Dataset.open(root) } throws: { "\($0)".contains("different labels") }
    }
  }

  @Test func `A table with parts asks for the split`() throws {
    try folder(["1.png", "2.png"]) { root in
      try "\u{FEFF}file_name;label;split\r\n1.png;cat;train\r\n2.png;dog;test\r\n".write(
        toFile: "\(root)/metadata.csv", atomically: true, encoding: .utf8)
      #expect { try Dataset.open(root) } throws: { "\($0)".contains("--split") }
      #expect(try Dataset.open(root, options: DatasetOptions(split: "test")).classNames == ["dog"])
    }
  }

  @Test(arguments: [
    "t10k-images.idx3-ubyte", "t10k-images-idx3-ubyte/t10k-images-idx3-ubyte",
    "emnist-digits-test-images-idx3-ubyte",
  ])
  func `Reads IDX in any of its spellings`(_ name: String) throws {
    try Fixture.withTemporaryFolder { root in
      for (from, word) in [("idx3", "images"), ("idx1", "labels")] {
        let target = URL(
          fileURLWithPath: "\(root)/"
            + name.replacingOccurrences(of: "images", with: word)
            .replacingOccurrences(of: "idx3", with: from))
        try FileManager.default.createDirectory(
          at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        let bytes: [UInt8] =
          word == "images"
          ? [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6] : [0, 0, 8, 1, 0, 0, 0, 2, 1, 0]
        try Data(bytes).write(to: target)
      }
      let dataset = try Dataset.open(root)
      #expect(dataset.labels == [1, 0])
      #expect(try dataset.image(at: 1).bytes == [6])
    }
  }

  @Test func `Names the sets when a split fits several`() throws {
    try Fixture.withTemporaryFolder { root in
      for set in ["digits", "letters"] {
        try Data([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 5]).write(
          to: URL(fileURLWithPath: "\(root)/emnist-\(set)-test-images-idx3-ubyte"))
      }
      #expect { try Dataset.open(root) } throws: { "\($0)".contains("letters-test") }
      #expect(
        try Dataset.open(root, options: DatasetOptions(split: "letters-test")).count == 1)
    }
  }
}

@Suite struct ArrayReaderTests {
  private func write(_ values: [Int64], _ shape: [Int], _ path: String) throws {
    try NPYArray.encode(values, shape: shape).write(to: URL(fileURLWithPath: path))
  }

  @Test func `Finds the labels whose name goes with the images`() throws {
    try Fixture.withTemporaryFolder { folder in
      try write([Int64](repeating: 209, count: 8), [2, 2, 2], "\(folder)/X_test.npy")
      try write([0, 0, 1, 0, 1, 0], [2, 3], "\(folder)/y_test.npy")
      let dataset = try Dataset.open("\(folder)/X_test.npy")
      #expect(dataset.labels == [2, 1])
      #expect(dataset.range == .bytes)
      #expect(try dataset.image(at: 0).bytes == [209, 209, 209, 209])
    }
  }

  @Test func `Refuses two candidates that differ`() throws {
    try Fixture.withTemporaryFolder { folder in
      try write([Int64](repeating: 9, count: 8), [2, 2, 2], "\(folder)/x_test.npy")
      try write([0, 1], [2], "\(folder)/y_test.npy")
      try write([0, 1], [2, 1], "\(folder)/labels.npy")
      #expect(try Dataset.open("\(folder)/x_test.npy").labels == [0, 1])
      try write([1, 1], [2], "\(folder)/labels.npy")
      #expect { try Dataset.open("\(folder)/x_test.npy") } throws: {
        "\($0)".contains("y_test.npy") && "\($0)".contains("--labels")
      }
    }
  }

  @Test(
    arguments: [
      ([0, 255], SampleRange.bytes), ([0, 65535], .words), ([0, 1], .narrow(high: 1)),
      ([0, 16], .narrow(high: 16)), ([0, 4095], .narrow(high: 4095)),
      ([-1, 3], .beyond(low: -1, high: 3)),
    ] as [([Int64], SampleRange)])
  func `Tells by their range what whole numbers are`(
    _ values: [Int64], _ range: SampleRange
  ) throws {
    try Fixture.withTemporaryFolder { folder in
      try write(values, [2, 1, 1], "\(folder)/x.npy")
      #expect(try Dataset.open("\(folder)/x.npy").range == range)
    }
  }

  @Test func `Asks for the scale of what is neither bytes nor fractions`() throws {
    #expect(throws: DatasetError.self) {
      try SampleRange.beyond(low: -2, high: 2).defaultScale("x.npy")
    }
    #expect(throws: DatasetError.self) { try SampleRange.narrow(high: 4095).defaultScale("x.npy") }
    #expect(try SampleRange.bytes.defaultScale("x.npy") == nil)
    #expect(try SampleRange.words.defaultScale("x.npy") == 1 / 65535)
  }
}
