import Foundation
import GRDB
import History
import Testing

@Suite struct HistoryTests {
  private func withFile(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).sqlite").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private func run(
    _ date: String, plan: String = "p", accuracy: Double = 0.9, data: String = "images",
    method: String = "guided"
  ) -> HistoryRun {
    HistoryRun(
      date: date, version: "1", data: data, method: method, plan: plan, audited: 40,
      folder: "night", outcome: "passed",
      models: [.init(name: "a", digest: "d-\(date)"), .init(name: "b", digest: "e")],
      metrics: [
        .init(
          name: "accuracy", model: "a", threshold: nil, value: accuracy, low: 0.8, high: 0.95),
        .init(name: "sis_size.mean", model: "a", threshold: 0.9, value: 0.1, low: nil, high: nil),
        .init(name: "sis_size.mean", model: "a", threshold: 0.5, value: 0.05, low: nil, high: nil),
      ],
      checks: [
        .init(
          metric: "accuracy", model: "a", threshold: nil, limit: "≥ 0.9", severity: "fail",
          status: "passed", reason: "")
      ])
  }

  @Test func `Gives back what was added`() throws {
    try withFile { path in
      let history = try History(path: path, create: true)
      let id = try history.add(run("2026-01-02"))
      var expected = run("2026-01-02")
      expected.id = id
      let kept = try history.run(id)
      #expect(kept == expected)
    }
  }

  @Test func `Lists runs oldest first, in whatever order they came`() throws {
    try withFile { path in
      let history = try History(path: path, create: true)
      for date in ["2026-01-02", "2026-01-01", "2026-01-03"] { try history.add(run(date)) }
      let runs = try history.runs()
      #expect(runs.map(\.date) == ["2026-01-01", "2026-01-02", "2026-01-03"])
      #expect(runs[1].models.map(\.name) == ["a", "b"])
    }
  }

  @Test func `The same run again replaces itself`() throws {
    try withFile { path in
      let history = try History(path: path, create: true)
      try history.add(run("2026-01-01", accuracy: 0.5))
      try history.add(run("2026-01-01", accuracy: 0.7))
      let count = try history.runs().count
      #expect(count == 1)
      let points = try history.series(
        "accuracy", threshold: nil, data: "images", method: "guided")
      #expect(points.map(\.value) == [0.7])
    }
  }

  @Test func `A series holds one threshold, dataset and method`() throws {
    try withFile { path in
      let history = try History(path: path, create: true)
      try history.add(run("2026-01-01"))
      try history.add(run("2026-01-02", data: "others"))
      try history.add(run("2026-01-03", method: "exact"))
      try history.add(run("2026-01-04"))
      let points = try history.series(
        "sis_size.mean", threshold: 0.9, data: "images", method: "guided")
      #expect(points.map(\.date) == ["2026-01-01", "2026-01-04"])
      #expect(points.map(\.value) == [0.1, 0.1])
      #expect(points.map(\.digest) == ["d-2026-01-01", "d-2026-01-04"])
      let metrics = try history.metrics()
      #expect(metrics.map(\.name) == ["accuracy", "sis_size.mean"])
      #expect(metrics.map(\.thresholds) == [[], [0.5, 0.9]])
    }
  }

  @Test func `Removing a run removes its numbers`() throws {
    try withFile { path in
      let history = try History(path: path, create: true)
      let id = try history.add(run("2026-01-01"))
      try history.add(run("2026-01-02"))
      try history.remove([id])
      let dates = try history.runs().map(\.date)
      #expect(dates == ["2026-01-02"])
      #expect(throws: HistoryError.noRun(id: id, path: path)) { try history.run(id) }
      let points = try history.series(
        "accuracy", threshold: nil, data: "images", method: "guided")
      #expect(points.count == 1)
    }
  }

  @Test func `Several writers lose nothing`() throws {
    try withFile { path in
      let group = DispatchGroup()
      for writer in 0..<4 {
        let thread = Thread {
          // Each opens the file itself, as another process would, and the first ones create it.
          do {
            let history = try History(path: path, create: true)
            for index in 0..<10 {
              try history.add(run("2026-01-01", plan: "\(writer)-\(index)"))
            }
          } catch {
            Issue.record(error)
          }
          group.leave()
        }
        group.enter()
        thread.start()
      }
      group.wait()
      let count = try History(path: path, create: false).runs().count
      #expect(count == 40)
    }
  }

  @Test func `Says what is wrong with a file`() throws {
    try withFile { path in
      #expect(throws: HistoryError.missing(path: path)) { try History(path: path, create: false) }
      try Data(repeating: 7, count: 5000).write(to: URL(fileURLWithPath: path))
      #expect(throws: HistoryError.self) { try History(path: path, create: true) }
    }
    try withFile { path in
      let queue = try DatabaseQueue(path: path)
      try queue.write { try $0.execute(sql: "CREATE TABLE bookmark (url TEXT)") }
      #expect(throws: HistoryError.self) { try History(path: path, create: true) }
      let tables = try queue.read {
        try String.fetchAll($0, sql: "SELECT name FROM sqlite_master")
      }
      #expect(tables == ["bookmark"])
    }
    try withFile { path in
      _ = try History(path: path, create: true)
      let queue = try DatabaseQueue(path: path)
      try queue.write {
        try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 from the future')")
      }
      #expect(throws: HistoryError.newer(path: path)) { try History(path: path, create: false) }
    }
  }
}
