import Inference
import Tensors

/// Features, logits and maps of images, in batches; belongs to one thread.
package final class FeatureExtractor {
  package let head: LinearHead
  package let predictor: Predictor

  /// Writes image `i` as `[h, w, c]`, in the network's units.
  package typealias Fill = (Int, UnsafeMutableBufferPointer<Float>) -> Void

  /// What a pass finds of some images.
  package struct Found: Sendable {
    /// φ, `[count, d]`.
    package let features: [Float]
    /// The network's output, `[count, classes]`.
    package let outputs: [Float]
    /// `[count, d, h, w]`; empty where they were not asked for.
    package let maps: [Float]
  }

  /// `predictor`: of a network that was compiled with the head's values.
  package init(_ head: LinearHead, _ predictor: Predictor) {
    self.head = head
    self.predictor = predictor
  }

  /// Features and outputs of images.
  ///
  /// `withMaps`: whether also the maps that the features are averaged from; the head must have one.
  ///
  /// `name`: what messages call image `i`.
  ///
  /// Throws `InferenceError`, and `FeatureError.notFinite`.
  package func find(
    count: Int, withMaps: Bool = false, name: (Int) -> String = { "\($0)" }, fill: Fill
  ) throws -> Found {
    precondition(!withMaps || head.map != nil, "the features of \(head.node) come from no map")
    let names = withMaps ? head.values : [head.input]
    let (outputs, values) = try predictor.outputs(count: count, with: names, fill: fill)
    let d = head.featureCount
    let input = values[0].asFloats
    let features = head.isMeanOfInput ? FeatureExtractor.means(input, rows: count * d) : input
    guard let bad = features.firstIndex(where: { !$0.isFinite }) else {
      return Found(
        features: features, outputs: outputs,
        maps: withMaps ? channelsFirst(values[values.count - 1]) : [])
    }
    throw FeatureError.notFinite(
      model: predictor.network.name, image: name(bad / d), feature: bad % d)
  }

  /// The means of as many rows of equal length.
  private static func means(_ numbers: [Float], rows: Int) -> [Float] {
    let positions = numbers.count / max(rows, 1)
    return (0..<rows).map { row in
      let sum = numbers[row * positions..<(row + 1) * positions].reduce(0.0) { $0 + Double($1) }
      return Float(sum / Double(positions))
    }
  }

  private func channelsFirst(_ map: Tensor) -> [Float] {
    head.map?.isChannelsLast == true ? map.transposed([0, 3, 1, 2]).asFloats : map.asFloats
  }
}

extension LinearHead {
  /// The logit of a class, in Float64.
  ///
  /// `features`: φ of one image.
  package func logit(of classIndex: Int, features: some Collection<Float>) -> Double {
    zip(weights(of: classIndex), features).reduce(Double(biases[classIndex])) {
      $0 + Double($1.0) * Double($1.1)
    }
  }

  /// The logits of images, in Float64, `[n, classes]`.
  ///
  /// `features`: φ, `[n, d]`.
  package func logits(of features: [Float]) -> [Double] {
    var logits = BLAS.product(
      features.map { Double($0) }, transposed: weights.map { Double($0) }, inner: featureCount)
    for index in logits.indices { logits[index] += Double(biases[index % classCount]) }
    return logits
  }
}
