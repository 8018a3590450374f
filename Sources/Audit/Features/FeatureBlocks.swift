import Figures
import Reports
import Statistics

/// What reports show of a model's features: of one model alone, or of each one of an audit.
struct FeatureBlocks {
  let results: FeatureResults
  /// Whether the report is of several models, so that each figure says which.
  var namesModel = false

  /// Before the names of figures, which are files.
  private var prefix: String { namesModel ? fileName(findings.model) + "-" : "" }

  /// Before captions.
  private var modelName: String { namesModel ? findings.model + ": " : "" }

  /// A component of a class.
  typealias Place = (known: Int, component: Int)

  var findings: FeatureFindings { results.findings }

  func known(_ place: Place) -> FeatureFindings.Class { findings.classes[place.known] }

  func component(_ place: Place) -> FeatureFindings.Component {
    known(place).components[place.component]
  }

  func pictures(_ place: Place) -> ComponentPictures {
    results.pictures[place.known][place.component]
  }

  /// Components called sufficient, highest flip rate first.
  var sufficient: [Place] { findings.labellingOrder.filter { component($0).sufficient } }

  // MARK: Sentences

  var finding: Finding {
    let found = findings.sufficient
    guard let first = found.first else {
      return Finding(
        .neutral,
        "None of the \(findings.tested) features tested decides alone: none turns more than twice as many images "
          + "into its class as the same places of other images of the class do.")
    }
    let names = found.map { "\($0.known.name) (component \($0.component.index))" }
    let spurious = found.count { $0.component.label == .spurious }
    let core = found.count { $0.component.label == .core }
    let labels =
      spurious + core == 0
      ? "" : " People call \(spurious) spurious and \(core) part of the class."
    return Finding(
      core == found.count ? .neutral : .concern,
      "\(found.count) of \(findings.tested) features \(found.count == 1 ? "decides" : "decide") alone: "
        + "\(briefly(names)). \(found.count == 1 ? "Its regions" : "Regions of the first"), "
        + "\(percent(first.component.regionArea ?? 0, decimals: 0)) of the image, turn "
        + "\(percent(first.component.flipRate?.mean ?? 0, decimals: 0)) of the images of other classes "
        + "into \(first.known.name)." + labels)
  }

  /// Components whose regions were pasted.
  var pastedCount: Int {
    findings.classes.flatMap(\.components).count { $0.flipRate != nil }
  }

  var explanation: String {
    "A feature is a pattern that adds to a class’s score: a component, that is a direction in which the last layer varies "
      + "over images of the class; α is what it adds. Its region, where an image of large α owes it to, is pasted into up to \(findings.trial.targets) images "
      + "of other classes, drawn at random, and into as many that lack least for the class; what turns into the class "
      + "there is held against the same places of images "
      + "of a median α, of any images of the class, and against the region with its pixels shuffled. "
      + "Deciding alone is no verdict: whether a component belongs to the class is for a person to say."
  }

  /// Classes that nothing can be said of; none where all have images.
  var skipped: [Block] {
    guard !findings.skipped.isEmpty else { return [] }
    let names = findings.skipped.map { "\($0.name) (\($0.n))" }
    return [
      .finding(
        Finding(
          .notRun,
          "Too few images for components: \(briefly(names)). More can be given with --feature-data."
        ))
    ]
  }

  // MARK: Figure

  /// Classes that the figure has room for.
  private static let mostRows = 40

  /// What the darkest cell is at least, so that a few percent do not look like many.
  private static let leastScale = 0.2

  /// Flip rates, classes by components; of many classes those with the highest.
  var overview: Figure { FeatureBlocks.overview([self], name: prefix + "flip-rates") }

