import Audit
import AuditRun
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

  func referenceSize(_ threshold: Double) -> Int? {
    let curve = exact.confidenceAfter.reversed() + [confidence]
    return confidence >= threshold ? Array(curve).firstIndex { $0 >= threshold } : nil
  }
}

/// Exact BackSelect as ONNX Runtime finds it, scores within the resolution of the best being ties; see
/// `fixtures/conformance/tied_searches.json`.
struct TiedSearch: Decodable, Sendable, CustomTestStringConvertible {
  let model: String
  let image: Int
  let `class`: Int
  let order: [Int]
  let logOddsAfter: [Double]
  /// How far the closest score of a step was from the limit of what is tied with the best.
  let marginToLimit: [Double]

  var testDescription: String { "\(model) image \(image)" }

  static let all: [TiedSearch] = {
    let path = "\(FixtureAudit.root)/conformance/tied_searches.json"
    let data = FileManager.default.contents(atPath: path) ?? Data()
    return (try? JSONDecoder().decode([TiedSearch].self, from: data)) ?? []
  }()
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

  /// Along the whole of the reference's search, ties included: what we would mask at each of its steps.
  @Test(arguments: BackSelectCase.all)
  func `Every step of the reference is ours, or masks a pixel tied with ours, and sizes are equal`(
    _ reference: BackSelectCase
  ) throws {
    var classifier = try FixtureAudit.classifier(
      reference.model, image: reference.image, classIndex: reference.class)
    var visible = PixelSet.all(of: 784)
    var confidences = [try classifier.evaluate([visible])[0].confidence]
    var (others, largestError) = (0, 0.0)
    for (step, pixel) in reference.exact.order.enumerated() {
      let candidates = visible.pixels
      let evaluations = try classifier.evaluateToggling(eachOf: candidates, visible: visible)
      let theirs = evaluations[try #require(candidates.firstIndex(of: pixel))]
      let best = try #require(evaluations.max { $0.score < $1.score })
      let limit = best.score - best.resolution
      let ours = candidates[try #require(evaluations.firstIndex { $0.score >= limit })]
      if ours != pixel {
        others += 1
        #expect(theirs.score >= limit - best.resolution, "step \(step)")
        let margin = reference.exact.marginToRunnerUp[step] ?? 0
        #expect(margin <= 2 * best.resolution, "step \(step): their margin is \(margin)")
      }
      largestError = max(
        largestError, abs(theirs.score - reference.exact.logOddsAfter[step]) / best.resolution)
      visible.remove(pixel)
      confidences.append(theirs.confidence)
    }
    // What the two engines differ by lies far below what counts as a tie.
    #expect(largestError < 0.5, "\(largestError) of the resolution")
    #expect(others < 40, "\(others) steps")
    for threshold in [0.5, 0.7, 0.9, 0.95, 0.99] {
      let size =
        confidences[0] >= threshold
        ? Array(confidences.reversed()).firstIndex { $0 >= threshold } : nil
      #expect(size == reference.referenceSize(threshold), "τ \(threshold)")
    }
  }

  /// Up to the first step in which a score lies so close to the limit of what counts as a tie that
  /// rounding decides on which side.
  @Test(arguments: TiedSearch.all)
  func `Exact is ONNX Runtime's search by the same rule of ties`(_ reference: TiedSearch) throws {
    var classifier = try FixtureAudit.classifier(
      reference.model, image: reference.image, classIndex: reference.class)
    let run = try exactBackSelect(from: .all(of: 784), on: &classifier)
    let agreement = zip(run.order, reference.order).prefix { $0 == $1 }.count
    #expect(agreement == 784 || reference.marginToLimit[agreement] < 1e-5)
    for (step, logOdds) in zip(run.steps.prefix(agreement), reference.logOddsAfter) {
      #expect(abs((step.after?.score ?? .nan) - logOdds) < 1e-4)
    }
    #expect(run.cost.evaluations == 784 * 785 / 2 + 1)
  }

  @Test(arguments: BackSelectCase.all, [1, 16])
  func `Gradient masks the same pixels first as PyTorch`(
    _ reference: BackSelectCase, _ block: Int
  ) throws {
    var classifier = try FixtureAudit.classifier(
      reference.model, image: reference.image, classIndex: reference.class, gradient: true)
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
