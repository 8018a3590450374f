/// One folder per class with image files, as torchvision's `ImageFolder`: classes sorted as strings.
///
/// A class folder is one with images directly in it; what lies below it counts too. A folder or file
/// without class folders is a dataset without labels.
package enum ImageFolder: DatasetReader {
  package static let format = "folder"

  /// Folders that name a part of a dataset, not a class.
  private static let splits: Set<String> = [
    "dev", "eval", "test", "testing", "train", "training", "val", "valid", "validation",
  ]

  package static func recognises(_ path: DatasetPath) -> Bool {
    if !path.isFolder { return imageExtensions.contains(path.fileExtension) }
    return ImageTree.holdsImages(path)
  }

  package static func read(_ path: DatasetPath, options: DatasetOptions) throws -> Dataset {
    guard path.isFolder else {
      return FileImages(files: [path], appliesOrientation: options.appliesOrientation)
        .dataset(path, format: format, labels: nil)
    }
    if let split = options.split, Manifest.recognises(path.appending(split)) {
      return try Manifest.read(path, options: options)
    }
    var readings: [Reading] = []
    let tree = try root(of: try ImageTree(path.descending(toSplit: options.split)), &readings)
    let classes = try classFolders(of: tree)
    var passedOver = tree.allPassedOver
    guard !classes.isEmpty else {
      return FileImages(files: tree.images, appliesOrientation: options.appliesOrientation)
        .dataset(
          path, format: format, labels: nil,
          readings: readings + [Reading.passedOver(passedOver, in: path)].compactMap { $0 })
    }
    passedOver += tree.images.map {
      ImageTree.PassedOver(reason: "pictures outside the class folders", path: $0)
    }
    let names = classes.map(\.path.name)
    passedOver += tree.folders.filter { !names.contains($0.path.name) }.map {
      ImageTree.PassedOver(
        reason: $0.holdsImages
          ? "folders with pictures only further down" : "folders without pictures", path: $0.path)
    }
    let files = classes.map(\.allImages)
    return FileImages(
      files: files.flatMap { $0 }, appliesOrientation: options.appliesOrientation
    ).dataset(
      path, format: format,
      labels: files.enumerated().flatMap { [Int](repeating: $0, count: $1.count) },
      classNames: names, labelKind: .ownClasses,
      readings: readings + [Reading.passedOver(passedOver, in: path)].compactMap { $0 })
  }

  /// The folder that holds the class folders: this one, or the only one in it that can.
  ///
  /// - Throws: `DatasetError.splitNeeded` when there are several parts.
  private static func root(of tree: ImageTree, _ readings: inout [Reading]) throws -> ImageTree {
    let holding = tree.folders.filter(\.holdsImages)
    let parts = holding.filter { splits.contains($0.path.name.lowercased()) && $0.images.isEmpty }
    if parts.count > 1 || !parts.isEmpty && holding.count > parts.count {
      throw DatasetError.splitNeeded(path: tree.path.path, splits: parts.map(\.path.name))
    }
    guard tree.images.isEmpty, holding.count == 1, let only = holding.first, only.images.isEmpty,
      only.folders.contains(where: { !$0.images.isEmpty || parts.count == 1 })
    else { return tree }
    readings.append(
      Reading(
        .images, "those in '\(only.path.name)'", .evidence,
        because: "the only folder with class folders"))
    return only
  }

  /// Folders with images directly in them; or, where every folder holds its images in one of the same
  /// name, as Tiny ImageNet's, all of those.
  ///
  /// - Throws: `DatasetError.malformed` when class folders lie deeper.
  private static func classFolders(of tree: ImageTree) throws -> [ImageTree] {
    let holding = tree.folders.filter(\.holdsImages)
    let direct = holding.filter { !$0.images.isEmpty }
    if !direct.isEmpty || holding.isEmpty { return direct }
    let inner = holding.map { folder in folder.folders.filter(\.holdsImages) }
    let names = Set(inner.flatMap { $0.map(\.path.name) })
    if names.count == 1, inner.allSatisfy({ $0.count == 1 && !$0[0].images.isEmpty }) {
      return holding
    }
    throw DatasetError.malformed(
      path: tree.path.path,
      reason:
        "its folders (\(holding.prefix(3).map(\.path.name).joined(separator: ", "))…) hold no "
        + "pictures themselves, only folders of pictures. Name the folder that holds the class "
        + "folders")
  }
}
