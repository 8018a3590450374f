import Tensors

/// What happens to an element that an update meets.
enum ScatterReduction: String {
  case none, add, mul, max, min

  init(_ node: NodeReader) throws {
    let name = try node.string("reduction", default: "none")
    guard let reduction = ScatterReduction(rawValue: name) else {
      throw node.failure("reduction '\(name)' is not supported")
    }
    self = reduction
  }

  func join(_ old: Float, _ update: Float) -> Float {
    switch self {
    case .none: update
    case .add: old + update
    case .mul: old * update
    case .max: Swift.max(old, update)
    case .min: Swift.min(old, update)
    }
  }
}

/// An operator that writes updates over elements of its first input: of several, the last stays.
protocol ScatteringOperator: RearrangingOperator {
  var reduction: ScatterReduction { get }
  /// The element that each update meets.
  func positions(_ inputs: [ValueDescription]) throws -> [Int]
}

extension ScatteringOperator {
  package func rearrangement(
    _ inputs: [ValueDescription], output: ValueDescription
  ) throws -> Rearrangement {
    guard reduction == .none else {
      throw ShapeMismatch("reduction '\(reduction.rawValue)' is supported on constants only")
    }
    let positions = try positions(inputs)
    let count = inputs[0].shape.count
    let updates = inputs[2].shape.count
    guard positions.count == updates else {
      throw ShapeMismatch("\(positions.count) indices for \(updates) updates")
    }
    var sources = (0..<Int32(count)).map { $0 }
    for (update, position) in positions.enumerated() { sources[position] = Int32(count + update) }
    return Rearrangement(sources: sources, sourceCount: count, second: (input: 2, count: updates))
  }

  package func fold(_ inputs: [Tensor?]) throws -> [Tensor]? {
    let descriptions = inputs.map { ValueDescription(shape: $0?.shape ?? [], constant: $0) }
    guard reduction != .none else {
      return try rearrangement(descriptions, output: descriptions[0])
        .fold(inputs, shape: descriptions[0].shape).map { [$0] }
    }
    guard var result = inputs[0]?.floats, let updates = inputs[2]?.floats else { return nil }
    for (position, update) in zip(try positions(descriptions), updates) {
      result[position] = reduction.join(result[position], update)
    }
    return [Tensor(descriptions[0].shape, result)]
  }
}
