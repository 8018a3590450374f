import Foundation
import GRDB

/// Audits over time, in an SQLite file that several jobs may write to.
package struct History: Sendable {
  package let path: String
  private let queue: DatabaseQueue

  /// How long a writer waits for another.
  private static let patience: TimeInterval = 60

  /// Opens a history, or starts one.
  ///
  /// - Parameters:
  ///   - path: The SQLite file.
  ///   - create: Whether to start one where there is none.
  /// - Throws: `HistoryError`.
  package init(path: String, create: Bool) throws {
    guard create || FileManager.default.fileExists(atPath: path) else {
      throw HistoryError.missing(path: path)
    }
    self.path = path
    if create {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    do {
      queue = try History.open(path, attempts: 10)
    } catch let error as DatabaseError {
      throw error.resultCode == .SQLITE_NOTADB
        ? HistoryError.notAHistory(path: path, reason: error.message ?? "\(error)")
        : HistoryError.failed(path: path, reason: error.message ?? "\(error)")
    }
  }

  /// Opens a file and brings it to this version's form.
  ///
  /// Another process may do the same between our look and our deed, so that a table is there already or
  /// not yet; the next attempt sees what it did.
  private static func open(_ path: String, attempts: Int) throws -> DatabaseQueue {
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(History.patience)
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try migrate(queue, path: path)
      return queue
    } catch let error as DatabaseError where attempts > 1 && error.resultCode == .SQLITE_ERROR {
      usleep(20_000)
      return try open(path, attempts: attempts - 1)
    }
  }

  private static func migrate(_ queue: DatabaseQueue, path: String) throws {
    let tables = try queue.read {
      try String.fetchAll($0, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    guard tables.isEmpty || tables.contains("grdb_migrations") else {
      throw HistoryError.notAHistory(path: path, reason: "it is a database of something else")
    }
    if try queue.read(migrations.hasBeenSuperseded) { throw HistoryError.newer(path: path) }
    try migrations.migrate(queue)
  }

  private static let migrations: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 runs, models, metrics and checks") { database in
      try database.create(table: "run") { table in
        table.autoIncrementedPrimaryKey("id")
        for column in ["date", "version", "data", "method", "plan", "folder", "outcome"] {
          table.column(column, .text).notNull()
        }
        table.column("audited", .integer).notNull()
        table.uniqueKey(["plan", "date"])
      }
      try database.create(table: "model") { table in
        table.belongsTo("run", onDelete: .cascade).notNull()
        table.column("name", .text).notNull()
        table.column("digest", .text).notNull().indexed()
      }
      try database.create(table: "metric") { table in
        table.belongsTo("run", onDelete: .cascade).notNull()
        table.column("name", .text).notNull().indexed()
        table.column("model", .text)
        table.column("threshold", .double)
        table.column("value", .double).notNull()
        table.column("low", .double)
        table.column("high", .double)
      }
      try database.create(table: "gate_check") { table in
        table.belongsTo("run", onDelete: .cascade).notNull()
        table.column("metric", .text).notNull()
        table.column("model", .text)
        table.column("threshold", .double)
        for column in ["limit_text", "severity", "status", "reason"] {
          table.column(column, .text).notNull()
        }
      }
    }
    return migrator
  }()
}

// MARK: - Writing

extension History {
  /// Proves that it can be written.
  ///
  /// - Throws: `HistoryError.failed`.
  package func checkWritable() throws {
    try write { _ in }
  }
}

