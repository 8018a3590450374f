import Tensors

/// Turns a program on whole maps into one that recomputes only what an edit of the image can reach.
///
/// Each step whose operator has a rule runs on windows cut out of its input maps, of one size for
/// all edits; once windows cover most of a map, the rest of the program runs on whole maps.
/// An operator without a rule runs on whole maps. The maps of the unedited image are inputs of the
/// program, under the names that they have in the whole one.
struct WindowPlanner {
  /// The share of a map's area from which the whole map is computed: windows save little then and
  /// cost their cutting.
  private static let mostCovered = 0.85

  /// Row and column of each edit, `[n, 2]`.
  private let positions: ValueDescription
  /// Maps of the unedited image that windows are cut from, in the order of their first use.
  private var references: [ValueDescription] = []
  private var steps: [Program.Step] = []
  private var placements: [ValueName: Placement] = [:]
  private var gathered: [GatherKey: ValueDescription] = [:]
  /// Steps that had windows to read and no rule for them.
  private var withoutRule: [WindowCoverage.Step] = []

  /// Where a value of the whole program is found in the windowed one.
  private struct Placement {
    var value: ValueDescription
    /// Nil once whole maps are computed.
    var window: Window?
  }

  private struct Window {
    let rows: Reach
    let columns: Reach
    let map: MapWindow

    init(rows: Reach, columns: Reach) {
      self.rows = rows
      self.columns = columns
      map = MapWindow(rows: rows.window, columns: columns.window)
    }
  }

  private struct GatherKey: Hashable {
    let value: ValueName
    let extents: [Int]
    let starts: [[Int]]
    let filler: Float
  }

  /// What edits of one extent need.
  struct Plan {
    /// Its inputs: the edits, their positions, then the reference's maps.
    let program: Program
    /// By the names of inputs, what the whole program calls them.
    let references: [ValueName: ValueName]
    /// Steps that had windows to read and no rule for them.
    let withoutRule: [WindowCoverage.Step]

    var edits: ValueDescription { program.inputs[0] }
    var positions: ValueDescription { program.inputs[1] }
  }

  /// The windowed program of `whole`, for edits of `extent` (height, width) in a region.
  static func plan(_ whole: Program, extent: [Int], region: EditRegion) throws -> Plan {
    let image = whole.inputs[0]
    var planner = WindowPlanner(batch: image.shape[0], image: image.name)
    let edits = planner.place(input: image, extent: extent, region)
    for step in whole.steps { try planner.append(step) }
    let output = planner.whole(whole.outputs[0])
    return Plan(
      program: Program(
        inputs: [edits, planner.positions] + planner.references, steps: planner.steps,
        outputs: [output]),
      references: Dictionary(
        uniqueKeysWithValues: planner.references.map { ($0.name, $0.name.without(.reference)) }),
      withoutRule: planner.withoutRule)
  }

  private init(batch: Int, image: ValueName) {
    positions = ValueDescription(name: image.with(.positions), shape: [batch, 2])
  }

  /// Whether a value is maps whose rows and columns windows can be cut from.
  private static func isMaps(_ value: ValueDescription) -> Bool {
    value.shape.rank == 4 && value.layout == .channelsLast
  }

  private mutating func place(
    input: ValueDescription, extent: [Int], _ region: EditRegion
  ) -> ValueDescription {
    var edit = input
    let axes = WindowPlanner.isMaps(input) ? [2, 3] : [1, 2]
    for (axis, length) in zip(axes, extent) { edit.shape[axis] = length }
    let window = Window(
      rows: Reach(edit: extent[0], in: input.shape[axes[0]], origins: region.rows),
      columns: Reach(edit: extent[1], in: input.shape[axes[1]], origins: region.columns))
    edit.name = edit.name.with(.edit)
    placements[input.name] = Placement(value: edit, window: window)
    return edit
  }

  private mutating func append(_ step: Program.Step) throws {
    if step.isView {
      appendView(step)
    } else if let window = window(of: step), let operation = step.operation as? any WindowedOperator
    {
      try append(step, operation, window)
    } else {
      noteMissingRule(step)
      let inputs = step.inputs.map { $0.isConstant ? $0 : whole($0) }
      steps.append(
        Program.Step(
          label: step.label, type: step.type, operation: step.operation, inputs: inputs,
          outputs: step.outputs))
      for output in step.outputs {
        placements[output.name] = Placement(value: output, window: nil)
      }
    }
  }

  private mutating func noteMissingRule(_ step: Program.Step) {
    let readsWindows = step.inputs.contains { placements[$0.name]?.window != nil }
    let operation = step.operation as? any WindowedOperator
    guard readsWindows, operation?.receptiveFields(for: step.inputs) == nil,
      !(step.operation is LayoutChange)
    else { return }
    withoutRule.append(WindowCoverage.Step(type: step.type, label: step.label))
  }