  /// The same of several models, a panel each.
  static func overview(_ models: [FeatureBlocks], name: String = "flip-rates") -> Figure {
    let largest = max(
      models.flatMap(\.findings.classes).flatMap(\.components)
        .compactMap { $0.flipRate?.mean }.max() ?? 0, leastScale)
    let rows = models.map(\.pictured.count).max() ?? 0
    let isCut = models.contains { $0.pictured.count < $0.findings.classes.count }
    return Figure(
      name: name,
      caption:
        "Dark: a pasted region of this feature turns many images of other classes into its class. Numbers are "
        + "percent; *\u{a0}decides alone; –\u{a0}not pasted, because even all of it would turn hardly any."
        + (isCut ? " Of many classes the \(rows) with the highest rates." : ""),
      altText: models.map(\.overviewText).joined(separator: " "),
      height: 0.8 + 0.21 * Double(rows), columns: min(3, models.count),
      panels: models.map { $0.overviewPanel(0...largest) },
      data: DataTable(
        columns: [
          "model", "class", "component", "share", "reach", "flip_rate", "sufficient", "label",
        ],
        rows: models.flatMap { model in
          model.findings.classes.flatMap { known in
            known.components.map { component in
              [
                model.findings.model, known.name, "\(component.index)", field(component.share),
                field(component.reach), field(component.flipRate?.mean),
                "\(component.sufficient)", component.label.rawValue,
              ]
            }
          }
        }))
  }

  /// Classes in the figure.
  private var pictured: [FeatureFindings.Class] {
    func highest(_ known: FeatureFindings.Class) -> Double {
      known.components.map { ($0.flipRate?.mean ?? 0) + ($0.sufficient ? 1 : 0) }.max() ?? 0
    }
    let all = findings.classes
    return all.count > FeatureBlocks.mostRows
      ? Array(all.sorted { highest($0) > highest($1) }.prefix(FeatureBlocks.mostRows)) : all
  }

  private func overviewPanel(_ range: ClosedRange<Double>) -> Panel {
    let shown = pictured
    let columns = shown.map(\.components.count).max() ?? 0
    func cells<Value>(_ value: (FeatureFindings.Component?) -> Value) -> [Value] {
      shown.flatMap { known in
        (0..<columns).map { column in
          value(known.components.indices.contains(column) ? known.components[column] : nil)
        }
      }
    }
    let texts = cells { component -> String in
      guard let component else { return "" }
      let rate = component.flipRate.map { number($0.mean * 100, decimals: 0) } ?? "–"
      return rate + (component.sufficient ? "*" : "")
    }
    return Panel(
      title: namesModel ? findings.model : "",
      x: .categories(label: "feature, largest first", (0..<columns).map { "\($0 + 1)" }),
      y: .categories(label: "", shown.map(\.name).reversed()),
      marks: [
        .cells(
          rows: shown.count, columns: columns, values: cells { $0?.flipRate?.mean }, map: .blues,
          range, texts)
      ])
  }

  private var overviewText: String {
    modelName
      + pictured.map { known in
        "\(known.name): "
          + known.components.map { component in
            component.flipRate.map { percent($0.mean, decimals: 0) } ?? "not pasted"
          }.joined(separator: ", ")
      }.joined(separator: "; ") + "."
  }

  // MARK: Pictures

  /// Images of largest α, with where that comes from and what is pasted.
  func grid(_ place: Place) -> ImageGrid {
    let (known, component, pictures) = (known(place), component(place), pictures(place))
    let isPasted = component.flipRate != nil
    let items = pictures.examples.map { example in
      let alpha = "α = \(number(example.alpha, decimals: 2))"
      return ImageGrid.Item(
        title: example.name, note: alpha, shortNote: alpha,
        pictures: [
          ImageGrid.Picture(pictures.picture(example.display), "image"),
          ImageGrid.Picture(pictures.heatPicture(example), "where α comes from"),
        ]
          + (isPasted ? [ImageGrid.Picture(pictures.regionPicture(example), "region")] : []),
        altText: "α of \(number(example.alpha, decimals: 2))"
          + (isPasted ? "; its region covers \(percent(example.regionArea)) of it." : "."))
    }
    return ImageGrid(
      name: "\(prefix)class-\(known.classIndex)-component-\(component.index)",
      heading: namesModel
        ? "\(modelName)\(known.name), component \(component.index)\(call(component))"
        : "Component \(component.index)\(call(component))",
      caption: modelName
        + "Component \(component.index) of \(known.name)\(call(component)): images of its largest α"
        + (isPasted
          ? ", where that comes from, and the region that is pasted."
          : " and where that comes from, by the last map; it is not pasted."),
      items: items)
  }

