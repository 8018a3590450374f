import ArgumentParser
import Audit
import Foundation
import SharedWork

/// Makes up the records of large audits, to measure how they merge; see docs/SCALE.md.
@main
struct Scale: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "Write an audit whose records are made up, for 'overinterp merge'.")

  @Argument(help: "Folder to write.")
  var folder: String

  @Option(help: "Images, all of them audited.")
  var images: Int

  @Option(help: "Models.")
  var models = 3

  @Option(help: "Rows and columns of an image.")
  var side = 28

  func run() throws {
    let audit = try SyntheticAudit(images: images, models: models, side: side)
    try audit.write(
      to: RunFolder(folder), workers: ProcessInfo.processInfo.activeProcessorCount)
  }
}
