/// A number of a measurement by its path, lists of models, of thresholds and of anything else left
/// out.
struct NumberPath: Equatable {
  let path: String
  /// Whether it is sure as it is, and needs no interval.
  let isExact: Bool
}

extension MeasuredField.Form {
  /// The unit of a number; nil for what is none.
  var unit: Metric.Unit? {
    switch self {
    case .exact(let unit), .sampled(let unit), .interval(let unit, _, _), .estimate(let unit): unit
    case .flag, .text, .list, .group: nil
    }
  }
}

extension MeasuredField {
  /// Its numbers, bounds of intervals among them; of estimates their parts are not named.
  func numbers(below prefix: String = "") -> [NumberPath] {
    let path = prefix + name
    return switch form {
    case .interval(_, let bounds, _):
      [NumberPath(path: path, isExact: false)]
        + bounds.names(of: name).map { NumberPath(path: prefix + $0, isExact: false) }
    default: MeasuredField.numbers(form, path)
    }
  }

  private static func numbers(_ form: Form, _ path: String) -> [NumberPath] {
    switch form {
    case .exact, .flag: [NumberPath(path: path, isExact: true)]
    case .sampled, .interval, .estimate: [NumberPath(path: path, isExact: false)]
    case .text: []
    case .list(let element): numbers(element, path)
    case .group(let members): members.flatMap { $0.numbers(below: path + ".") }
    }
  }
}

extension MeasuredField.Bounds {
  /// Lower, then upper.
  func names(of number: String) -> [String] {
    switch self {
    case .named: ["\(number)_low", "\(number)_high"]
    case .bare: ["low", "high"]
    }
  }
}

extension Measurement {
  /// The member that the measurement's name alone means.
  static var main: MeasuredField? { fields.first(where: \.isMain) }

  /// The numbers that policies and histories call by name, in the order of its fields.
  static var metrics: [Metric] { fields.compactMap { Metric($0, of: key) } }

  /// All its numbers by path.
  static var numbers: [NumberPath] {
    let own = fields.flatMap { $0.numbers() }
    let hasThresholds = fields.contains { $0.scope == .threshold }
    return own + (hasThresholds ? [NumberPath(path: "threshold", isExact: true)] : [])
  }
}
