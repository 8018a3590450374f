import Datasets
import Foundation
import Testing

/// Images of no content with labels.
private func dataset(_ labels: [Int]?, names: [String]? = nil, files: [String]? = nil) -> Dataset {
  let count = labels?.count ?? files?.count ?? 4
  return Dataset(
    path: "data", format: "test", identifiers: files ?? (0..<count).map(String.init),
    labels: labels, classNames: names, labelKind: names == nil ? .modelIndices : .ownClasses,
    decode: { _ in RawImage(width: 1, height: 1, channels: 1, samples: .bytes([0])) })
}

private func file(_ text: String) throws -> LabelsFile {
  try Fixture.withTemporaryFolder { folder in
    let path = "\(folder)/labels.txt"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return try LabelsFile(path)
  }
}

/// Labels in the model's order.
private func labels(
  _ dataset: Dataset, outputs: Int, stated: String? = nil, found: [[String]] = [],
  statement: ClassOrder.Statement? = nil
) throws -> [Int] {
  var order = ClassOrder(outputs: outputs)
  order.stated = try stated.map(file)
  order.found = found.map { ClassNames($0.map { [$0] }, source: "a list") }
  order.statement = statement
  var dataset = dataset
  try order.apply(to: &dataset)
  return dataset.labels ?? []
}

private let animals = dataset([0, 1, 2, 1], names: ["ant", "dog", "zebra"])

@Suite struct ClassOrderTests {
  @Test func `Matches the data's names to the model's, apart from case, spaces, _ and -`() throws {
    #expect(try labels(animals, outputs: 3, stated: "zebra\ndog\nant\n") == [2, 1, 0, 1])
    let written = dataset([0, 1], names: ["Hot-Dog", "ice_cream"])
    #expect(try labels(written, outputs: 3, stated: "ice cream\npizza\nhot dog\n") == [2, 0])
  }

  @Test func `Takes a list that lies beside when none is stated`() throws {
    #expect(try labels(animals, outputs: 3, found: [["zebra", "dog", "ant"]]) == [2, 1, 0, 1])
    // One of another length is not used.
    #expect(try labels(animals, outputs: 3, found: [["a", "b"]]) == [0, 1, 2, 1])
  }

