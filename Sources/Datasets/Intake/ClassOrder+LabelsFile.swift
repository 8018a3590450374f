import Foundation

// What a labels file says of a dataset.
extension ClassOrder {
  /// Reads a labels file for a dataset: returns class names, or changes its labels.
  func take(_ file: LabelsFile, for dataset: inout Dataset) throws -> ClassNames? {
    switch file.content {
    case .names(let aliases):
      return try checked(ClassNames(aliases, source: "'\(file.name)'"), for: &dataset)
    case .numbers(let numbers):
      return try takeNumbers(numbers, file, for: &dataset)
    case .files(let files):
      try takeFiles(files, file, for: &dataset)
    case .array(let array):
      let isOfAll = array.shape.first == dataset.allIdentifiers.count
      let labels = try LabelArray(
        array, path: file.path, images: isOfAll ? dataset.allIdentifiers.count : dataset.count)
      try checkOrder(of: dataset, file)
      dataset.labels = dataset.selected(labels.labels)
      dataset.classNames = labels.classNames
      dataset.labelKind = labels.classNames == nil ? .modelIndices : .ownClasses
      dataset.readings.append(
        Reading(.labels, "\(labels.description) of '\(file.name)'", .stated))
    }
    return nil
  }

  /// As many names as outputs; or as many as images, where they are the images' own.
  private func checked(_ names: ClassNames, for dataset: inout Dataset) throws -> ClassNames? {
    if names.count == outputs { return names }
    if dataset.labels == nil, names.count == dataset.count {
      let (labels, distinct) = Dataset.numbered(names.shown)
      dataset.labels = labels
      dataset.classNames = distinct
      dataset.labelKind = .ownClasses
      dataset.readings.append(Reading(.labels, "a name per image, from \(names.source)", .stated))
      return nil
    }
    throw DatasetError.classes(
      "\(names.source) lists \(names.count) classes (\(listed(names.shown))); the model has "
        + "\(outputs) outputs. State the model's own list with --labels.")
  }

  /// Numerals that may be the names of classes or the labels of images.
  private func takeNumbers(
    _ numbers: [Int], _ file: LabelsFile, for dataset: inout Dataset
  ) throws -> ClassNames? {
    let names = ClassNames(numbers.map { [String($0)] }, source: "'\(file.name)'")
    let own = dataset.labelKind == .ownClasses ? dataset.classNames : nil
    let namesOwn = own.map { $0.allSatisfy { names.indices(of: $0).count == 1 } } ?? false
    let mayBeNames = numbers.count == outputs && Set(numbers).count == numbers.count
    let labels = dataset.selected(numbers)
    let mayBeLabels = labels != nil
    if mayBeNames, namesOwn || !mayBeLabels { return names }
    guard mayBeLabels else {
      throw DatasetError.malformed(
        path: file.path,
        reason:
          "\(numbers.count) whole numbers are neither names of the model's \(outputs) classes "
          + "nor labels of the \(dataset.count) images")
    }
    guard !mayBeNames else {
      throw DatasetError.ambiguous(
        path: file.path, readings: ["names of classes", "labels of images"],
        hint: "There are as many images as classes. Write 'index name' lines for names, or "
          + "'file index' lines for labels")
    }
    try checkOrder(of: dataset, file)
    dataset.readings.append(
      Reading(
        .labels, "an index per image, from '\(file.name)'", .stated,
        because: dataset.labels == nil ? "" : "in place of the data's own"))
    dataset.labels = labels
    dataset.classNames = nil
    dataset.labelKind = .modelIndices
    return nil
  }

  /// Labels by position need images whose order is no question.
  ///
  /// - Throws: `DatasetError.ambiguous` for files that sort otherwise as strings and as numbers.
  private func checkOrder(of dataset: Dataset, _ file: LabelsFile) throws {
    guard dataset.format == ImageFolder.format else { return }
    let names = dataset.allIdentifiers
    let natural = names.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
    guard let place = names.indices.first(where: { names[$0] != natural[$0] }) else { return }
    throw DatasetError.ambiguous(
      path: file.path,
      readings: [
        "labels of files sorted as strings (place \(place): '\(names[place])')",
        "sorted as numbers (place \(place): '\(natural[place])')",
      ],
      hint: "Write 'file index' lines, which need no order")
  }

  private func takeFiles(
    _ files: [LabelsFile.File], _ file: LabelsFile, for dataset: inout Dataset
  ) throws {
    func base(_ name: String) -> String { name.fileName }
    var exact: [String: String] = [:]
    for line in files {
      guard exact[line.name] ?? line.label == line.label else {
        throw DatasetError.malformed(
          path: file.path, reason: "it gives '\(line.name)' two labels")
      }
      exact[line.name] = line.label
    }
    let byBase = Dictionary(grouping: files, by: { base($0.name) })
    let labels = try dataset.identifiers.map { identifier -> String in
      if let label = exact[identifier] { return label }
      let sameBase = Set(byBase[base(identifier)]?.map(\.label) ?? [])
      guard let label = sameBase.first, sameBase.count == 1 else {
        throw DatasetError.malformed(
          path: file.path,
          reason: sameBase.isEmpty
            ? "it has no line for image '\(identifier)'"
            : "several files are called '\(base(identifier))' with different labels; state paths "
              + "from the data's folder")
      }
      return label
    }
    let numbers = labels.compactMap { Int($0) }
    if numbers.count == labels.count {
      dataset.labels = numbers
      dataset.classNames = nil
      dataset.labelKind = .modelIndices
    } else {
      let (indices, names) = Dataset.numbered(labels)
      dataset.labels = indices
      dataset.classNames = names
      dataset.labelKind = .ownClasses
    }
    let known = Set(dataset.allIdentifiers.map(base))
    let unread = files.filter { !known.contains(base($0.name)) }
    if let first = unread.first {
      dataset.readings.append(
        Reading(
          .passedOver,
          "\(unread.count) lines of '\(file.name)' for files that are not there (first "
            + "'\(first.name)')", .evidence))
    }
    dataset.readings.append(
      Reading(.labels, "by file name, from '\(file.name)'", stated == nil ? .evidence : .stated))
  }
}
