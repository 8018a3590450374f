extension Array {
  /// The index of the first element that satisfies a condition which all later ones satisfy too;
  /// `count` when none does.
  ///
  /// - Complexity: O(log *n*) calls.
  package func partition(_ condition: (Element) -> Bool) -> Int {
    var (start, end) = (0, count)
    while start < end {
      let middle = (start + end) / 2
      if condition(self[middle]) {
        end = middle
      } else {
        start = middle + 1
      }
    }
    return start
  }

  /// That element; nil when none does.
  func firstFound(_ condition: (Element) -> Bool) -> Element? {
    let index = partition(condition)
    return index < count ? self[index] : nil
  }
}
