import Audit
import Features
import Inference

extension FeatureRecord {
  /// By how much a unit of each feature changes α of a component, `[d]`.
  func direction(of place: Int, _ head: LinearHead) -> [Double] {
    ClassComponents.direction(
      vector: vector(place), weights: head.weights(of: known.classIndex).map { Double($0) })
  }

  /// α of a component where all features are 0.
  func constant(of place: Int) -> Double {
    let vector = vector(place)
    return -zip(vector, mean.values).reduce(0) { $0 + $1.0 * $1.1 } * vector.reduce(0, +)
  }
}
