import Audit
import Foundation
import Statistics
import Testing

@Suite struct FeatureLabelsTests {
  /// Two classes of two components each.
  private static let findings: FeatureFindings = {
    let classes = [(3, "Coat, long"), (6, "Shirt")].map { index, name in
      FeatureFindings.Class(
        classIndex: index, name: name, n: 30, importance: [],
        components: [0, 4].map { component in
          FeatureFindings.Component(
            index: component, eigenvalue: 1, share: 0.1, lead: 0, topImages: [], reach: 0,
            regionArea: nil, borderShare: nil, targets: 0, flipRate: nil, controlMedian: nil,
            controlRandom: nil, controlShuffled: nil, nearFlipRate: nil, nearControl: nil,
            probability: 1)
        })
    }
    return FeatureFindings(
      FeaturePlan(
        model: "net", modelDigest: "", featuresAt: "fc", valuesDigest: "", imagesDigest: "",
        images: 60,
        featureData: "train", auditedImages: 60, correct: 50, auditedData: "test",
        trial: FeatureFindings.Trial(), settings: "", classes: [3, 6], skipped: []),
      classes: classes)
  }()

  private func labels(_ sheets: [String]) throws -> FeatureLabels {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let paths = try sheets.enumerated().map { index, text in
      let path = folder.appendingPathComponent("person\(index).csv").path
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return path
    }
    return try FeatureLabels(contentsOf: paths, about: Self.findings)
  }

  private func labelled(_ sheets: [String]) throws -> FeatureFindings {
    var findings = Self.findings
    try labels(sheets).apply(to: &findings)
    return findings
  }

  @Test func `A component is what most people say, and unknown where they are tied`() throws {
    let findings = try labelled([
      "model,class,name,component,label\nnet,3,\"Coat, long\",0,core\nnet,3,x,4,spurious\nnet,6,Shirt,0,core\n",
      "model,class,name,component,label\nnet,3,\"Coat, long\",0,core\nnet,3,x,4,core\nnet,6,Shirt,0,\n",
      "model,class,name,component,label\nnet,3,\"Coat, long\",0,spurious\nnet,6,Shirt,4,unknown\n",
    ])
    #expect(findings.classes[0].components.map(\.label) == [.core, .unknown])
    #expect(findings.classes[1].components.map(\.label) == [.core, .unknown])
    let summary = try #require(findings.labelling)
    #expect(summary.core == 2 && summary.spurious == 0 && summary.tied == 1)
    #expect(summary.agreementCount == 2)
  }

  /// As spreadsheets and people write them.
  @Test(arguments: [
    "\u{feff}class;component;label\r\nShirt;0;Spurious\r\n",
    "class\tcomponent\tlabel\n6\t0\tspurious\n",
    "label,comment,component,class\nspurious,\"a, b\",0,Shirt\n\n",
  ])
  func `Sheets of other programs are read`(_ text: String) throws {
    #expect(try labelled([text]).classes[1].components[0].label == .spurious)
  }

  @Test(arguments: [
    ("class,component,label\n9,0,core\n", "row 2: class '9' was not looked at"),
    ("class,component,label\nShrit,0,core\n", "meant 'Shirt'?"),
    ("class,component,label\n6,1,core\n", "no component '1' among those found: 0, 4"),
    ("class,component,label\n6,0,good\n", "'good' is no label"),
    (
      "class,component,label\n6,0,core\nShirt,0,spurious\n",
      "row 3: component 0 of 'Shirt' is labelled a second"
    ),
    ("class,label\n6,core\n", "no column 'component'"),
    ("model,class,component,label\nother,6,0,core\n", "about model 'other', not 'net'"),
  ])
  func `What cannot be meant is said with its row`(_ text: String, _ part: String) throws {
    let error = #expect(throws: AuditError.self) { try labels([text]) }
    let message = error?.description ?? ""
    #expect(message.contains(part), "\(message)")
  }

  @Test func `The empty sheet has every component and is read as no labels`() throws {
    let text = String(decoding: Self.findings.emptySheet, as: UTF8.self)
    #expect(text.split(separator: "\n").count == 5 && text.contains("\"Coat, long\""))
    let findings = try labelled([text])
    #expect(findings.classes.flatMap(\.components).allSatisfy { $0.label == .unknown })
    #expect(findings.labelling?.tied == 0)
  }

  /// Krippendorff (2011), section C: four observers, twelve units, names 1 to 5.
  @Test func `Agreement is as published`() throws {
    let observers: [[Int?]] = [
      [1, 2, 3, 3, 2, 1, 4, 1, 2, nil, nil, nil], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nil, 3],
      [nil, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nil], [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nil],
    ]
    let units = (0..<12).map { unit in observers.compactMap { $0[unit] } }
    #expect(abs(try #require(krippendorffAlpha(units)) - 0.743) < 5e-4)
    #expect(krippendorffAlpha([[1, 1], [1, 1]]) == nil && krippendorffAlpha([[1], [2]]) == nil)
    #expect(krippendorffAlpha([[1, 1], [2, 2]]) == 1)
  }
}
