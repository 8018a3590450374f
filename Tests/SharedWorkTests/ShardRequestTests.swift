import SharedWork
import Testing

@Suite struct ShardRequestTests {
  private func shard(
    _ environment: [String: String], shards: Int? = nil, in folder: ShardFolder
  ) throws -> Shard? {
    guard let request = try ShardRequest(environment: environment, shards: shards),
      request.isShared(in: folder)
    else { return nil }
    return try request.shard(in: folder)
  }

  private func slurm(_ task: Int, count: Int, _ range: ClosedRange<Int>, step: Int = 1)
    -> [String: String]
  {
    [
      "SLURM_ARRAY_TASK_ID": "\(task)", "SLURM_ARRAY_TASK_COUNT": "\(count)",
      "SLURM_ARRAY_TASK_MIN": "\(range.lowerBound)", "SLURM_ARRAY_TASK_MAX": "\(range.upperBound)",
      "SLURM_ARRAY_TASK_STEP": "\(step)",
    ]
  }

  @Test(arguments: [
    (["OVERINTERP_SHARD": "3/8", "SLURM_ARRAY_TASK_ID": "1"], nil, Shard(index: 3, count: 8)),
    (["JOB_COMPLETION_INDEX": "0"], 4, Shard(index: 1, count: 4)),
    (
      ["AWS_BATCH_JOB_ARRAY_INDEX": "9", "AWS_BATCH_JOB_ARRAY_SIZE": "10"], nil,
      Shard(index: 10, count: 10)
    ),
    (["CI_NODE_INDEX": "2", "CI_NODE_TOTAL": "5"], nil, Shard(index: 2, count: 5)),
    ([:], nil, nil), ([:], 4, nil),
    // What GitLab sets in every job.
    (["CI_NODE_TOTAL": "1"], nil, nil),
  ])
  func `Reads what schedulers say`(
    _ environment: [String: String], _ shards: Int?, _ expected: Shard?
  ) throws {
    try withTemporaryFolder { folder in
      let found = try shard(environment, shards: shards, in: ShardFolder(run: folder))
      #expect(found == expected)
    }
  }

  @Test(arguments: [
    (0...3, 1, 2, 3), (1...4, 1, 4, 4), (10...40, 10, 30, 3), (5...8, 1, 5, 1),
  ])
  func `Counts a Slurm array from whatever it counts from`(
    _ range: ClosedRange<Int>, _ step: Int, _ task: Int, _ expected: Int
  ) throws {
    try withTemporaryFolder { folder in
      let found = try shard(
        slurm(task, count: 4, range, step: step), in: ShardFolder(run: folder))
      #expect(found == Shard(index: expected, count: 4))
    }
  }

  @Test func `A retry of some tasks is the same shards of the same number`() throws {
    try withTemporaryFolder { folder in
      let shared = ShardFolder(run: folder)
      let first = try shard(slurm(0, count: 8, 0...7), in: shared)
      // --array=3,7: two tasks, of which one alone would be taken for the first.
      let third = try shard(slurm(3, count: 2, 3...7), in: shared)
      let last = try shard(slurm(7, count: 2, 3...7), in: shared)
      // --array=5: one task.
      let alone = try shard(slurm(5, count: 1, 5...5), in: shared)
      #expect([first, third, last, alone].map { $0?.index } == [1, 4, 8, 6])
      #expect([first, third, last, alone].allSatisfy { $0?.count == 8 })
      #expect(shared.pinned?.numbers([4, 8]) == "3,7")
      #expect(throws: SharedWorkError.self) { try shard(slurm(8, count: 1, 8...8), in: shared) }
    }
  }

  @Test func `A list that nobody can count is refused, and an array of one is no sharing`() throws {
    try withTemporaryFolder { folder in
      let shared = ShardFolder(run: folder)
      #expect(throws: SharedWorkError.self) { try shard(slurm(3, count: 2, 3...7), in: shared) }
      let told = try shard(slurm(3, count: 2, 3...7), shards: 8, in: shared)
      #expect(told?.count == 8)
    }
    try withTemporaryFolder { folder in
      let found = try shard(slurm(1, count: 1, 1...1), in: ShardFolder(run: folder))
      #expect(found == nil)
    }
  }

  @Test func `A person's word changes the number, a scheduler's does not`() throws {
    try withTemporaryFolder { folder in
      let shared = ShardFolder(run: folder)
      _ = try ShardRequest("2/4", shards: nil, source: "--shard").shard(in: shared)
      let told = try shard(slurm(2, count: 9, 1...9), in: shared)
      #expect(told == Shard(index: 2, count: 4))
      let stated = try ShardRequest("7/9", shards: nil, source: "--shard").shard(in: shared)
      #expect(stated == Shard(index: 7, count: 9) && shared.pinned?.count == 9)
    }
  }

  @Test(arguments: ["0/4", "5/4", "x", "1/2/3", "", "-1/2", "1/0", "1/"])
  func `Refuses what is no shard`(_ text: String) {
    #expect(throws: SharedWorkError.self) {
      try ShardRequest(text, shards: nil, source: "--shard")
    }
  }

  @Test func `Every piece is one shard's, for any number of them`() {
    for count in 1...9 {
      let all = (1...count).flatMap { Shard(index: $0, count: count).pieces(of: 20) }
      #expect(all.sorted() == Array(0..<20))
      for index in 1...count {
        let shard = Shard(index: index, count: count)
        #expect(shard.pieces(of: 20) == (0..<20).filter(shard.owns))
        #expect(shard.pieces(of: 20).allSatisfy { Shard.owner(of: $0, count: count) == index })
      }
    }
    #expect(Shard(index: 5, count: 7).pieces(of: 3).isEmpty)
  }

  @Test func `Numbers are written as schedulers take them`() {
    #expect(ranges([1, 2, 3, 7, 9, 10]) == "1-3,7,9-10")
    #expect(ranges([4]) == "4" && ranges([]) == "")
  }
}
