import ArgumentParser
import Audit
import AuditRun
import Datasets
import Foundation

/// The data, and everything a user may state about how models and data are read.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Images: a file or folder. The format is detected; append ':format' to force one.",
      valueName: "path[:format]"))
  var data: String

  @OptionGroup var intake: IntakeOptions

  /// - Throws: `AuditError` or `DatasetError` naming the flag.
  func statements() throws -> IntakeStatements {
    try intake.statements(data: data)
  }

  /// - Throws: `AuditError.option` where the data is not to be found.
  func checkIsThere() throws {
    let path = try statements().data
    guard DatasetPath(path).exists else {
      throw AuditError.option(name: "--data", reason: "'\(path)' is not here")
    }
  }
}

/// Everything a user may state about how models and data are read, beside the data's path.
struct IntakeOptions: ParsableArguments {
  @OptionGroup(title: "Data") var reading: ReadingOptions
  @OptionGroup(title: "Preprocessing") var preprocessing: PreprocessingOptions
  @OptionGroup(title: "Model") var model: ModelOptions

  /// - Throws: `AuditError` or `DatasetError` naming the flag.
  func statements(data: String) throws -> IntakeStatements {
    var statements = reading.statements(data: data)
    try model.state(in: &statements)
    statements.preprocessing = try preprocessing.statement()
    return statements
  }
}

/// Says on standard error how models and data are read.
func announce(_ intake: Intake) {
  let lines = ["Read as:"] + intake.lines.map { "  " + $0 }
  FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
}
