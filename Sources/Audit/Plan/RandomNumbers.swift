/// SplitMix64 (Steele, Lea, Flood 2014): the same draws on every machine.
package struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// `stream`: tells draws for different purposes apart under one seed.
  package init(seed: UInt64, stream: UInt64) {
    state = seed
    let first = next()
    state = first ^ (stream &* 0xd134_2543_de82_ef95)
    _ = next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

extension SeededGenerator {
  /// `count` of `0..<total` without replacement, ascending, each set equally likely.
  package mutating func sample(_ count: Int, of total: Int) -> [Int] {
    Array(shuffled(total).prefix(count)).sorted()
  }

  /// `0..<total` in random order (Fisher–Yates; the bound is drawn by multiplication).
  package mutating func shuffled(_ total: Int) -> [Int] {
    var numbers = Array(0..<total)
    for index in stride(from: total - 1, to: 0, by: -1) {
      numbers.swapAt(index, Int(next().multipliedFullWidth(by: UInt64(index + 1)).high))
    }
    return numbers
  }
}
