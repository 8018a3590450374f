import Tensors

/// Rows and columns of the windows of one value.
struct MapWindow: Equatable, Sendable {
  var rows: AxisWindow
  var columns: AxisWindow

  var area: Int { rows.extent * columns.extent }
  var mapArea: Int { rows.length * columns.length }

  var whole: MapWindow { MapWindow(rows: rows.whole, columns: columns.whole) }
}

/// Cuts a window out of each edited map: its changed part from the edit, the rest from the
/// reference, a filler outside the map.
///
/// Shapes: changed parts `[n, c, h', w']`, the reference's map `[1…, c, h, w]`, of which the first image
/// counts, and positions `[n, 2]`, the row and column of each edit counted from those of its region
/// → windows `[n, c, wh, ww]`.
struct WindowGather: Operator {
  static let type = "(window)"

  private let changed: MapWindow
  private let target: MapWindow
  private let filler: Float

  init(changed: MapWindow, target: MapWindow, filler: Float) {
    self.changed = changed
    self.target = target
    self.filler = filler
  }

  init(_ node: NodeReader) throws {
    throw node.failure("windows are not part of a model")
  }

  func outputShapes(for inputs: [ValueDescription]) -> [Shape] {
    [[inputs[0].shape[0], inputs[0].shape[1], target.rows.extent, target.columns.extent]]
  }

  func forward(_ context: KernelContext) -> any Kernel {
    let batch = context.input.shape[0]
    let channels = context.input.shape[1]
    return FunctionKernel { buffers in
      let positions = buffers.input(2)
      for edit in 0..<batch {
        gather(
          edit: buffers.input(0) + edit * changed.area * channels, reference: buffers.input(1),
          into: buffers.output + edit * target.area * channels, channels: channels,
          origin: (Int(positions[2 * edit]), Int(positions[2 * edit + 1])))
      }
    }
  }

  private func gather(
    edit: UnsafePointer<Float>, reference: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>, channels: Int, origin: (row: Int, column: Int)
  ) {
    let height = self.target.rows.length
    let width = self.target.columns.length
    let top = self.target.rows.starts[origin.row]
    let left = self.target.columns.starts[origin.column]
    let columns = self.target.columns.extent
    let changedTop = changed.rows.starts[origin.row]
    let changedLeft = changed.columns.starts[origin.column]
    // Columns of the target: filler, reference, edit, reference, filler.
    let firstInside = min(columns, max(0, -left))
    let inside = firstInside..<max(firstInside, min(columns, width - left))
    func clamped(_ column: Int) -> Int {
      min(max(column - left, inside.lowerBound), inside.upperBound)
    }
    let overlay = clamped(changedLeft)..<clamped(changedLeft + changed.columns.extent)
    var row = target
    for y in top..<top + self.target.rows.extent {
      defer { row += columns * channels }
      guard y >= 0, y < height else {
        row.update(repeating: filler, count: columns * channels)
        continue
      }
      let source = reference + (y * width + left) * channels
      func copy(_ range: Range<Int>) {
        (row + range.lowerBound * channels).update(
          from: source + range.lowerBound * channels, count: range.count * channels)
      }
      if inside.lowerBound > 0 {
        row.update(repeating: filler, count: inside.lowerBound * channels)
      }
      if inside.upperBound < columns {
        (row + inside.upperBound * channels).update(
          repeating: filler, count: (columns - inside.upperBound) * channels)
      }
      guard y >= changedTop, y < changedTop + changed.rows.extent else {
        copy(inside)
        continue
      }
      copy(inside.lowerBound..<overlay.lowerBound)
      let change =
        (y - changedTop) * changed.columns.extent + overlay.lowerBound + left - changedLeft
      (row + overlay.lowerBound * channels).update(
        from: edit + change * channels, count: overlay.count * channels)
      copy(overlay.upperBound..<inside.upperBound)
    }
  }
}
