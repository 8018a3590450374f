/// Images, decoded when asked for, with their labels.
package struct Dataset: Sendable {
  /// The folder or file it was read from.
  package let path: String
  package let format: String
  /// One name per image: a file's, or its index.
  package let identifiers: [String]
  /// One class index per image; nil when the dataset has no labels.
  package var labels: [Int]?
  /// Names by class index; nil when unknown.
  package var classNames: [String]?
  /// Whether samples are floats stated by the user, which are not divided by 255.
  package let holdsFloats: Bool
  private let decode: @Sendable (Int) throws -> RawImage

  package init(
    path: String, format: String, identifiers: [String], labels: [Int]?,
    classNames: [String]? = nil, holdsFloats: Bool = false,
    decode: @escaping @Sendable (Int) throws -> RawImage
  ) {
    self.path = path
    self.format = format
    self.identifiers = identifiers
    self.labels = labels
    self.classNames = classNames
    self.holdsFloats = holdsFloats
    self.decode = decode
  }

  package var count: Int { identifiers.count }

  /// Decodes one image.
  ///
  /// - Throws: `DatasetError` naming the file.
  package func image(at index: Int) throws -> RawImage {
    precondition(identifiers.indices.contains(index), "image \(index) of \(count)")
    return try decode(index)
  }

  /// How to call a class in text: its name, or its number.
  package func className(_ index: Int) -> String {
    if let classNames, classNames.indices.contains(index) { return classNames[index] }
    return "class \(index)"
  }
}
