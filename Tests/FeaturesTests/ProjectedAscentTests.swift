import Features
import Foundation
import Inference
import ONNX
import Testing

/// The ascent against the reference, on solvable functions and on a network.
@Suite struct ProjectedAscentTests {
  private struct Units: Decodable {
    struct Case: Decodable {
      let name: String
      let function: String
      let method: String
      let radius: Double
      let iterations: Int
      let halvings: [Int]?
      let halvingsReliableUpTo: Int?
      let objective: [Double]
      let best: Double
      let bestIteration: Int
      let jitter: Double

      private enum CodingKeys: String, CodingKey {
        case name, function, method, radius, iterations, halvings, halvingsReliableUpTo, objective
        case best, bestIteration
        case jitter = "maxChangeUnder1e_11Jitter"
      }
    }
    let matrix: [[Double]]
    let centre: [Double]
    let weights: [Double]
    let start: [Double]
    let cases: [Case]

    private enum CodingKeys: String, CodingKey {
      case cases
      case matrix = "A"
      case centre = "c"
      case weights = "w"
      case start = "x0"
    }
  }

  private func point(_ units: Units, _ function: String, _ x: [Double]) -> ProjectedAscent.Point {
    if function == "quadratic" {
      let difference = zip(x, units.centre).map { $0 - $1 }
      let product = units.matrix.map { row in zip(row, difference).reduce(0) { $0 + $1.0 * $1.1 } }
      let value = -0.5 * zip(difference, product).reduce(0) { $0 + $1.0 * $1.1 }
      return (value, product.map { -$0 })
    }
    let phases = x.indices.map { 6 * x[$0] + Double($0) }
    return (
      zip(units.weights, phases).reduce(0) { $0 + $1.0 * sin($1.1) },
      zip(units.weights, phases).map { 6 * $0 * cos($1) }
    )
  }

  @Test func `Steps and halvings are the reference's to seven digits`() throws {
    let units = try Reference.read(Units.self, "optimiser_units")
    let cases = units.cases.filter { $0.method == "apgd" }
    #expect(cases.count == 4)
    for expected in cases {
      var ascent = ProjectedAscent(
        centre: units.start, radius: expected.radius, iterations: expected.iterations,
        start: point(units, expected.function, units.start))
      while !ascent.isDone {
        let candidate = ascent.candidate
        ascent.advance(to: candidate, point(units, expected.function, candidate))
      }
      let tolerance = max(1e-7, 10 * expected.jitter)
      #expect(
        Reference.difference(ascent.objectives, expected.objective) < tolerance, "\(expected.name)")
      #expect(abs(ascent.bestObjective - expected.best) < tolerance)
      let reliable = expected.halvingsReliableUpTo ?? 0
      #expect(
        ascent.halvings.prefix(reliable) == (expected.halvings ?? []).prefix(reliable),
        "\(expected.name)")
    }
  }

  private struct Visualizations: Decodable {
    struct Row: Decodable {
      let classIndex: Int
      let component: Int
      let objective: [String: Double]
      let bestObjective: [String: Double]
      let targetProbability: Double
    }
    let rows: [Row]
  }

  @Test func `Visualised components climb as the reference's do`() throws {
    let subject = try Reference.resnetA.get()
    let session = try ReferenceSession(
      subject.network, batchSize: 1, values: [subject.head.input], gradient: true)
    for expected in try Reference.read(Visualizations.self, "e_npfv").rows {
      let found = try FeatureVisualization(
        of: expected.component, in: subject.components(of: expected.classIndex),
        head: subject.head, session: session, scale: Reference.scale, radius: 5)
      for t in [0, 1, 2, 5] {
        let value = try #require(expected.objective["\(t)"])
        #expect(abs(found.objectives[t] - value) < 1e-4)
      }
      let best = try #require(expected.bestObjective["100"])
      #expect(found.objective >= best - 0.1 * abs(best))
      #expect(found.objective == found.objectives.max())
      let exponentials = found.outputs.map { exp(Double($0)) }
      let probability = exponentials[expected.classIndex] / exponentials.reduce(0, +)
      #expect(abs(probability - expected.targetProbability) < 0.1)
      #expect(found.pixels.allSatisfy { (0...1).contains($0) })
      let length = found.pixels.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) }.squareRoot()
      #expect(length <= 5 * (1 + 1e-6))
    }
  }

  /// A batch of three is fixed, and features are left to be averaged.
  @Test func `In a model that fixes its batch the first image alone is asked`() throws {
    let path = "\(Reference.root)/features/heads/convolution.onnx"
    let model = try Model(contentsOf: path)
    let head = try LinearHead(in: model, of: Network(model, name: "fixed"))
    let network = try Network(model, name: "fixed", options: Network.Options(values: head.values))
    let extractor = FeatureExtractor(head, Predictor(network, batchSize: 3))
    func features(_ images: [[Double]]) throws -> [Float] {
      try extractor.find(count: images.count) { image, target in
        _ = target.update(fromContentsOf: images[image].map { Float($0) })
      }.features
    }
    var moments = FeatureMoments(dimension: 8)
    moments.add(
      try features(
        (0..<20).map { image in (0..<784).map { sin(0.01 * Double(($0 + 1) * (image + 3))) } }))
    let components = try ClassComponents(classIndex: 2, head: head, moments: moments)
    let found = try FeatureVisualization(
      of: 1, in: components, head: head,
      session: ReferenceSession(network, batchSize: 1, values: [head.input], gradient: true),
      scale: PixelScale(mean: [0], std: [1]), radius: 2, iterations: 20)
    let alphas = components.alphas(
      try features([[Double](repeating: 0.5, count: 784), found.pixels]))
    #expect(abs(found.objectives[0] - alphas[1]) < 1e-5)
    #expect(abs(found.objective - alphas[8 + 1]) < 1e-4)
    #expect(found.objective > found.objectives[0])
  }
}
