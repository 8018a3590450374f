import Datasets

/// The readings that people's models are trained with, one change at a time.
struct UsualReadings {
  let channels: Int
  let height: Int
  let width: Int
  let range: SampleRange
  /// Mean and deviation of the images themselves, per channel, in units of scaled values.
  let ofData: (mean: [Double], std: [Double])
  /// Whether images come in the model's size already.
  let fits: Bool
  /// Whether the model's input holds integers, which nothing is subtracted from.
  let takesIntegers: Bool

  /// Everything one change away from `trial`.
  func neighbours(of trial: Trial) -> [Trial] {
    let all = order(trial) + normalisations(trial) + geometry(trial)
    return all.filter { !$0.reads(as: trial) }
  }

  private func order(_ trial: Trial) -> [Trial] {
    var found: [Trial] = []
    if channels == 3 {
      let isBGR = trial.preprocessing.channelOrder == .bgr
      found.append(
        trial.changing(isBGR ? "red, green, blue" : "blue, green, red") {
          $0.preprocessing.channelOrder = isBGR ? .rgb : .bgr
        })
    }
    if height == width || !fits {
      found.append(trial.changing("rows and columns exchanged") { $0.isTransposed.toggle() })
    }
    return found
  }

  /// Name, mean and deviation of what is usually subtracted and divided by.
  private static let statistics: [(String, [Double], [Double])] = [
    ("ImageNet’s mean and deviation", [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ("CIFAR-10’s mean and deviation", [0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]),
    ("CIFAR-10’s mean and usual deviation", [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]),
    ("CIFAR-100’s mean and deviation", [0.5071, 0.4867, 0.4408], [0.2675, 0.2565, 0.2761]),
    (
      "CLIP’s mean and deviation", [0.48145466, 0.4578275, 0.40821073],
      [0.26862954, 0.26130258, 0.27577711]
    ),
    ("MNIST’s mean and deviation", [0.1307], [0.3081]),
    ("Fashion-MNIST’s mean and deviation", [0.2860], [0.3530]),
    ("values of −1…1", [0.5], [0.5]),
  ]

  private func normalisations(_ trial: Trial) -> [Trial] {
    guard !takesIntegers else { return [] }
    /// The factor that brings raw samples to 0...1; nil where it is the default.
    let unit: Double? =
      switch range {
      case .bytes, .words, .unit: nil
      case .narrow(let high): 1 / Double(max(high, 1))
      case .beyond(_, let high): high > 1 ? 1 / 255 : 1
      }
    /// The factor that brings them to 0...255.
    let raw: Double =
      switch range {
      case .unit: 255
      case .words: 255.0 / 65535
      case .bytes, .narrow: 1
      case .beyond(_, let high): high > 1 ? 1 : 255
      }
    func made(_ what: String, _ scale: Double?, _ mean: [Double]?, _ std: [Double]?) -> Trial {
      trial.changing(what) {
        $0.preprocessing.scale = scale
        $0.preprocessing.byteScale = nil
        $0.preprocessing.mean = mean
        $0.preprocessing.std = std
      }
    }
    let own = trial.preprocessing
    var found = [
      made("fractions, no mean", unit, nil, nil),
      made("the stated mean on fractions", unit, own.mean, own.std),
      made("raw values of 0…255, no mean", raw, nil, nil),
      made(
        "raw values less ImageNet’s mean", raw,
        [123.675, 116.28, 103.53], nil),
    ]
    for (name, mean, std) in UsualReadings.statistics {
      found.append(made(name, unit, mean, std))
    }
    found.append(made("the data’s own mean and deviation", unit, ofData.mean, ofData.std))
    return found.filter { trial in
      [trial.preprocessing.mean, trial.preprocessing.std].allSatisfy {
        $0 == nil || $0?.count == 1 || $0?.count == channels
      }
    }
  }

  private func geometry(_ trial: Trial) -> [Trial] {
    guard !fits || trial.preprocessing.resize != nil else { return [] }
    let side = min(height, width)
    let crop = Preprocessing.Crop(height: height, width: width)
    var found = [
      trial.changing("squeezed to the model’s size") {
        $0.preprocessing.resize = .exact(height: height, width: width)
        $0.preprocessing.crop = nil
      },
      trial.changing("shorter side to \(side), centre crop") {
        $0.preprocessing.resize = .shortestEdge(side)
        $0.preprocessing.crop = crop
      },
      trial.changing("shorter side to \(side * 8 / 7), centre crop") {
        $0.preprocessing.resize = .shortestEdge(side * 8 / 7)
        $0.preprocessing.crop = crop
      },
    ]
    for filter in [ResamplingFilter.bilinear, .bicubic] {
      found.append(
        trial.changing("\(filter.rawValue) resampling") { $0.preprocessing.filter = filter })
    }
    return found
  }
}