  private mutating func appendView(_ step: Program.Step) {
    if let source = placements[step.inputs[0].name], source.window != nil,
      step.inputs[0].shape == step.output.shape, WindowPlanner.isMaps(step.output)
    {
      placements[step.output.name] = source
      return
    }
    noteMissingRule(step)
    var inputs = step.inputs
    inputs[0] = whole(inputs[0])
    steps.append(
      Program.Step(
        label: step.label, type: step.type, operation: step.operation, inputs: inputs,
        outputs: step.outputs))
    placements[step.output.name] = Placement(value: step.output, window: nil)
  }

  /// What changes in a step's result, when its operator has a rule and it is not most of the map.
  private func window(of step: Program.Step) -> Window? {
    guard let operation = step.operation as? any WindowedOperator,
      WindowPlanner.isMaps(step.output),
      let fields = operation.receptiveFields(for: step.inputs)
    else { return nil }
    var reach: (rows: Reach, columns: Reach)?
    for (input, field) in zip(step.inputs, fields) where !input.isConstant {
      guard let field, WindowPlanner.isMaps(input), let placement = placements[input.name],
        WindowPlanner.isMaps(placement.value), let window = placement.window
      else { return nil }
      let rows = window.rows.through(
        extent: field.extent[0], stride: field.stride[0], padBefore: field.padBefore[0],
        length: step.output.shape[2])
      let columns = window.columns.through(
        extent: field.extent[1], stride: field.stride[1], padBefore: field.padBefore[1],
        length: step.output.shape[3])
      reach = (reach?.rows.union(rows) ?? rows, reach?.columns.union(columns) ?? columns)
    }
    guard let reach else { return nil }
    let window = Window(rows: reach.rows, columns: reach.columns)
    let covered = Double(window.map.area) / Double(window.map.mapArea)
    return covered <= WindowPlanner.mostCovered ? window : nil
  }

  private mutating func append(
    _ step: Program.Step, _ operation: any WindowedOperator, _ window: Window
  ) throws {
    let fields = operation.receptiveFields(for: step.inputs) ?? []
    let inputs = zip(step.inputs, fields).map { input, field in
      guard !input.isConstant, let field else { return input }
      let rows = window.map.rows.read(
        extent: field.extent[0], stride: field.stride[0], padBefore: field.padBefore[0],
        length: input.shape[2])
      let columns = window.map.columns.read(
        extent: field.extent[1], stride: field.stride[1], padBefore: field.padBefore[1],
        length: input.shape[3])
      return gather(input, MapWindow(rows: rows, columns: columns), filler: field.filler)
    }
    var output = step.output
    output.shape[2] = window.map.rows.extent
    output.shape[3] = window.map.columns.extent
    output.name = output.name.with(.window)
    steps.append(
      Program.Step(
        label: step.label, type: step.type, operation: operation.onWindows, inputs: inputs,
        outputs: [output]))
    placements[step.output.name] = Placement(value: output, window: window)
  }

  /// A value as whole maps, put together from reference and windows when need be.
  private mutating func whole(_ value: ValueDescription) -> ValueDescription {
    guard let placement = placements[value.name] else {
      preconditionFailure("'\(value.name)' was not computed")
    }
    guard let window = placement.window else { return value }
    var result = gather(value, window.map.whole, filler: 0)
    result.shape = value.shape
    result.layout = value.layout
    return result
  }

  /// A window of a value that may be wider than what changed.
  private mutating func gather(
    _ value: ValueDescription, _ target: MapWindow, filler: Float
  ) -> ValueDescription {
    guard let placement = placements[value.name], let window = placement.window else {
      preconditionFailure("'\(value.name)' has no window")
    }
    if window.map == target { return placement.value }
    let key = GatherKey(
      value: placement.value.name, extents: [target.rows.extent, target.columns.extent],
      starts: [target.rows.starts, target.columns.starts], filler: filler)
    if let known = gathered[key] { return known }
    var source = placement.value
    // An image that lies [n, h, w, c] because the model wants it so holds the same bytes.
    if !WindowPlanner.isMaps(source) {
      source.shape = Shape([0, 3, 1, 2].map { source.shape[$0] })
      source.layout = .channelsLast
    }
    var output = source
    output.shape[2] = target.rows.extent
    output.shape[3] = target.columns.extent
    output.name = output.name.with(.gather(gathered.count))
    steps.append(
      Program.Step(
        label: "\(output.name)", type: WindowGather.type,
        operation: WindowGather(changed: window.map, target: target, filler: filler),
        inputs: [source, reference(value), positions], outputs: [output]))
    gathered[key] = output
    return output
  }

  /// The unedited image's map of a value.
  private mutating func reference(_ value: ValueDescription) -> ValueDescription {
    var map = value
    map.name = value.name.with(.reference)
    map.shape[0] = 1
    if !references.contains(where: { $0.name == map.name }) { references.append(map) }
    return map
  }
}
