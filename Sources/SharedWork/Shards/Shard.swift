/// Which share of some work this process does: the pieces whose turn it is among `count` processes.
///
/// Pieces are the same for any number of shards, so that a retry may have another one.
package struct Shard: Codable, Equatable, Sendable {
  /// 1...count.
  package let index: Int
  package let count: Int

  /// All of the work.
  package static let whole = Shard(index: 1, count: 1)

  package init(index: Int, count: Int) {
    precondition((1...max(count, 1)).contains(index), "shard \(index) of \(count)")
    self.index = index
    self.count = count
  }

  package func owns(_ piece: Int) -> Bool { piece % count == index - 1 }

  /// The shard that a piece is the turn of.
  package static func owner(of piece: Int, count: Int) -> Int { piece % count + 1 }

  /// Of `count` pieces those whose turn it is.
  package func pieces(of count: Int) -> [Int] {
    Array(stride(from: index - 1, to: count, by: self.count))
  }
}

extension Shard: CustomStringConvertible {
  package var description: String { "\(index)/\(count)" }
}

/// Numbers as schedulers take them: `1-3,7`.
///
/// `numbers`: ascending.
package func ranges(_ numbers: [Int]) -> String {
  var runs: [ClosedRange<Int>] = []
  for number in numbers {
    if let last = runs.last, last.upperBound + 1 == number {
      runs[runs.count - 1] = last.lowerBound...number
    } else {
      runs.append(number...number)
    }
  }
  return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
    .joined(separator: ",")
}
