import Audit
import Datasets
import Inference
import ONNX

/// Which of a model's outputs is read, and what its numbers are.
enum OutputReading {
  /// Compiles a model for the output that fits the data.
  ///
  /// `classCounts`: how many classes the data or lists of names speak of, most telling first; empty
  /// when they say nothing.
  ///
  /// Throws `AuditRunError.whichOutput` with all of them when none or several fit.
  static func network(
    _ model: Model, path: String, options: Network.Options, classCounts: [Int]
  ) throws -> (Network, Reading) {
    let outputs = model.graph.outputs
    if outputs.count == 1 || options.outputName != nil {
      let network = try Network(model, name: path, options: options)
      return (
        network,
        Reading(
          .output, "'\(network.outputName)'", options.outputName == nil ? .evidence : .stated,
          because: outputs.count == 1 ? "the only one" : "of \(outputs.count)")
      )
    }
    var first: (any Error)?
    let candidates = outputs.compactMap { output -> Network? in
      var stated = options
      stated.outputName = output.name
      do {
        return try Network(model, name: path, options: stated)
      } catch {
        first = first ?? error
        return nil
      }
    }
    guard !candidates.isEmpty else {
      throw first
        ?? AuditRunError.whichOutput(model: path, outputs: described(outputs), reason: "none")
    }
    for count in classCounts {
      let fitting = candidates.filter { $0.classCount == count }
      guard let chosen = fitting.first else { continue }
      guard fitting.count == 1 else {
        throw AuditRunError.whichOutput(
          model: path, outputs: described(outputs), reason: "several have \(count) classes")
      }
      return (
        chosen,
        Reading(
          .output, "'\(chosen.outputName)'", .evidence,
          because:
            "of \(outputs.count) (\(described(outputs).joined(separator: ", "))) the one with "
            + "\(count) classes")
      )
    }
    throw AuditRunError.whichOutput(
      model: path, outputs: described(outputs),
      reason: classCounts.isEmpty
        ? "the data does not say how many classes there are"
        : "none has \(classCounts[0]) classes, as the data")
  }

  private static func described(_ outputs: [ValueInfo]) -> [String] {
    outputs.map { output in
      let shape = output.dimensions?.map(\.description).joined(separator: ", ") ?? "?"
      return "'\(output.name)' [\(shape)]"
    }
  }

  /// The network with its numbers read as graph and first images say, or as stated.
  ///
  /// `rows`: outputs of the first images, `[images, classes]`.
  ///
  /// Throws `AuditRunError.whichNumbers` when they disagree.
  static func settled(
    _ network: Network, stated: Network.OutputKind?, rows: [Float]
  ) throws -> (Network, Reading) {
    let ending = network.ending
    let graph =
      switch ending.kind {
      case .softmax, .logSoftmax, .sigmoid: "the graph ends in \(ending.type) '\(ending.node)'"
      case .linear where ending.type == "the image": "the graph ends in the image itself"
      case .linear: "the graph ends in \(ending.type), which gives any number"
      case .other: "the graph ends in \(ending.type)"
      }
    if network.head == .binary {
      return try settledBinary(network, stated: stated, rows: rows, graph: graph)
    }
    let numbers = OutputNumbers(rows, classes: network.classCount)
    if let stated {
      guard numbers.canBe(stated) else {
        throw AuditRunError.whichNumbers(
          model: network.name, graph: "--output states \(stated.rawValue)",
          numbers: numbers.description)
      }
      return (
        network.reading(outputAs: stated),
        Reading(.numbers, stated.rawValue, .stated, because: numbers.description)
      )
    }
    guard let kind = numbers.kind(ending.kind) else {
      throw AuditRunError.whichNumbers(
        model: network.name, graph: graph, numbers: numbers.description)
    }
    var reason = "\(graph); \(numbers.description)"
    if kind == .sigmoid { reason += "; multi-label scores, each class on its own" }
    if kind == .logits, numbers.areInUnit {
      reason += "; if they are sigmoids, state --output sigmoid"
    }
    return (
      network.reading(outputAs: kind), Reading(.numbers, kind.rawValue, .evidence, because: reason)
    )
  }

  /// One number per image; `rows` hold both classes.
  private static func settledBinary(
    _ network: Network, stated: Network.OutputKind?, rows: [Float], graph: String
  ) throws -> (Network, Reading) {
    let own = rows.indices.filter { $0 % 2 == 1 }.map { rows[$0] }
    let numbers = OutputNumbers(own, classes: 1)
    let isProbability = network.outputKind == .sigmoid
    let isDoubtful =
      isProbability
      ? !numbers.areInUnit
      : stated == nil && network.ending.kind == .other && numbers.areInUnit
    let isAlwaysOne = [.softmax, .logSoftmax].contains(network.ending.kind)
    guard !isDoubtful, !isAlwaysOne, stated != .logProbabilities else {
      throw AuditRunError.whichNumbers(
        model: network.name,
        graph: stated.map { "--output states \($0.rawValue)" } ?? graph,
        numbers: numbers.description)
    }
    return (
      network,
      Reading(
        .numbers,
        "one per image, the \(isProbability ? "sigmoid" : "logit") of class 1; classes are not it, it",
        stated == nil ? .evidence : .stated, because: "\(graph); \(numbers.description)")
    )
  }
}
