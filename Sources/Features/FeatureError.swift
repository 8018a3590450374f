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
  /// The file is not the one that the features are of.
  case otherModel(model: String)
  /// The images are not those that the features were found with.
  case otherData(data: String)
  /// No component is labelled spurious.
  case nothingSpurious(model: String)
  /// A model whose one output is a probability's logit.
  case oneOutput(model: String)
  /// What would be overwritten.
  case outputExists(path: String)
  /// A class with spurious images but none of its own.
  case noPositives(className: String, images: String)
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
    case .otherModel(let model):
      "The file of model '\(model)' is not the one that its features were found in. Find them again with "
        + "'overinterp features'."
    case .otherData(let data):
      "The images of '\(data)' are not those that the features were found with. Find them again with "
        + "'overinterp features'."
    case .nothingSpurious(let model):
      "No component of model '\(model)' is labelled spurious, so there is nothing to take out. Label some in "
        + "labels.html or labels.csv, then give the file to 'overinterp features label'."
    case .oneOutput(let model):
      "Model '\(model)' has one output for two classes; such models are not repaired."
    case .outputExists(let path):
      "'\(path)' exists and would be overwritten. Choose another place with -o."
    case .noPositives(let className, let images):
      "'\(images)' has spurious images of class '\(className)', but the audited data has no image of the class "
        + "to hold them against."
    }
  }
}
