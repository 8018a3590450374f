import Foundation

/// Brings the labels of a dataset into the order of a model's outputs.
package struct ClassOrder: Sendable {
  /// How a user orders classes that have no names in the model.
  package enum Statement: Equatable, Sendable {
    /// As strings: 1, 10, 2.
    case sorted
    /// As numbers: 1, 2, 10; where all are below the number of outputs, a folder's name is its index.
    case numeric
    /// The model's class for each class of the data.
    case explicit([Int])
  }

  /// Classes that the model tells apart.
  package let outputs: Int
  /// The file stated with `--labels`.
  package var stated: LabelsFile?
  /// Lists of class names found beside data or model, or in the model, in that order.
  package var found: [ClassNames] = []
  /// Lists that may be anything's: one counts if it names all classes of the data and no more than the
  /// outputs.
  package var candidates: [ClassNames] = []
  /// Labels per image found in the data's folder.
  package var foundLabels: LabelsFile?
  package var statement: Statement?

  package init(outputs: Int) {
    self.outputs = outputs
  }

  /// - Throws: `DatasetError` when the order is not known, with both lists.
  package func apply(to dataset: inout Dataset) throws {
    var names: ClassNames?
    var ground = Reading.Ground.evidence
    if let stated {
      ground = .stated
      names = try take(stated, for: &dataset)
    } else if dataset.labels == nil, let foundLabels {
      names = try take(foundLabels, for: &dataset)
    }
    if names == nil {
      names = try listFound(&dataset)
      ground = .evidence
    }
    if let names {
      dataset.readings.append(
        Reading(.classOrder, "\(outputs) names from \(names.source)", ground))
    }
    try order(&dataset, names)
    describeClasses(&dataset)
  }

  /// The list found that fits; lists that fit must agree.
  private func listFound(_ dataset: inout Dataset) throws -> ClassNames? {
    let fitting =
      found.filter { $0.count == outputs } + candidates.filter { names(dataset, all: $0) }
    for other in found where other.count != outputs {
      if fitting.isEmpty { try refuse(other, ifItHolds: dataset) }
      dataset.readings.append(
        Reading(
          .classOrder, "\(other.source) is not used", .evidence,
          because: "it lists \(other.count) classes for \(outputs) outputs"))
    }
    guard let first = fitting.first else { return nil }
    for other in fitting.dropFirst() where !first.agrees(with: other) {
      throw DatasetError.ambiguous(
        path: dataset.path,
        readings: ["classes in the order of \(first.source)", "in that of \(other.source)"],
        hint: "The lists disagree; state the model's own with --labels")
    }
    return first
  }

  /// Whether a list names all of the data's classes, each once, as many as there are outputs.
  private func names(_ dataset: Dataset, all list: ClassNames) -> Bool {
    guard dataset.labelKind == .ownClasses, let own = dataset.classNames, list.count == outputs
    else {
      return false
    }
    return own.allSatisfy { list.indices(of: $0).count == 1 }
  }

  /// A list of another length that holds all the data's classes in another order is no accident.
  private func refuse(_ list: ClassNames, ifItHolds dataset: Dataset) throws {
    guard dataset.labelKind == .ownClasses, let own = dataset.classNames, statement == nil else {
      return
    }
    let places = own.map(list.indices(of:))
    guard places.allSatisfy({ $0.count == 1 }) else { return }
    let order = places.map { $0[0] }
    guard order != Array(order[0]..<order[0] + own.count) else { return }
    throw DatasetError.classes(
      "\(list.source) lists \(list.count) classes (\(listed(list.shown))), among them all of the "
        + "data's in another order, but the model has \(outputs) outputs. State the model's own list, "
        + "one name per output, with --labels.")
  }

  // MARK: Order

  private func order(_ dataset: inout Dataset, _ names: ClassNames?) throws {
    let own = dataset.classNames ?? []
    guard let labels = dataset.labels else {
      dataset.classNames = names?.shown ?? dataset.classNames
      return
    }
    if case .explicit(let map)? = statement {
      try rename(&dataset, map, labels, names)
      return
    }
    guard dataset.labelKind == .ownClasses, !own.isEmpty else {
      if let names { rename(&dataset, own, names, labels) }
      return
    }
    let map = try places(of: own, names, &dataset)
    dataset.labels = labels.map { map[$0] }
    dataset.ownClasses = map
    dataset.classNames = names?.shown ?? (map == Array(0..<outputs) ? own : renamed(own, map))
    dataset.labelKind = .modelIndices
  }

  private func rename(
    _ dataset: inout Dataset, _ map: [Int], _ labels: [Int], _ names: ClassNames?
  ) throws {
    let classes =
      dataset.labelKind == .ownClasses
      ? dataset.classNames?.count ?? outputs : (labels.max() ?? 0) &+ 1
    guard map.count >= classes, map.allSatisfy((0..<outputs).contains),
      Set(map).count == map.count
    else {
      throw DatasetError.classes(
        "--class-order: \(map.count) numbers for \(classes) classes of the data; give each a "
          + "different one of 0…\(outputs - 1).")
    }
    if let bad = labels.firstIndex(where: { !map.indices.contains($0) }) {
      throw DatasetError.labelRange(
        path: dataset.path, image: dataset.identifiers[bad], label: String(labels[bad]),
        classes: map.count)
    }
    dataset.labels = labels.map { map[$0] }
    let own = dataset.labelKind == .ownClasses ? dataset.classNames : nil
    dataset.ownClasses = Array(map.prefix(own?.count ?? map.count))
    dataset.classNames = names?.shown ?? own.map { renamed($0, map) }
    dataset.labelKind = .modelIndices
    dataset.readings.append(Reading(.classOrder, "one class of the model for each", .stated))
  }

  /// Indices of a data set that names its classes, such as CIFAR's: by name where all names are the
  /// model's too, else the indices are taken for the model's.
  private func rename(
    _ dataset: inout Dataset, _ own: [String], _ names: ClassNames, _ labels: [Int]
  ) {
    dataset.classNames = names.shown
    let matches = own.map(names.indices(of:))
    guard !own.isEmpty, matches.allSatisfy({ $0.count == 1 }),
      Set(matches.map { $0[0] }).count == own.count, labels.allSatisfy(own.indices.contains)
    else {
      guard !own.isEmpty, own != names.shown else { return }
      dataset.readings.append(
        Reading(
          .classOrder, "the data's indices are the model's", .convention,
          because: "its names (\(listed(own))) are not those of \(names.source)"))
      return
    }
    let map = matches.map { $0[0] }
    guard map != Array(own.indices) else { return }
    dataset.labels = labels.map { map[$0] }
    dataset.ownClasses = map
    dataset.readings.append(
      Reading(.classOrder, "the data's indices, by their names", .evidence))
  }

  private func renamed(_ own: [String], _ map: [Int]) -> [String] {
    var names = (0..<outputs).map { "class \($0)" }
    for (name, place) in zip(own, map) { names[place] = name }
    return names
  }

  /// The model's class of each of the data's own.
  private func places(
    of own: [String], _ names: ClassNames?, _ dataset: inout Dataset
  ) throws -> [Int] {
    if let names {
      let matches = own.map(names.indices(of:))
      if matches.allSatisfy({ $0.count == 1 }), Set(matches.map { $0[0] }).count == own.count {
        return matches.map { $0[0] }
      }
      let isNumbered = own.allSatisfy { Int($0) != nil } || own.allSatisfy(ClassNames.isWordNetID)
      guard matches.allSatisfy(\.isEmpty), isNumbered, own.count == outputs else {
        let strangers = zip(own, matches).filter { $0.1.isEmpty }.map(\.0)
        let twice = zip(own, matches).filter { $0.1.count > 1 }.map(\.0)
        throw DatasetError.classes(
          strangers.isEmpty
            ? "\(names.source) has more than one class for \(listed(twice.isEmpty ? own : twice)). "
              + "Make the names differ."
            : "Classes of the data that \(names.source) does not list: \(listed(strangers)). It lists "
              + "\(listed(names.shown)). Rename the folders, or state the right list with --labels."
        )
      }
    }
    if statement == .numeric { return try numericPlaces(own, &dataset) }
    guard own.count == outputs else {
      throw DatasetError.classes(
        "The data has \(own.count) classes (\(listed(own))), the model \(outputs) outputs"
          + (names.map { " (\(listed($0.shown)))" } ?? "")
          + ": which is which is not known. State the model's class names, in its order, with "
          + "--labels"
          + (own.allSatisfy { Int($0) != nil }
            ? "; or --class-order numeric if a class's name is its index." : "."))
    }
    let sorted = own.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard own == sorted || statement == .sorted else {
      throw DatasetError.ambiguous(
        path: dataset.path,
        readings: [
          "classes in the order of the columns (\(listed(own)))",
          "classes sorted as strings (\(listed(sorted)))",
        ],
        hint:
          "State the model's class names with --labels, or --class-order sorted, or --class-order "
          + own.indices.map(String.init).joined(separator: ",") + " for the columns' order")
    }
    dataset.readings.append(
      Reading(
        .classOrder, "the data's \(own.count) classes, sorted as strings",
        statement == .sorted ? .stated : .convention,
        because: own.allSatisfy(ClassNames.isWordNetID)
          ? "WordNet ids sort in ImageNet's order"
          : "as many as outputs, no names in the model; as torchvision's ImageFolder"))
    if statement == nil, let numbers = numerals(own), numbers != numbers.sorted() {
      let sorted = numbers.sorted()
      dataset.numericOrder = numbers.map { sorted.firstIndex(of: $0) ?? 0 }
    }
    return own.map { sorted.firstIndex(of: $0) ?? 0 }
  }

  /// The numbers of names that are numbers, or of names such as `class_7` that end in one after the same
  /// text; nil for others.
  private func numerals(_ names: [String]) -> [Int]? {
    let heads = Set(names.map { String($0.prefix { !$0.isNumber }) })
    guard heads.count == 1, let head = heads.first else { return nil }
    let numbers = names.compactMap { Int($0.dropFirst(head.count)) }
    return numbers.count == names.count && Set(numbers).count == numbers.count ? numbers : nil
  }

  private func numericPlaces(_ own: [String], _ dataset: inout Dataset) throws -> [Int] {
    guard let numbers = numerals(own) else {
      throw DatasetError.classes(
        "--class-order numeric: the classes \(listed(own)) are not all different whole numbers.")
    }
    let areIndices =
      own.allSatisfy { Int($0) != nil } && numbers.allSatisfy((0..<outputs).contains)
    guard areIndices || own.count == outputs else {
      throw DatasetError.classes(
        "--class-order numeric: \(listed(own)) are neither indices of 0…\(outputs - 1) nor as many as "
          + "the model's outputs.")
    }
    dataset.readings.append(
      Reading(
        .classOrder, areIndices ? "a class's name is its index" : "names sorted as numbers", .stated
      ))
    if areIndices { return numbers }
    let sorted = numbers.sorted()
    return numbers.map { number in sorted.firstIndex(of: number) ?? 0 }
  }

  /// Says which of the model's classes the data has.
  private func describeClasses(_ dataset: inout Dataset) {
    guard let labels = dataset.labels else { return }
    let present = Set(labels).sorted()
    guard present.count < outputs else { return }
    dataset.readings.append(
      Reading(
        .classesInData,
        "\(present.count) of the model's \(outputs): \(listed(present.map(dataset.className)))",
        .evidence))
  }
}

/// Names in a row, the first ten of many.
func listed(_ names: [String]) -> String {
  names.prefix(10).joined(separator: ", ")
    + (names.count > 10 ? " … \(names.count - 10) more" : "")
}