extension History {
  /// Adds a run, in one transaction; the same run again replaces itself.
  ///
  /// - Returns: Its number.
  /// - Throws: `HistoryError`.
  @discardableResult
  package func add(_ run: HistoryRun) throws -> Int64 {
    try write { database in
      try database.execute(
        sql: "DELETE FROM run WHERE plan = ? AND date = ?", arguments: [run.plan, run.date])
      try database.execute(
        sql: """
          INSERT INTO run (date, version, data, method, plan, folder, outcome, audited)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          run.date, run.version, run.data, run.method, run.plan, run.folder, run.outcome,
          run.audited,
        ])
      let id = database.lastInsertedRowID
      for model in run.models {
        try database.execute(
          sql: "INSERT INTO model (runId, name, digest) VALUES (?, ?, ?)",
          arguments: [id, model.name, model.digest])
      }
      for metric in run.metrics {
        try database.execute(
          sql: """
            INSERT INTO metric (runId, name, model, threshold, value, low, high)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            id, metric.name, metric.model, metric.threshold, metric.value, metric.low,
            metric.high,
          ])
      }
      for check in run.checks {
        try database.execute(
          sql: """
            INSERT INTO gate_check
              (runId, metric, model, threshold, limit_text, severity, status, reason)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            id, check.metric, check.model, check.threshold, check.limit, check.severity,
            check.status, check.reason,
          ])
      }
      return id
    }
  }

  /// Removes runs.
  ///
  /// - Throws: `HistoryError`.
  package func remove(_ ids: [Int64]) throws {
    try write { database in
      for id in ids { try database.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [id]) }
    }
  }
}

// MARK: - Reading

extension History {
  /// All runs, oldest first, without their metrics and checks.
  ///
  /// - Throws: `HistoryError`.
  package func runs() throws -> [HistoryRun] {
    try read { database in
      let models = try Dictionary(
        grouping: Row.fetchAll(database, sql: "SELECT * FROM model ORDER BY rowid"),
        by: { row -> Int64 in row["runId"] })
      return try Row.fetchAll(database, sql: "SELECT * FROM run ORDER BY date, id").map { row in
        History.run(row, models: models[row["id"]] ?? [])
      }
    }
  }

  /// One run with everything about it.
  ///
  /// - Throws: `HistoryError`.
  package func run(_ id: Int64) throws -> HistoryRun {
    try read { database in
      guard
        let row = try Row.fetchOne(database, sql: "SELECT * FROM run WHERE id = ?", arguments: [id])
      else { throw HistoryError.noRun(id: id, path: path) }
      func all(_ table: String) throws -> [Row] {
        try Row.fetchAll(
          database, sql: "SELECT * FROM \(table) WHERE runId = ? ORDER BY rowid", arguments: [id])
      }
      var run = History.run(row, models: try all("model"))
      run.metrics = try all("metric").map {
        HistoryRun.Metric(
          name: $0["name"], model: $0["model"], threshold: $0["threshold"], value: $0["value"],
          low: $0["low"], high: $0["high"])
      }
      run.checks = try all("gate_check").map {
        HistoryRun.Check(
          metric: $0["metric"], model: $0["model"], threshold: $0["threshold"],
          limit: $0["limit_text"], severity: $0["severity"], status: $0["status"],
          reason: $0["reason"])
      }
      return run
    }
  }

  private static func run(_ row: Row, models: [Row]) -> HistoryRun {
    var run = HistoryRun(
      date: row["date"], version: row["version"], data: row["data"], method: row["method"],
      plan: row["plan"], audited: row["audited"], folder: row["folder"], outcome: row["outcome"],
      models: models.map { HistoryRun.AuditedFile(name: $0["name"], digest: $0["digest"]) },
      metrics: [], checks: [])
    run.id = row["id"]
    return run
  }

  /// A metric over the runs on one dataset with one method, oldest first.
  ///
  /// - Parameters:
  ///   - metric: Its name.
  ///   - threshold: Nil for metrics without one.
  ///   - data: Name of the dataset.
  ///   - method: As in `HistoryRun.method`.
  /// - Returns: One point per run and model.
  /// - Throws: `HistoryError`.
  package func series(
    _ metric: String, threshold: Double?, data: String, method: String
  ) throws -> [HistoryPoint] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT run.id, run.date, metric.model, model.digest, metric.value, metric.low, metric.high
          FROM metric JOIN run ON run.id = metric.runId
          LEFT JOIN model ON model.runId = run.id AND model.name = metric.model
          WHERE metric.name = ? AND metric.threshold IS ? AND run.data = ? AND run.method = ?
          ORDER BY run.date, run.id, metric.rowid
          """, arguments: [metric, threshold, data, method]
      ).map { row in
        HistoryPoint(
          run: row["id"], date: row["date"], model: row["model"], digest: row["digest"],
          value: row["value"], low: row["low"], high: row["high"])
      }
    }
  }

  /// Names of the metrics that any run has, sorted, with whether they have thresholds.
  ///
  /// - Throws: `HistoryError`.
  package func metrics() throws -> [(name: String, thresholds: [Double])] {
    try read { database in
      let rows = try Row.fetchAll(
        database, sql: "SELECT DISTINCT name, threshold FROM metric ORDER BY name, threshold")
      return Dictionary(grouping: rows, by: { row -> String in row["name"] })
        .map { name, rows in (name, rows.compactMap { row -> Double? in row["threshold"] }) }
        .sorted { $0.0 < $1.0 }
    }
  }

  private func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try translating { try queue.read(body) }
  }

  private func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    try translating { try queue.write(body) }
  }

  private func translating<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw HistoryError.failed(path: path, reason: error.message ?? "\(error)")
    }
  }
}
