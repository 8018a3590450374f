import ArgumentParser
import Audit
import AuditRun
import Foundation

/// How sufficient subsets are found.
struct MethodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "BackSelect method; auto: exact for few units, guided, which evaluates single units, where it takes "
        + "seconds an image, floating, which evaluates groups, for larger images, and quick, which evaluates "
        + "fewer, for larger networks.",
      valueName: StatedMethod.allValueStrings.joined(separator: "|")))
  var method = StatedMethod.auto

  @Option(help: "What BackSelect keeps high: log-odds or probability.")
  var score = ScoreKind.logOdds

  @Option(help: ArgumentHelp("Pixels masked per step of the gradient method.", valueName: "k"))
  var block: Int?

  @Option(
    help: ArgumentHelp(
      "What is masked at once: pixel, patches such as 8x8, or regions of similar colour.",
      valueName: "pixel|HxW|superpixels:N"))
  var unit = "pixel"

  @Flag(help: "Also drop from each subset every pixel that it does not need.")
  var minimal = false

  @Option(
    help: ArgumentHelp(
      "What masked pixels show: mean, zero, auto, or raw values.", valueName: "mean|zero|auto|R,G,B"
    ))
  var mask = "mean"

  @Option(help: ArgumentHelp("Confidences to reach (the paper's tau).", valueName: "t,t,..."))
  var thresholds = NumberList([0.5, 0.7, 0.9, 0.95, 0.99])

  @Option(help: ArgumentHelp("Size of q% subsets.", valueName: "q%"))
  var subset = "5%"

  @Option(help: "Seed of every random draw.")
  var seed: UInt64 = 0

  func settings() throws -> AuditSettings {
    var settings = AuditSettings()
    settings.method = method.method ?? settings.method
    settings.score = score
    if let block {
      guard method == .stated(.gradient) else {
        throw AuditError.option(name: "--block", reason: "is for --method gradient")
      }
      settings.block = block
    }
    guard let mask = AuditSettings.Mask(mask) else {
      throw AuditError.option(
        name: "--mask", reason: "'\(mask)' is not mean, zero, auto or numbers like 128,128,128")
    }
    settings.mask = mask
    guard let unit = MaskUnit(unit) else {
      throw AuditError.option(
        name: "--unit", reason: "'\(unit)' is not pixel, 8x8 or superpixels:200")
    }
    settings.unit = unit
    settings.findsMinimal = minimal
    settings.thresholds = Array(Set(thresholds.numbers)).sorted()
    let text = subset.hasSuffix("%") ? String(subset.dropLast()) : subset
    guard let number = Double(text) else {
      throw AuditError.option(name: "--subset", reason: "'\(subset)' is not a share like 5%")
    }
    settings.subsetFraction = subset.hasSuffix("%") ? number / 100 : number
    settings.seed = seed
    try settings.validate()
    return settings
  }
}

extension MethodOptions {
  /// The settings for models that have been read: with a method, if none was stated.
  func settings(for models: [AuditedModel], _ settings: AuditSettings) -> AuditSettings {
    var settings = settings
    if method == .auto { settings.chooseMethod(for: models) }
    return settings
  }
}

/// A method, or the wish that the program chooses.
enum StatedMethod: Equatable, ExpressibleByArgument {
  case auto
  case stated(AuditSettings.Method)

  init?(argument: String) {
    guard argument != "auto" else {
      self = .auto
      return
    }
    guard let method = AuditSettings.Method(rawValue: argument) else { return nil }
    self = .stated(method)
  }

  /// nil where the program chooses.
  var method: AuditSettings.Method? {
    if case .stated(let method) = self { method } else { nil }
  }

  var defaultValueDescription: String { method?.rawValue ?? "auto" }

  static var allValueStrings: [String] { ["auto"] + AuditSettings.Method.allCases.map(\.rawValue) }
}

extension ScoreKind: ExpressibleByArgument {}
