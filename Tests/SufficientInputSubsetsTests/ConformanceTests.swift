import Foundation
import SufficientInputSubsets
import Testing

/// The cases of `fixtures/conformance/sis_vectors.json`: what the reference implementation answers.
struct ReferenceCase: @unchecked Sendable, CustomTestStringConvertible {
  let number: Int
  // JSON values, never changed after reading: that makes sharing them safe.
  let json: [String: Any]

  static let all: [ReferenceCase] = {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../fixtures/conformance/sis_vectors.json").standardizedFileURL
    guard let data = try? Data(contentsOf: url),
      let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
      let cases = object["cases"] as? [[String: Any]]
    else { return [] }
    return cases.enumerated().map { ReferenceCase(number: $0, json: $1) }
  }()

  var procedure: String { json["procedure"] as? String ?? "" }
  var testDescription: String { "\(number) \(procedure) \(json["function"] as? String ?? "")" }

  static func of(_ procedure: String) -> [ReferenceCase] {
    all.filter { $0.procedure == procedure }
  }
}

/// Numbers of a nested list with its shape.
private struct Grid {
  var shape: [Int] = []
  var numbers: [Double] = []

  init(_ value: Any?) {
    if let list = value as? [Any] {
      let parts = list.map { Grid($0) }
      shape = [list.count] + (parts.first?.shape ?? [])
      numbers = parts.flatMap(\.numbers)
    } else if let number = value as? NSNumber {
      numbers = [number.doubleValue]
    }
  }

  /// The offset of the cell at `indices`.
  func offset(_ indices: [Int]) -> Int {
    zip(indices, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  func indices(_ offset: Int) -> [Int] {
    var rest = offset
    var indices: [Int] = []
    for extent in shape.reversed() {
      indices.insert(rest % extent, at: 0)
      rest /= extent
    }
    return indices
  }
}

/// A case's classifier, and the pixels visible at the start.
private struct Problem {
  var classifier: SolvableFunction
  let start: PixelSet
  private let pixels: Grid

  init(_ json: [String: Any]) throws {
    let input = Grid(json["input"])
    let visible = json["visible"] is NSNull ? nil : json["visible"].map { Grid($0) }
    let pixels = visible ?? input
    self.pixels = pixels
    // Pixel k covers every cell whose index equals k's wherever the visible array is not broadcast.
    let cells = pixels.numbers.indices.map { pixel in
      let at = pixels.indices(pixel)
      return input.numbers.indices.filter { cell in
        zip(zip(input.indices(cell), at), pixels.shape).allSatisfy { $0.0 == $0.1 || $1 == 1 }
      }
    }
    let function: @Sendable ([Double]) -> Double
    switch try #require(json["function"] as? String) {
    case "sum": function = { $0.reduce(0, +) }
    case "l2norm": function = { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    case "dot[1,2,0,1]": function = { zip($0, [1, 2, 0, 1]).reduce(0) { $0 + $1.0 * $1.1 } }
    case let other: throw UnknownFunction(name: other)
    }
    classifier = SolvableFunction(
      input.numbers, maskValues: Grid(json["maskValue"]).numbers, cells: cells,
      function: function)
    start = PixelSet(flags: visible.map { $0.numbers.map { $0 != 0 } } ?? cells.map { _ in true })
  }

  struct UnknownFunction: Error { let name: String }

  func pixel(_ indices: Any?) -> Int {
    pixels.offset(Grid(indices).numbers.map { Int($0) })
  }

  func pixels(_ list: Any?) -> [Int] { (list as? [Any] ?? []).map(pixel) }

  func check(_ subset: [Int], _ run: BackSelectRun, against expected: [String: Any]) {
    #expect(subset == pixels(expected["sis"]))
    #expect(run.order == pixels(expected["order"]))
    let values = Grid(expected["values"]).numbers
    #expect(run.steps.count == values.count)
    for (step, value) in zip(run.steps, values) {
      #expect(abs((step.confidenceAfter ?? .nan) - value) < 1e-9)
    }
    let flags = Grid(expected["mask"]).numbers.map { $0 != 0 }
    #expect(PixelSet(subset, of: classifier.pixelCount).flags == flags)
  }
}

@Suite struct ConformanceTests {
  @Test func `Reads all reference cases`() {
    #expect(ReferenceCase.all.count == 27)
    let known = ["BackSelect", "FindSIS", "SIS", "SISCollection"]
    #expect(ReferenceCase.all.allSatisfy { known.contains($0.procedure) })
  }

  @Test(arguments: ReferenceCase.of("BackSelect"))
  func `BackSelect masks in the reference's order`(_ reference: ReferenceCase) throws {
    var problem = try Problem(reference.json)
    let run = try exactBackSelect(from: problem.start, on: &problem.classifier)
    let expected = try #require(reference.json["expected"] as? [[Any]])
    #expect(run.order == expected.map { problem.pixel($0[0]) })
    for (step, pair) in zip(run.steps, expected) {
      #expect(abs((step.confidenceAfter ?? .nan) - Grid(pair[1]).numbers[0]) < 1e-9)
    }
  }

  @Test(arguments: ReferenceCase.of("FindSIS"))
  func `FindSIS returns the reference's subset`(_ reference: ReferenceCase) throws {
    let steps = try #require(reference.json["backSelect"] as? [[Any]]).map { pair in
      let value = Grid(pair[1]).numbers[0]
      return BackSelectStep(
        pixel: Int(Grid(pair[0]).numbers[0]), after: Evaluation(score: value, confidence: value))
    }
    let threshold = try #require(reference.json["threshold"] as? NSNumber).doubleValue
    let expected = Grid(reference.json["expected"]).numbers.map { Int($0) }
    #expect(findSIS(in: steps, threshold: threshold) == expected)
  }

  @Test(arguments: ReferenceCase.of("SIS"))
  func `One subset equals the reference's`(_ reference: ReferenceCase) throws {
    var problem = try Problem(reference.json)
    let threshold = try #require(reference.json["threshold"] as? NSNumber).doubleValue
    let run = try exactBackSelect(from: problem.start, on: &problem.classifier)
    let subset = run.sufficientInputSubset(threshold: threshold)
    guard let expected = reference.json["expected"] as? [String: Any] else {
      #expect(subset == nil)
      return
    }
    problem.check(try #require(subset), run, against: expected)
  }

  @Test(arguments: ReferenceCase.of("SISCollection"))
  func `The collection equals the reference's`(_ reference: ReferenceCase) throws {
    var problem = try Problem(reference.json)
    let threshold = try #require(reference.json["threshold"] as? NSNumber).doubleValue
    let expected = try #require(reference.json["expected"] as? [[String: Any]])
    let collection = try sisCollection(
      from: problem.start, threshold: threshold, method: .exact, on: &problem.classifier)
    try #require(collection.count == expected.count)
    for (member, reference) in zip(collection, expected) {
      problem.check(member.pixels, member.run, against: reference)
    }
    let all = collection.flatMap(\.pixels)
    #expect(Set(all).count == all.count, "members overlap")
  }
}