  private func call(_ component: FeatureFindings.Component) -> String {
    (component.sufficient ? ", decides alone" : "")
      + (component.label == .unknown ? "" : ", labelled \(component.label.rawValue)")
  }

  /// Images made by the model, which come last; nil without one.
  func made(_ places: [Place], name: String) -> ImageGrid? {
    let items = places.compactMap { place -> ImageGrid.Item? in
      let (known, component, pictures) = (known(place), component(place), pictures(place))
      guard let visualization = pictures.visualization else { return nil }
      let confidence = percent(visualization.confidence, decimals: 0)
      return ImageGrid.Item(
        title: namesModel
          ? "\(known.name), component \(component.index)" : "component \(component.index)",
        note: "\(confidence) \(known.name)", shortNote: confidence,
        pictures: [ImageGrid.Picture(pictures.picture(visualization.display), "from grey")],
        altText: "The image that shows it most; the model is \(confidence) sure of \(known.name).")
    }
    guard !items.isEmpty else { return nil }
    return ImageGrid(
      name: prefix + name, heading: "Made by the model",
      caption: modelName
        + "Images that show a component as much as a small change of grey allows. Those of models that "
        + "are not adversarially robust look like noise.",
      items: items)
  }

  // MARK: Tables

  /// Components with what their regions and controls turn.
  ///
  /// `withClass`: whether classes have a column.
  /// `name`: of its file.
  func table(
    _ places: [Place], name: String? = nil, caption: String, withClass: Bool
  ) -> Table {
    func rate(_ estimate: MeanEstimate?) -> Table.Cell {
      Table.Cell(estimate.map { interval($0, decimals: 0) } ?? "–")
    }
    func share(_ value: Double?, decimals: Int = 0) -> Table.Cell {
      Table.Cell(value.map { percent($0, decimals: decimals) } ?? "–")
    }
    let isLabelled = findings.labelling != nil
    return Table(
      name: name,
      caption: caption
        + " Share of images of other classes turned into the class, with \(levelText) intervals over the images "
        + "that regions are from; beside it the controls: images of median α, any images of the class, regions with "
        + "shuffled pixels. Share: of α. Reach: images that would turn if all of this α were moved. Border: the "
        + "share of heat in the outer tenth. Nearest: turned of the images that lack least for the class, and the "
        + "highest control there.",
      columns: (withClass ? [Table.Column("Class")] : []) + [
        Table.Column("No."), Table.Column("Share", numeric: true),
        Table.Column("Reach", numeric: true),
        Table.Column("Area", numeric: true),
        Table.Column("Border", numeric: true), Table.Column("Turned", numeric: true),
        Table.Column("Median", numeric: true), Table.Column("Any", numeric: true),
        Table.Column("Shuffled", numeric: true), Table.Column("Nearest", numeric: true),
        Table.Column("Control", numeric: true), Table.Column("Alone"),
      ] + (isLabelled ? [Table.Column("Label")] : []),
      rows: places.map { place in
        let component = component(place)
        let label = Table.Cell(
          component.label.rawValue, status: component.label == .spurious ? .concern : nil)
        return (withClass ? [Table.Cell(known(place).name)] : []) + [
          Table.Cell("\(component.index)"), share(component.share),
          share(component.reach), share(component.regionArea, decimals: 1),
          share(component.borderShare),
          rate(component.flipRate), rate(component.controlMedian), rate(component.controlRandom),
          rate(component.controlShuffled), share(component.nearFlipRate?.mean),
          share(component.nearControl?.mean),
          component.sufficient ? Table.Cell("yes", status: .concern) : Table.Cell("no"),
        ] + (isLabelled ? [label] : [])
      })
  }
}
