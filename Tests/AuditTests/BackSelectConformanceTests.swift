import Audit
import Foundation
import Inference
import SufficientInputSubsets
import Testing

/// BackSelect of trained models as ONNX Runtime and PyTorch find it; see
/// `fixtures/conformance/backselect_fashion_mnist.json`.
struct BackSelectCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Exact: Decodable {
    let order: [Int]
    let logOddsAfter: [Double]
    let confidenceAfter: [Double]
    /// How far the second-best pixel was behind; nil for the last.
    let marginToRunnerUp: [Double?]
  }

  struct Order: Decodable { let order: [Int] }

  let model: String
  let image: Int
  let `class`: Int
  let confidence: Double
  let logOdds: Double
  let logits: [Float]
  let exact: Exact
  let gradient1: Order
  let gradient16: Order

  var testDescription: String { "\(model) image \(image)" }

  static let all: [BackSelectCase] = {
    struct File: Decodable { let cases: [BackSelectCase] }
    let path = "\(FixtureAudit.root)/conformance/backselect_fashion_mnist.json"
    let data = FileManager.default.contents(atPath: path) ?? Data()
    return (try? JSONDecoder().decode(File.self, from: data).cases) ?? []
  }()

  /// The first step in which rounding may choose another pixel.
  var firstCloseStep: Int {
    exact.marginToRunnerUp.firstIndex { ($0 ?? 1) < 1e-4 } ?? exact.order.count
  }

  func referenceSize(_ threshold: Double) -> Int? {
    let curve = exact.confidenceAfter.reversed() + [confidence]
    return confidence >= threshold ? Array(curve).firstIndex { $0 >= threshold } : nil
  }
}

@Suite struct BackSelectConformanceTests {
  @Test func `Reads all cases`() {
    #expect(BackSelectCase.all.count == 3)
  }

  @Test(arguments: BackSelectCase.all)
  func `The full image's log-odds agree`(_ reference: BackSelectCase) throws {
    var classifier = try FixtureAudit.classifier(
      reference.model, image: reference.image, classIndex: reference.class)
    let full = try classifier.evaluate([.all(of: 784)])[0]
    #expect(abs(full.score - reference.logOdds) < 1e-4)
    #expect(abs(full.confidence - reference.confidence) < 1e-5)
    let score = ClassScore(classIndex: reference.class, outputKind: .logits)
    #expect(ClassScore.predictedClass(reference.logits) == reference.class)
    #expect(abs(score.logOdds(reference.logits) - reference.logOdds) < 1e-3)
  }

  /// After a near-tie the last bit of a sum decides which of two orders is followed: image 17 passes
  /// an exact tie at step 129, and its sizes may be three pixels apart.
  @Test(arguments: BackSelectCase.all)
  func `Exact agrees up to the first near-tie, and SIS sizes within one pixel`(
    _ reference: BackSelectCase
  ) throws {
    var classifier = try FixtureAudit.classifier(
      reference.model, image: reference.image, classIndex: reference.class)
    let run = try exactBackSelect(from: .all(of: 784), on: &classifier)
    let compared = reference.firstCloseStep
    #expect(compared > 50)
    #expect(Array(run.order[..<compared]) == Array(reference.exact.order[..<compared]))
    for (step, logOdds) in zip(run.steps[..<compared], reference.exact.logOddsAfter) {
      #expect(abs((step.after?.score ?? .nan) - logOdds) < 1e-3)
    }
    #expect(run.cost.evaluations == 784 * 785 / 2 + 1)
    let allowed = reference.testDescription == "resnet20-a image 17" ? 3 : 1
    for threshold in [0.5, 0.7, 0.9, 0.95, 0.99] {
      let size = run.sufficientInputSubsetSize(threshold: threshold)
      let expected = reference.referenceSize(threshold)
      #expect((size == nil) == (expected == nil))
      #expect(
        abs((size ?? 0) - (expected ?? 0)) <= allowed,
        "τ \(threshold): \(size ?? -1) pixels, reference \(expected ?? -1)")
    }
  }

  @Test(arguments: BackSelectCase.all, [1, 16])
  func `Gradient masks the same pixels first as PyTorch`(
    _ reference: BackSelectCase, _ block: Int
  ) throws {
    var classifier = try FixtureAudit.classifier(
      reference.model, image: reference.image, classIndex: reference.class)
    let run = try gradientBackSelect(
      from: .all(of: 784), block: block, thresholds: [], on: &classifier)
    let expected = block == 1 ? reference.gradient1.order : reference.gradient16.order
    let agreement = zip(run.order, expected).prefix { $0 == $1 }.count
    // Rounding parts the orders sooner or later; the gradient is right when they start alike.
    #expect(agreement >= 16, "the first \(agreement) of 784 pixels agree")
    let half = Set(run.order.prefix(392)).intersection(expected.prefix(392)).count
    #expect(half > 340, "\(half) of the first 392 pixels agree")
    #expect(run.cost.gradients == (784 + block - 1) / block)
  }
}
