/// What a flag or a scheduler says of the shard that a process is.
package struct ShardRequest: Equatable, Sendable {
  /// As the scheduler counts.
  package let number: Int
  /// How many there are; nil where that is not said, or cannot be told.
  package let count: Int?
  /// How the scheduler counts: from which number on, and in which steps.
  package let first: Int
  package let step: Int
  /// The flag or variable that said so.
  package let source: String
  /// Whether a person stated it: what a scheduler says gives way to what shards before it were told.
  package let isStated: Bool

  init(
    number: Int, count: Int?, first: Int, step: Int = 1, source: String, isStated: Bool = false
  ) {
    self.number = number
    self.count = count
    self.first = first
    self.step = step
    self.source = source
    self.isStated = isStated
  }

  /// Reads `3/8`, or `3` where the number of shards is known otherwise.
  ///
  /// - Throws: `SharedWorkError.shard`.
  package init(_ text: String, shards: Int?, source: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count == parts.count, (1...2).contains(parts.count) else {
      throw SharedWorkError.shard(
        what: source, reason: "'\(text)' is not a shard such as 3/8")
    }
    let count = numbers.count == 2 ? numbers[1] : shards
    guard numbers[0] >= 1, count.map({ $0 >= numbers[0] }) ?? true else {
      throw SharedWorkError.shard(
        what: source, reason: "'\(text)': shards count from 1 to their number")
    }
    self.init(
      number: numbers[0], count: count, first: 1, source: source, isStated: true)
  }

  /// What the environment says, in this order: `OVERINTERP_SHARD`, a Slurm array, an indexed Job of
  /// Kubernetes, an array of AWS Batch, parallel jobs of GitLab.
  ///
  /// `shards`: how many there are, where that is stated.
  ///
  /// Nil where none says anything, or says that there is one.
  ///
  /// Throws `SharedWorkError.shard` where a variable makes no sense.
  package init?(environment: [String: String], shards: Int?) throws {
    func number(_ name: String) throws -> Int? {
      guard let text = environment[name], !text.isEmpty else { return nil }
      guard let number = Int(text) else {
        throw SharedWorkError.shard(what: name, reason: "'\(text)' is not a number")
      }
      return number
    }
    if let text = environment["OVERINTERP_SHARD"], !text.isEmpty {
      try self.init(text, shards: shards, source: "OVERINTERP_SHARD")
    } else if let task = try number("SLURM_ARRAY_TASK_ID") {
      let count = try number("SLURM_ARRAY_TASK_COUNT")
      let (low, high) = (try number("SLURM_ARRAY_TASK_MIN"), try number("SLURM_ARRAY_TASK_MAX"))
      let step = max(1, try number("SLURM_ARRAY_TASK_STEP") ?? 1)
      // Of a list such as 3,7 nobody can tell which of how many they are.
      let isRange = if let low, let high { count == (high - low) / step + 1 } else { false }
      self.init(
        number: task, count: shards ?? (isRange ? count : nil), first: low ?? 1, step: step,
        source: "SLURM_ARRAY_TASK_ID")
    } else if let index = try number("JOB_COMPLETION_INDEX") {
      self.init(number: index, count: shards, first: 0, source: "JOB_COMPLETION_INDEX")
    } else if let index = try number("AWS_BATCH_JOB_ARRAY_INDEX") {
      let size = try number("AWS_BATCH_JOB_ARRAY_SIZE")
      self.init(
        number: index, count: shards ?? size, first: 0, source: "AWS_BATCH_JOB_ARRAY_INDEX")
    } else if let index = try number("CI_NODE_INDEX") {
      let total = try number("CI_NODE_TOTAL")
      self.init(
        number: index, count: shards ?? total, first: 1, source: "CI_NODE_INDEX")
    } else {
      return nil
    }
  }
}

extension ShardRequest {
  /// Whether shards share the work at all: one alone, that nobody was told of before, does not.
  package func isShared(in folder: ShardFolder) -> Bool {
    isStated || count != 1 || folder.pinned != nil
  }

  /// The shard that this is, among as many as the folder says; whoever comes first says how many.
  ///
  /// A person's word changes that number: parts of the work do not depend on it.
  ///
  /// Throws `SharedWorkError`.
  package func shard(in folder: ShardFolder) throws -> Shard {
    var pinned = folder.pinned
    if isStated, let count, pinned?.count != count {
      pinned = PinnedShards(count: count, first: 1, step: 1)
      try folder.pin(PinnedShards(count: count, first: 1, step: 1))
    }
    if pinned == nil, let count {
      pinned = try folder.pinIfFirst(PinnedShards(count: count, first: first, step: step))
    }
    guard let pinned else {
      throw SharedWorkError.shard(
        what: source,
        reason:
          "\(number) of how many cannot be told; state --shards, such as --shards 8, or --shard 3/8"
      )
    }
    // A person counts from 1; a scheduler as it did when the first shard came.
    let (first, step) = isStated ? (1, 1) : (pinned.first, pinned.step)
    let place = number - first
    guard place >= 0, place % step == 0, place / step < pinned.count else {
      throw SharedWorkError.shard(
        what: source,
        reason:
          "\(number) is none of the \(pinned.count) shards that '\(folder.path)' was begun with "
          + "(\(pinned.numbers(Array(1...pinned.count)))); state --shard i/n")
    }
    return Shard(index: place / step + 1, count: pinned.count)
  }
}

/// How many shards there are, and how the scheduler that started them counts.
package struct PinnedShards: Codable, Equatable, Sendable {
  package let count: Int
  let first: Int
  let step: Int

  /// Shards as the scheduler counts them, such as `0-3,7`.
  package func numbers(_ shards: [Int]) -> String { ranges(shards.map { first + ($0 - 1) * step }) }
}
