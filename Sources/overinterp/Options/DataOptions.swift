import ArgumentParser
import Datasets

/// Which images, and how to read them.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Images: a file or folder. The format is detected; append ':format' to force one.",
      valueName: "path[:format]"))
  var data: String

  @OptionGroup var reading: ReadingOptions

  func open() throws -> Dataset {
    try reading.open(data)
  }
}

/// How to read a dataset whose path is given elsewhere.
struct ReadingOptions: ParsableArguments {
  @Option(
    help: "Dataset format: \(DatasetRegistry.formats.joined(separator: ", ")).")
  var format: String?

  @Option(help: "Part of the dataset, such as test or train.")
  var split: String?

  @Option(
    help: ArgumentHelp(
      "Text file: one class name per line, or one class index per image.", valueName: "file"))
  var labels: String?

  func open(_ stated: String) throws -> Dataset {
    var path = stated
    var format = format
    if let colon = stated.lastIndex(of: ":"), !DatasetPath(stated).exists {
      format = format ?? String(stated[stated.index(after: colon)...])
      path = String(stated[..<colon])
    }
    return try Dataset.open(
      path, format: format, options: DatasetOptions(split: split), labelsFile: labels)
  }
}
