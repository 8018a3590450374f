/// One folder per class with PNG or JPEG files, as torchvision's ImageFolder: classes sorted as
/// strings.
///
/// A folder or file without class folders is a dataset without labels.
package enum ImageFolder: DatasetReader {
  package static let format = "folder"

  package static func recognises(_ path: DatasetPath) -> Bool {
    if !path.isFolder { return imageExtensions.contains(path.fileExtension) }
    return containsImage(path, depth: 4)
  }

  private static func containsImage(_ path: DatasetPath, depth: Int) -> Bool {
    let entries = path.entries.map(path.appending)
    if entries.contains(where: { imageExtensions.contains($0.fileExtension) }) { return true }
    return depth > 0
      && entries.contains { $0.isFolder && containsImage($0, depth: depth - 1) }
  }

  package static func read(_ path: DatasetPath, options: DatasetOptions) throws -> Dataset {
    guard path.isFolder else { return dataset(path, [path], labels: nil, names: nil) }
    var root = path
    if let split = options.split {
      root = path.appending(split)
      guard root.isFolder else {
        throw DatasetError.empty(
          path: path.path, hint: "There is no folder '\(split)' in it. Check --split.")
      }
    }
    let classes = root.entries.filter { root.appending($0).isFolder }
    guard !classes.isEmpty else {
      return dataset(path, images(root), labels: nil, names: nil)
    }
    var files: [DatasetPath] = []
    var labels: [Int] = []
    for (label, name) in classes.enumerated() {
      let found = images(root.appending(name))
      files += found
      labels += [Int](repeating: label, count: found.count)
    }
    return dataset(path, files, labels: labels, names: classes)
  }

  private static func dataset(
    _ path: DatasetPath, _ files: [DatasetPath], labels: [Int]?, names: [String]?
  ) -> Dataset {
    let prefix = path.isFolder ? path.path + "/" : path.folder.path + "/"
    return Dataset(
      path: path.path, format: format,
      identifiers: files.map {
        $0.path.hasPrefix(prefix) ? String($0.path.dropFirst(prefix.count)) : $0.path
      },
      labels: labels, classNames: names, decode: { try decodeImageFile(files[$0]) })
  }

  /// Image files in a folder and below it, sorted by path.
  private static func images(_ folder: DatasetPath) -> [DatasetPath] {
    folder.entries.map(folder.appending).flatMap { entry in
      if entry.isFolder { return images(entry) }
      return imageExtensions.contains(entry.fileExtension) ? [entry] : []
    }
  }
}
