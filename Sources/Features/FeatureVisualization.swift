import Foundation
import Inference
import Tensors

/// An image, from grey, that shows a component as much as an L2 ball allows (*NPFV*).
///
/// The function is α. Where the network is not adversarially robust such images look like noise.
///
/// *Neural PCA feature visualization* in Neuhaus et al., "Spurious Features Everywhere" (2023), section 4.
package struct FeatureVisualization: Sendable {
  /// `[h, w, c]` in 0...1.
  package let pixels: [Double]
  /// α of the grey image, and of every iterate.
  package let objectives: [Double]
  /// The largest α, which is that of `pixels`.
  package let objective: Double
  /// The network's output for `pixels`, `[classes]`.
  package let outputs: [Float]
  /// Iterations after which the step was halved.
  package let halvings: [Int]

  /// Searches the image.
  ///
  /// - Parameters:
  ///   - component: Which one.
  ///   - components: Of the class.
  ///   - head: Of the network.
  ///   - session: Prepared for a gradient and for `head.input`.
  ///   - scale: From pixels to the network's input.
  ///   - radius: Of the ball around grey, in pixels of 0...1.
  ///   - iterations: Of the ascent, each a gradient.
  ///   - progress: Called before every iteration; what it throws ends the search.
  /// - Throws: `InferenceError`, and what `progress` throws.
  package init(
    of component: Int, in components: ClassComponents, head: LinearHead,
    session: ReferenceSession, scale: PixelScale, radius: Double, iterations: Int = 100,
    progress: () throws -> Void = {}
  ) throws {
    let objective = ComponentObjective(component, components, head, session, scale)
    let grey = [Double](repeating: 0.5, count: session.network.input.elementCount)
    var ascent = ProjectedAscent(
      centre: grey, radius: radius, iterations: iterations, start: try objective.point(at: grey))
    while !ascent.isDone {
      try progress()
      let candidate = ascent.candidate
      ascent.advance(to: candidate, try objective.point(at: candidate))
    }
    pixels = ascent.best
    objectives = ascent.objectives
    self.objective = ascent.bestObjective
    outputs = try session.image(scale.input(ascent.best)).outputs
    halvings = ascent.halvings
  }
}

extension FeatureVisualization {
  /// A ball that lets components show: of 5 at 28×28 grey pixels and 29 at 224×224 coloured ones, where the
  /// paper takes 30; the cube root of what lies between.
  package static func radius(elements: Int) -> Double {
    5 * cbrt(Double(elements) / 784)
  }
}

/// α of one component as a function of pixels.
private struct ComponentObjective {
  private let session: ReferenceSession
  private let scale: PixelScale
  private let head: LinearHead
  /// α is `slope · φ + offset`.
  private let slope: [Double]
  private let offset: Double

  init(
    _ component: Int, _ components: ClassComponents, _ head: LinearHead,
    _ session: ReferenceSession, _ scale: PixelScale
  ) {
    self.session = session
    self.scale = scale
    self.head = head
    slope = components.direction(of: component)
    let atMean = zip(components.system.vector(component), components.mean).reduce(0) {
      $0 + $1.0 * $1.1
    }
    offset = -atMean * components.vectorSums[component]
  }

  func point(at pixels: [Double]) throws -> ProjectedAscent.Point {
    let image = try session.image(scale.input(pixels))
    let value = try image.value(head.input)
    // A model that fixes its batch has other images behind this one.
    let own = value.shape.count / value.shape[0]
    // Where φ is left to be averaged, each position has its part of the slope.
    let positions = own / head.featureCount
    var objective = offset
    var weights = [Float](repeating: 0, count: value.shape.count)
    for (index, number) in value.asFloats.prefix(own).enumerated() {
      let weight = slope[index / positions] / Double(positions)
      objective += weight * Double(number)
      weights[index] = Float(weight)
    }
    let gradient = try image.gradient(nil, values: [head.input: Tensor(value.shape, weights)])
    return (objective, scale.gradient(gradient))
  }
}
