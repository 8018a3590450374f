/// What can be wrong with a dataset.
package enum DatasetError: Error, Equatable {
  case missing(path: String)
  case unreadable(path: String, reason: String)
  case unknownFormat(path: String, known: [String])
  case noSuchFormat(name: String, suggestion: String?, known: [String])
  case empty(path: String, hint: String)
  case truncated(path: String, expected: Int, found: Int)
  case malformed(path: String, reason: String)
  case corruptImage(path: String, reason: String)
  /// `kind`: what the file is, with its article. `advice`: a sentence.
  case unsupportedImage(path: String, kind: String, advice: String)
  case labelCount(path: String, labels: Int, images: Int)
  case labelRange(path: String, image: String, label: String, classes: Int)
  case size(image: String, found: String, expected: String)
  case channels(image: String, found: Int, expected: Int)
  case notFinite(image: String)
  case splitNeeded(path: String, splits: [String])
  /// Two readings of the same thing, each with what would decide.
  case ambiguous(path: String, readings: [String], hint: String)
  /// Images that cannot be decoded, with why, and how many there are.
  case undecodable([String], of: Int)
  /// Classes of the data that the model does not have, or whose place in it is not known.
  case classes(String)
  case preprocessing(source: String, reason: String)
}

extension DatasetError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let path):
      "There is no file or folder '\(path)'. Check --data, or the image's name."
    case .unreadable(let path, let reason):
      "Cannot read '\(path)': \(reason)."
    case .unknownFormat(let path, let known):
      "'\(path)' is in no format that is recognised. State one with --format: "
        + known.joined(separator: ", ") + "."
    case .noSuchFormat(let name, let suggestion, let known):
      "There is no dataset format '\(name)'"
        + (suggestion.map { " (did you mean '\($0)'?)" } ?? "")
        + ". Formats: " + known.joined(separator: ", ") + "."
    case .empty(let path, let hint):
      "'\(path)' holds no images. \(hint)"
    case .truncated(let path, let expected, let found):
      "'\(path)' ends early: \(expected) bytes expected, \(found) found. Copy it again."
    case .malformed(let path, let reason):
      "'\(path)': \(reason)."
    case .corruptImage(let path, let reason):
      "Image '\(path)' cannot be decoded: \(reason). Replace or remove it."
    case .unsupportedImage(let path, let kind, let advice):
      "Image '\(path)' is \(kind); that is not read. \(advice)"
    case .labelCount(let path, let labels, let images):
      "'\(path)' holds \(labels) labels for \(images) images."
    case .labelRange(let path, let image, let label, let classes):
      "Label \(label) of image '\(image)' in '\(path)' is outside 0...\(classes - 1), the classes "
        + "of the model."
        + (label == String(classes)
          ? " If they count from 1, write them from 0, or state labels by name." : "")
    case .size(let image, let found, let expected):
      "Image '\(image)' has \(found) pixels (height × width); the model expects \(expected). "
        + "Add --resize or --crop."
    case .channels(let image, let found, let expected):
      "Image '\(image)' has \(found) channels; the model expects \(expected). Convert the images."
    case .notFinite(let image):
      "Image '\(image)' holds NaN or infinity. Replace or remove it."
    case .splitNeeded(let path, let splits):
      "'\(path)' holds the parts \(splits.joined(separator: ", ")), not classes. State one with "
        + "--split \(splits.last ?? "test")."
    case .ambiguous(let path, let readings, let hint):
      "'\(path)' can be read as \(readings.joined(separator: " or as ")). \(hint)."
    case .undecodable(let images, let total):
      "\(images.count) of \(total) images cannot be decoded: "
        + images.prefix(10).joined(separator: " ")
        + (images.count > 10 ? " … and \(images.count - 10) more." : "")
        + " Leave them out, counted, with --skip-bad-images."
    case .classes(let reason):
      reason
    case .preprocessing(let source, let reason):
      "\(source): \(reason)."
    }
  }
}
