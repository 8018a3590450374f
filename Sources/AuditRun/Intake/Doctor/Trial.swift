import Datasets
import Foundation

/// One way to read a model's images, differing from another in what its flags say.
struct Trial: Equatable {
  var preprocessing: Preprocessing
  /// The factor for raw samples where none is stated.
  let defaultScale: Double
  var isTransposed = false
  /// What is different from the reading that was stated, in words; empty for that itself.
  var changes: [String] = []

  /// The same with one thing changed.
  func changing(_ what: String, _ change: (inout Trial) -> Void) -> Trial {
    var trial = self
    change(&trial)
    trial.changes.append(what)
    return trial
  }

  /// Whether images come out the same.
  func reads(as other: Trial) -> Bool { flags(from: other, isTransposedAlready: false).isEmpty }

  /// The flags that turn what was stated into this.
  ///
  /// `isTransposedAlready`: whether `--transpose` was stated.
  func flags(from stated: Trial, isTransposedAlready: Bool) -> [String] {
    var flags: [String] = []
    let (own, old) = (preprocessing, stated.preprocessing)
    if own.channelOrder != old.channelOrder {
      flags.append("--channel-order \(own.channelOrder.rawValue)")
    }
    if isTransposed != stated.isTransposed {
      flags.append(isTransposedAlready ? "(without --transpose)" : "--transpose")
    }
    let (scale, oldScale) = (factor(own), factor(old))
    if abs(scale - oldScale) > 1e-6 * abs(oldScale) { flags.append("--scale \(text(scale))") }
    let (mean, std) = (own.mean ?? [0], own.std ?? [1])
    if mean != old.mean ?? [0] { flags.append("--mean \(list(mean))") }
    if std != old.std ?? [1] { flags.append("--std \(list(std))") }
    if own.resize != old.resize, let resize = own.resize {
      switch resize {
      case .shortestEdge(let side): flags.append("--resize \(side)")
      case .exact(let height, let width): flags.append("--resize \(height)x\(width)")
      // Files alone ask for the others; no trial makes one.
      case .shortestEdgeInMultiples, .covering, .within: break
      }
    }
    if own.crop != old.crop, let crop = own.crop {
      flags.append("--crop \(crop.height)x\(crop.width)")
    }
    if own.filter != old.filter { flags.append("--resample \(own.filter.rawValue)") }
    return flags
  }

  /// What raw samples are multiplied by.
  private func factor(_ preprocessing: Preprocessing) -> Double {
    preprocessing.scale ?? preprocessing.byteScale.map { $0 * 255 * defaultScale } ?? defaultScale
  }

  private func text(_ number: Double) -> String { String(format: "%.9g", number) }
  private func list(_ numbers: [Double]) -> String {
    numbers.map { String(format: "%.6g", $0) }.joined(separator: ",")
  }
}
