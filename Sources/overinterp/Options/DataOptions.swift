import ArgumentParser
import AuditRun
import Datasets

/// How to read a dataset whose path is given elsewhere.
struct ReadingOptions: ParsableArguments {
  @Option(
    help: "Dataset format: \(DatasetRegistry.formats.joined(separator: ", ")).")
  var format: String?

  @Option(help: "Part of the dataset, such as test or train.")
  var split: String?

  @Option(
    help: ArgumentHelp(
      "The model's class names in its order, or the images' labels: text, JSON (id2label) or .npy, told "
        + "by its contents. classes.txt, labels.txt and config.json beside data or model are found.",
      valueName: "file"))
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "Which of the model's classes the data's are, where names do not tell: sorted as strings, "
        + "numeric, or an index for each.", valueName: "sorted|numeric|i,j,…"))
  var classOrder: ClassOrder.Statement?

  @Option(
    help: ArgumentHelp(
      "apply: turn pictures as their EXIF orientation says (default: not, as torchvision).",
      valueName: "apply"))
  var exif: EXIFHandling?

  @Flag(help: "Exchange rows and columns of the pictures, as EMNIST's need.")
  var transpose = false

  @Flag(help: "Leave out images that cannot be decoded; they are counted.")
  var skipBadImages = false

  enum EXIFHandling: String, ExpressibleByArgument {
    case apply
  }

  /// What is stated, for the dataset at `stated`.
  func statements(data stated: String) -> IntakeStatements {
    var statements = IntakeStatements(data: stated)
    statements.format = format
    if let colon = stated.lastIndex(of: ":"), !DatasetPath(stated).exists {
      statements.format = format ?? String(stated[stated.index(after: colon)...])
      statements.data = String(stated[..<colon])
    }
    statements.options = DatasetOptions(split: split, appliesOrientation: exif == .apply)
    statements.options.labelsAreStated = labels != nil
    statements.transposes = transpose
    statements.labelsFile = labels
    statements.classOrder = classOrder
    statements.skipsBadImages = skipBadImages
    return statements
  }
}

extension ClassOrder.Statement: ExpressibleByArgument {
  /// Reads `sorted`, `numeric`, or indices between commas.
  public init?(argument: String) {
    switch argument {
    case "sorted": self = .sorted
    case "numeric": self = .numeric
    default:
      let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
      let indices = parts.compactMap { Int($0) }
      guard indices.count == parts.count else { return nil }
      self = .explicit(indices)
    }
  }
}
