import ONNX
import Tensors

/// A value inside a network, under its name in the file.
package struct InnerValue: Equatable, Sendable {
  /// One extent of a shape, in terms of the images in a batch.
  package enum Extent: Equatable, Sendable {
    case fixed(Int)
    /// So many times the number of images.
    case images(Int)
  }

  package let name: String
  /// Type and label of the node that makes it.
  package let type: String
  package let node: String
  package let shape: [Extent]
}

extension InnerValue.Extent: CustomStringConvertible {
  package var description: String {
    switch self {
    case .fixed(let extent): String(extent)
    case .images(1): "n"
    case .images(let factor): "\(factor)n"
    }
  }
}

extension InnerValue {
  /// Everything that nodes of a model compute on the way to one of its outputs, in their order.
  ///
  /// - Throws: `InferenceError`.
  package static func all(
    in model: Model, of network: Network
  ) throws -> [InnerValue] {
    let read = model.reading([network.outputName])
    // Extents that differ between two batches count images.
    let sizes = network.batch == .dynamic ? [2, 3] : [network.batch.nominal(dynamic: 1)]
    let graph = try CompiledGraph.folded(
      read, name: network.name, outputs: [network.outputName], input: network.input.name
    ) { try Program($0, input: network.input, batchSize: sizes[0]) }
    let programs = try sizes.map { try Program(graph, input: network.input, batchSize: $0) }
    let shapes = programs.map(\.shapes)
    let known = programs[0].constantNames
    return read.graph.nodes.flatMap { node in
      node.outputs.compactMap { name -> InnerValue? in
        guard !known.contains(name), let first = shapes[0][name], let last = shapes.last?[name]
        else { return nil }
        return InnerValue(
          name: name, type: node.type, node: node.label,
          shape: extents(first, last, sizes: (sizes[0], sizes[sizes.count - 1])))
      }
    }
  }

  private static func extents(
    _ first: Shape, _ last: Shape, sizes: (first: Int, last: Int)
  ) -> [Extent] {
    zip(first.dimensions, last.dimensions).enumerated().map { axis, pair in
      if sizes.first == sizes.last {
        // With one batch alone, only the first axis can be told to count its images.
        return axis == 0 && pair.0 == sizes.first ? .images(1) : .fixed(pair.0)
      }
      let isImages =
        pair.0 % sizes.first == 0 && pair.1 % sizes.last == 0
        && pair.0 / sizes.first == pair.1 / sizes.last
      return isImages ? .images(pair.0 / sizes.first) : .fixed(pair.0)
    }
  }
}