  @Test func `Refuses lists that lie beside and disagree`() {
    #expect {
      try labels(animals, outputs: 3, found: [["zebra", "dog", "ant"], ["ant", "dog", "zebra"]])
    } throws: { "\($0)".contains("--labels") }
  }

  @Test func `Without names the sorted place counts only if there are as many classes as outputs`()
    throws
  {
    #expect(try labels(animals, outputs: 3) == [0, 1, 2, 1])
    #expect { try labels(animals, outputs: 10) } throws: {
      "\($0)".contains("3 classes (ant, dog, zebra)") && "\($0)".contains("10 outputs")
    }
  }

  @Test func `Names classes that the list lacks`() {
    #expect { try labels(animals, outputs: 3, stated: "zebra\ndog\ncat\n") } throws: {
      "\($0)".contains("ant") && "\($0)".contains("zebra, dog, cat")
    }
    #expect { try labels(animals, outputs: 4, stated: "zebra\ndog\nant\n") } throws: {
      "\($0)".contains("3 classes") && "\($0)".contains("4 outputs")
    }
  }

  @Test func `Takes numerals for names where the data's classes are called so`() throws {
    let digits = dataset([0, 0, 1], names: ["0", "1"])
    #expect(try labels(digits, outputs: 3, stated: "2\n1\n0\n") == [2, 2, 1])
    let nine = dataset([0, 1, 2, 0, 1, 2], names: ["0", "1", "2"])
    #expect(try labels(nine, outputs: 3, stated: "0\n1\n2\n") == [0, 1, 2, 0, 1, 2])
  }

  @Test func `Takes one index per image, and refuses what may be names as well`() throws {
    #expect(try labels(dataset(nil), outputs: 3, stated: "2\n0\n1\n1\n") == [2, 0, 1, 1])
    #expect { try labels(dataset([0, 0, 0, 0]), outputs: 4, stated: "3\n2\n1\n0\n") } throws: {
      "\($0)".contains("names of classes") && "\($0)".contains("labels of images")
    }
    #expect(throws: DatasetError.self) { try labels(dataset(nil), outputs: 3, stated: "2\n0\n") }
  }

  @Test func `Labels of all images serve a part of them`() throws {
    let part = dataset(nil, files: (0..<6).map { "\($0).png" }).selecting([1, 4])
    #expect(try labels(part, outputs: 3, stated: "0\n1\n2\n0\n2\n1\n") == [1, 2])
    #expect(try labels(part, outputs: 3, stated: "2\n0\n") == [2, 0])
  }

  @Test func `Refuses two labels for one file, and labels outside a list of classes`() {
    let files = dataset(nil, files: ["a.png", "b.png"])
    #expect { try labels(files, outputs: 3, stated: "a.png 0\nb.png 1\na.png 2\n") } throws: {
      "\($0)".contains("'a.png' two labels")
    }
    #expect(throws: DatasetError.self) {
      try labels(dataset([0, -1]), outputs: 3, statement: .explicit([1, 0]))
    }
    #expect(throws: DatasetError.self) {
      try labels(dataset([0, .max]), outputs: 3, statement: .explicit([1, 0]))
    }
  }

  @Test func `Takes labels by file name`() throws {
    let files = dataset(nil, files: ["a/1.png", "b/2.png"])
    #expect(try labels(files, outputs: 3, stated: "2.png 0\n1.png 2\n") == [2, 0])
    #expect(
      try labels(
        files, outputs: 2, stated: "2.png,cat\n1.png,dog\n", found: [["dog", "cat"]]) == [0, 1])
    #expect { try labels(files, outputs: 3, stated: "1.png 2\n") } throws: {
      "\($0)".contains("b/2.png")
    }
  }

  @Test func `Orders numerals as numbers when that is stated`() throws {
    let folders = dataset([0, 1, 2], names: ["1", "10", "2"])
    #expect(try labels(folders, outputs: 3) == [0, 1, 2])
    #expect(try labels(folders, outputs: 3, statement: .numeric) == [0, 2, 1])
    // Where all are below the number of outputs, a name is its index.
    #expect(try labels(folders, outputs: 20, statement: .numeric) == [1, 10, 2])
  }

  @Test func `Asks which order counts where the data has one that is not sorted`() throws {
    let columns = dataset([0, 1], names: ["zebra", "ant"])
    #expect { try labels(columns, outputs: 2) } throws: {
      "\($0)".contains("zebra, ant") && "\($0)".contains("--class-order 0,1")
    }
    #expect(try labels(columns, outputs: 2, statement: .sorted) == [1, 0])
    #expect(try labels(columns, outputs: 2, statement: .explicit([0, 1])) == [0, 1])
    #expect(try labels(columns, outputs: 2, found: [["zebra", "ant"]]) == [0, 1])
  }

  @Test func `Takes an index for each class`() throws {
    #expect(try labels(animals, outputs: 3, statement: .explicit([2, 0, 1])) == [2, 0, 1, 0])
    #expect(throws: DatasetError.self) {
      try labels(animals, outputs: 3, statement: .explicit([0, 0, 1]))
    }
  }

  @Test func `Sorts WordNet ids where there are as many as outputs`() throws {
    let wordNet = dataset([0, 1], names: ["n01440764", "n01443537"])
    #expect(try labels(wordNet, outputs: 2, found: [["tench", "goldfish"]]) == [0, 1])
    var order = ClassOrder(outputs: 3)
    order.stated = try file("n01443537 goldfish\nn02084071 dog\nn01440764 tench\n")
    var few = wordNet
    try order.apply(to: &few)
    #expect(few.labels == [2, 0])
    #expect(few.className(2) == "tench")
  }
}
