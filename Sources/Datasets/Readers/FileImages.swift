/// Image files of a dataset, decoded when asked for.
struct FileImages: Sendable {
  let files: [DatasetPath]
  let appliesOrientation: Bool

  func dataset(
    _ path: DatasetPath, format: String, identifiers: [String]? = nil, labels: [Int]?,
    classNames: [String]? = nil, labelKind: Dataset.LabelKind = .modelIndices,
    readings: [Reading] = []
  ) -> Dataset {
    let prefix = path.isFolder ? path.path + "/" : path.folder.path + "/"
    let names = files.map {
      $0.path.hasPrefix(prefix) ? String($0.path.dropFirst(prefix.count)) : $0.path
    }
    return Dataset(
      path: path.path, format: format, identifiers: identifiers ?? names, labels: labels,
      classNames: classNames, labelKind: labelKind, readings: readings,
      orientation: { [files] index in
        (try? files[index].bytes()).map(imageOrientation) ?? 1
      },
      decode: { [files, appliesOrientation] index in
        try decodeImageFile(files[index], appliesOrientation: appliesOrientation)
      })
  }
}
