/// Images, decoded when asked for, with their labels.
package struct Dataset: Sendable {
  /// What the labels' numbers count.
  package enum LabelKind: Equatable, Sendable {
    /// The model's classes, as far as the data knows.
    case modelIndices
    /// The data's own `classNames`, in an order that may not be the model's.
    case ownClasses
  }

  /// The folder or file it was read from.
  package let path: String
  package let format: String
  /// One name per image: a file's, or its index.
  package private(set) var identifiers: [String]
  /// One class index per image; nil when the dataset has no labels.
  package var labels: [Int]?
  /// Names by class index; nil when unknown.
  package var classNames: [String]?
  package var labelKind: LabelKind
  /// The label that each would be if class names were sorted as numbers and not as strings; nil where
  /// that is no question.
  package var numericOrder: [Int]?
  /// The label of each of the data's own classes, in their own order; nil where labels are indices.
  package var ownClasses: [Int]?
  /// What raw samples reach.
  package let range: SampleRange
  /// How it was read, and why.
  package var readings: [Reading]
  private let decode: @Sendable (Int) throws -> RawImage
  /// The EXIF orientation that a file states, 1...8; nil where images are not files.
  private let storedOrientation: (@Sendable (Int) -> Int)?
  /// Where each image lies in `decode`'s order.
  private var places: [Int]
  /// Names of all images that the data has, selected or not.
  package private(set) var allIdentifiers: [String]

  package init(
    path: String, format: String, identifiers: [String], labels: [Int]?,
    classNames: [String]? = nil, labelKind: LabelKind = .modelIndices,
    range: SampleRange = .bytes, readings: [Reading] = [],
    orientation: (@Sendable (Int) -> Int)? = nil,
    decode: @escaping @Sendable (Int) throws -> RawImage
  ) {
    self.path = path
    self.format = format
    self.identifiers = identifiers
    self.labels = labels
    self.classNames = classNames
    self.labelKind = labelKind
    self.range = range
    self.readings = readings
    self.decode = decode
    storedOrientation = orientation
    places = Array(identifiers.indices)
    allIdentifiers = identifiers
  }

  package var count: Int { identifiers.count }

  /// Whether images are files that may turn out damaged.
  package var holdsFiles: Bool { storedOrientation != nil }

  /// Decodes one image.
  ///
  /// - Throws: `DatasetError` naming the file.
  package func image(at index: Int) throws -> RawImage {
    precondition(identifiers.indices.contains(index), "image \(index) of \(count)")
    return try decode(places[index])
  }

  /// The EXIF orientation that an image's file states, 1...8; 1 for others.
  package func orientation(at index: Int) -> Int {
    storedOrientation?(places[index]) ?? 1
  }

  /// The images at some of the indices, in their order.
  package func selecting(_ indices: [Int]) -> Dataset {
    var dataset = self
    dataset.identifiers = indices.map { identifiers[$0] }
    dataset.labels = labels.map { labels in indices.map { labels[$0] } }
    dataset.places = indices.map { places[$0] }
    return dataset
  }

  /// The same images with rows and columns exchanged.
  package func transposed() -> Dataset {
    let (decode, places) = (decode, places)
    var dataset = Dataset(
      path: path, format: format, identifiers: identifiers, labels: labels,
      classNames: classNames, labelKind: labelKind, range: range, readings: readings,
      orientation: storedOrientation, decode: { try decode($0).transposed() })
    dataset.places = places
    dataset.allIdentifiers = allIdentifiers
    return dataset
  }

  /// What belongs to the images here, of a list for these or for all images that the data has; nil for
  /// lists of other lengths.
  func selected<Element>(_ list: [Element]) -> [Element]? {
    if list.count == allIdentifiers.count { return places.map { list[$0] } }
    return list.count == count ? list : nil
  }

  /// How to call a class in text: its name, or its number.
  package func className(_ index: Int) -> String {
    if let classNames, classNames.indices.contains(index) { return classNames[index] }
    return "class \(index)"
  }
}
