/// What can be wrong with features.
package enum FeatureError: Error, Equatable {
  /// A feature of an image is NaN or infinite.
  case notFinite(model: String, image: String, feature: Int)
  /// Too few images of a class for a covariance.
  case tooFewImages(classIndex: Int, found: Int)
  /// No class has as many images as components need; the one with the most has so many.
  case noClass(data: String, most: Int, needed: Int)
  /// Directions of a class that depend on each other.
  case dependentDirections(classIndex: Int)
}

extension FeatureError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notFinite(let model, let image, let feature):
      "Feature \(feature) of model '\(model)' is not a number for image '\(image)'. See 'overinterp doctor'."
    case .tooFewImages(let classIndex, let found):
      "Class \(classIndex) has \(found) images; components need two at least. Give more with --feature-data."
    case .noClass(let data, let most, let needed):
      "No class of '\(data)' has \(needed) labelled images, which components need; the largest has \(most). "
        + "Give more with --feature-data, such as the images that the model was trained on."
    case .dependentDirections(let classIndex):
      "The directions of class \(classIndex) depend on each other. Take one of its components away."
    }
  }
}
