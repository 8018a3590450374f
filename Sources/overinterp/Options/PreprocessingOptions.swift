import ArgumentParser
import AuditRun
import Datasets
import Foundation

/// What happens to images before the model sees them.
struct PreprocessingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Resize: N for the shorter edge, or HxW.", valueName: "N|HxW"))
  var resize: String?

  @Option(help: ArgumentHelp("Centre crop: N, or HxW.", valueName: "N|HxW"))
  var crop: String?

  @Option(
    help: "Resampling filter, as Pillow's: nearest, box, bilinear, hamming, bicubic or lanczos.")
  var resample: ResamplingFilter?

  @Option(help: "Channel order of the model: rgb or bgr.")
  var channelOrder: Preprocessing.ChannelOrder?

  @Option(
    help: ArgumentHelp("Mean per channel, in units of scaled values.", valueName: "m[,m,m]"))
  var mean: NumberList?

  @Option(help: ArgumentHelp("Standard deviation per channel.", valueName: "s[,s,s]"))
  var std: NumberList?

  @Option(
    help: ArgumentHelp(
      "Factor for raw values before mean and std, such as 1/255 or 1 (default: by what the data holds).",
      valueName: "factor"))
  var scale: Factor?

  @Option(
    help: ArgumentHelp(
      "Hugging Face preprocessor_config.json or timm config. MODEL.preprocess.json and "
        + "preprocessor_config.json beside the model are found.",
      valueName: "file"))
  var preprocess: String?

  /// What is stated here.
  ///
  /// - Throws: `DatasetError.preprocessing`.
  func statement() throws -> PreprocessingStatement {
    var statement = PreprocessingStatement()
    statement.file = preprocess
    if let resize {
      statement.resize =
        try size("--resize", resize).map { .exact(height: $0.height, width: $0.width) }
        ?? Int(resize).map { .shortestEdge($0) }
    }
    if let crop {
      let stated = try size("--crop", crop) ?? Int(crop).map { ($0, $0) }
      statement.crop = stated.map { Preprocessing.Crop(height: $0.height, width: $0.width) }
    }
    statement.filter = resample
    statement.channelOrder = channelOrder
    statement.mean = mean?.numbers
    statement.std = std?.numbers
    statement.scale = scale?.number
    return statement
  }

  /// "224x224" as numbers; nil for a single number.
  private func size(_ flag: String, _ text: String) throws -> (height: Int, width: Int)? {
    let parts = text.lowercased().split(separator: "x", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }.filter { (1...65_536).contains($0) }
    guard numbers.count == parts.count, (1...2).contains(parts.count) else {
      throw DatasetError.preprocessing(source: flag, reason: "'\(text)' is not N or HxW")
    }
    return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
  }
}

/// A number, or one divided by another.
struct Factor: ExpressibleByArgument {
  let number: Double

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
      .compactMap { Double($0) }
    guard parts.count == argument.split(separator: "/", omittingEmptySubsequences: false).count,
      (1...2).contains(parts.count), parts.count == 1 || parts[1] != 0
    else { return nil }
    number = parts.count == 1 ? parts[0] : parts[0] / parts[1]
  }
}

/// Numbers separated by commas.
struct NumberList: ExpressibleByArgument {
  let numbers: [Double]

  init(_ numbers: [Double]) {
    self.numbers = numbers
  }

  var defaultValueDescription: String {
    numbers.map { "\($0)" }.joined(separator: ",")
  }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
    guard numbers.count == parts.count, numbers.allSatisfy(\.isFinite) else { return nil }
    self.numbers = numbers
  }
}

extension ResamplingFilter: ExpressibleByArgument {}
extension Preprocessing.ChannelOrder: ExpressibleByArgument {}
