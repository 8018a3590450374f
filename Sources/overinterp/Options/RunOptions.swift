import ArgumentParser
import Audit
import AuditRun
import Foundation

/// What an audit may take of the machine it runs on; results do not depend on it, but for the last bits
/// that other batches give.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Threads, each with an image of its own; the last images share idle ones "
        + "(default: one per core).")
  )
  var workers: Int?

  @Option(
    help: ArgumentHelp(
      "Images per pass (default: auto, by cache and memory).", valueName: "n|auto"))
  var batchSize = "auto"

  @Option(
    help: ArgumentHelp(
      "What activations may take when the batch size is automatic, such as 2G or 512M "
        + "(default: a quarter of RAM).", valueName: "bytes"))
  var memoryLimit: String?

  @Option(
    help: ArgumentHelp(
      "End within this time, report included, with as many images as fit: 90s, 10m or 2h.",
      valueName: "time"))
  var time: String?

  @Flag(inversion: .prefixedNo, help: "Continue from images finished earlier.")
  var resume = true

  /// - Throws: `AuditError.option`.
  func threads() throws -> Int {
    guard let workers else { return ProcessInfo.processInfo.activeProcessorCount }
    return try positive("--workers", workers)
  }

  /// Counted from now; nil where nothing ends it.
  ///
  /// - Throws: `AuditError.option`.
  func timeLimit() throws -> TimeLimit? {
    try time.map { TimeLimit(try seconds($0), from: .now, text: $0) }
  }

  /// Nil for one chosen by memory.
  ///
  /// - Throws: `AuditError.option`.
  func imagesPerPass() throws -> Int? {
    if batchSize == "auto" { return nil }
    guard let number = Int(batchSize), number <= 4096 else {
      throw AuditError.option(
        name: "--batch-size", reason: "'\(batchSize)' is neither a number up to 4096 nor auto")
    }
    return try positive("--batch-size", number)
  }

  /// In bytes; nil for a quarter of the memory.
  ///
  /// - Throws: `AuditError.option`.
  func memory() throws -> Int? {
    guard let memoryLimit else { return nil }
    let units = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    let unit = memoryLimit.last.flatMap { units[$0.uppercased()] }
    let digits = unit == nil ? memoryLimit[...] : memoryLimit.dropLast()
    guard let number = Int(digits), number > 0, number < 1 << 30 else {
      throw AuditError.option(
        name: "--memory-limit", reason: "'\(memoryLimit)' is not a size such as 2G or 512M")
    }
    return number * (unit ?? 1)
  }

  private func positive(_ flag: String, _ value: Int) throws -> Int {
    guard value > 0 else { throw AuditError.option(name: flag, reason: "must be at least 1") }
    return value
  }

  /// A time as people write it, in seconds.
  private func seconds(_ text: String) throws -> Double {
    let units = ["s": 1.0, "m": 60, "h": 3600]
    let unit = text.last.flatMap { units[$0.lowercased()] }
    guard let unit, let number = Double(text.dropLast()), number > 0, number.isFinite else {
      throw AuditError.option(
        name: "--time", reason: "'\(text)' is not a time such as 90s, 10m or 2h")
    }
    return number * unit
  }
}
