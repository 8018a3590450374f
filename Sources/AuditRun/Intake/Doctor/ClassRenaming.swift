import Audit
import Datasets

/// Other orders of the classes under which predictions fit the labels better.
struct ClassRenaming {
  let what: String
  let flags: [String]
  /// For each image, whether it is right under the other order.
  let isRight: [Bool]

  /// Longer lists are typed by nobody.
  private static let mostTyped = 100

  /// Names sorted as numbers, and the best one-to-one renaming.
  static func all(_ predicted: [Int], dataset: Dataset, classes: Int) -> [ClassRenaming] {
    guard let labels = dataset.labels else { return [] }
    var found: [ClassRenaming] = []
    if let order = dataset.numericOrder {
      found.append(
        ClassRenaming(
          what: "class names sorted as numbers", flags: ["--class-order numeric"],
          isRight: zip(predicted, labels).map { $0 == order[$1] }))
    }
    if let best = best(predicted, labels, dataset: dataset, classes: classes) {
      found.append(best)
    }
    return found
  }

  /// The renaming that the confusion matrix speaks for.
  ///
  /// Found on half of the images and judged on the other, both ways round, because the best of all
  /// renamings fits its own images however wrong it is.
  private static func best(
    _ predicted: [Int], _ labels: [Int], dataset: Dataset, classes: Int
  ) -> ClassRenaming? {
    guard classes <= 1000 else { return nil }
    func renaming(_ images: [Int]) -> [Int] {
      var counts = [[Double]](repeating: [Double](repeating: 0, count: classes), count: classes)
      for image in images { counts[labels[image]][predicted[image]] += 1 }
      // Classes without a majority stay what they are.
      for index in 0..<classes { counts[index][index] += 1e-3 }
      return bestAssignment(counts)
    }
    // Drawn, because labels often come in turns.
    var generator = SeededGenerator(seed: 0, stream: 4)
    let order = generator.shuffled(labels.count)
    let halves = [Array(order.prefix(order.count / 2)), Array(order.dropFirst(order.count / 2))]
    var isRight = [Bool](repeating: false, count: labels.count)
    for half in 0...1 {
      let map = renaming(halves[1 - half])
      for image in halves[half] { isRight[image] = predicted[image] == map[labels[image]] }
    }
    let map = renaming(Array(labels.indices))
    let renamed = (dataset.ownClasses ?? Array(0..<classes)).map { map[$0] }
    guard renamed != (dataset.ownClasses ?? Array(0..<classes)) else { return nil }
    return ClassRenaming(
      what: "classes renamed one to one",
      flags: [
        renamed.count > mostTyped
          ? "--labels with the model's own list"
          : "--class-order \(renamed.map(String.init).joined(separator: ","))"
      ], isRight: isRight)
  }
}
