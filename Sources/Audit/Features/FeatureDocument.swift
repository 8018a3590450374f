import Figures
import Reports
import Statistics

/// The report on the features of one model.
package enum FeatureDocument {
  /// `pictures`: by class, then by component, in the order of the findings.
  ///
  /// `date`: ISO 8601.
  package static func make(
    _ findings: FeatureFindings, pictures: [[ComponentPictures]], date: String
  ) -> Document {
    let shown = FeatureDocument.shown(findings)
    return Document(
      title: "Features that \(findings.model) rests on",
      subtitle: "\(findings.classes.count) classes, \(findings.images) images of "
        + "\(findings.featureData); \(findings.tested) components tested.",
      date: date,
      sections: [
        Section(
          id: "features", title: "Which features decide", isSummary: true,
          blocks: [.finding(finding(findings)), .paragraph(explanation(findings))]
            + (findings.classes.isEmpty ? [] : [.figure(overview(findings))])
            + skippedBlocks(findings))
      ]
        + order(findings).map { index in
          section(findings, index, pictures[index], shown: shown[index])
        }
        + [Section(id: "methods", title: "Methods", blocks: methods(findings))])
  }

  /// Classes with components called sufficient first.
  private static func order(_ findings: FeatureFindings) -> [Int] {
    func isFound(_ index: Int) -> Bool {
      findings.classes[index].components.contains(where: \.sufficient)
    }
    return findings.classes.indices.filter(isFound)
      + findings.classes.indices.filter { !isFound($0) }
  }

  /// Components of each class that are pictured: those called sufficient first, then those of the largest
  /// share.
  private static func shown(_ findings: FeatureFindings) -> [[Int]] {
    findings.classes.map { known in
      let sufficient = known.components.indices.filter { known.components[$0].sufficient }
      let others = known.components.indices.filter { !known.components[$0].sufficient }
      return sufficient + others.prefix(max(0, 2 - sufficient.count))
    }
  }

  private static func finding(_ findings: FeatureFindings) -> Finding {
    let found = findings.sufficient
    guard let first = found.first else {
      return Finding(
        .neutral,
        "Of \(findings.tested) components none alone turns more than twice as many images into its class "
          + "as the same places of other images of the class do.")
    }
    let names = found.map { "\($0.known.name) (component \($0.component.index))" }
    return Finding(
      .concern,
      "\(found.count) of \(findings.tested) components \(found.count == 1 ? "is" : "are") sufficient alone: "
        + "\(briefly(names)). Regions of the first, \(percent(first.component.regionArea, decimals: 0)) of the image, turn "
        + "\(percent(first.component.flipRate?.mean ?? 0, decimals: 0)) of the images of other classes "
        + "into \(first.known.name).")
  }

  /// What was found in a line for each component that is sufficient alone, and one before.
  package static func summary(_ findings: FeatureFindings) -> String {
    let lines = findings.sufficient.map { found in
      let rates = [
        found.component.flipRate, found.component.controlMedian, found.component.controlRandom,
        found.component.controlShuffled,
      ].map { percent($0?.mean ?? 0, decimals: 0) }
      return "  \(found.known.name), component \(found.component.index): regions of "
        + "\(percent(found.component.regionArea)) of the image turn \(rates[0]) of images of other classes; "
        + "controls: median α \(rates[1]), any image \(rates[2]), shuffled \(rates[3])"
    }
    return ([finding(findings).text] + lines).joined(separator: "\n")
  }

  private static func explanation(_ findings: FeatureFindings) -> String {
    "A component is a direction in which the features of a class’s images vary, and adds α to the class’s "
      + "logit. Its region, where an image of large α owes it to, is pasted into up to \(findings.trial.targets) images "
      + "of other classes; the share that turns into the class is held against the same places of images "
      + "of a median α, of any images of the class, and against the region with its pixels shuffled. "
      + "Sufficient alone is no verdict: whether a component belongs to the class is for a person to say."
  }

  private static func skippedBlocks(_ findings: FeatureFindings) -> [Block] {
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

  /// Flip rates, classes by components.
  private static func overview(_ findings: FeatureFindings) -> Figure {
    let columns = findings.classes.map(\.components.count).max() ?? 0
    let rates = findings.classes.flatMap { known in
      (0..<columns).map { column -> Double? in
        known.components.indices.contains(column)
          ? known.components[column].flipRate?.mean : nil
      }
    }
    let texts = findings.classes.flatMap { known in
      (0..<columns).map { column -> String in
        guard known.components.indices.contains(column) else { return "" }
        let component = known.components[column]
        let rate = component.flipRate.map { number($0.mean * 100, decimals: 0) } ?? "–"
        return rate + (component.sufficient ? "*" : "")
      }
    }
    let highest = max(rates.compactMap { $0 }.max() ?? 0, 0.01)
    let rows = findings.classes.count
    return Figure(
      name: "flip-rates",
      caption:
        "Images of other classes, in percent, that a component’s regions turn into the class. "
        + "Components by their share of α, largest first; * sufficient alone.",
      altText: findings.classes.map { known in
        "\(known.name): "
          + known.components.map { percent($0.flipRate?.mean ?? 0, decimals: 0) }
          .joined(separator: ", ")
      }.joined(separator: "; "),
      height: 0.9 + 0.26 * Double(rows),
      panels: [
        Panel(
          x: .categories(
            label: "component, by share of α", (0..<columns).map { "\($0 + 1)" }),
          y: .categories(label: "", findings.classes.map(\.name).reversed()),
          marks: [
            .cells(
              rows: rows, columns: columns, values: rates, map: .blues, 0...highest, texts)
          ])
      ],
      data: DataTable(
        columns: ["class", "component", "share", "flip_rate", "sufficient"],
        rows: findings.classes.flatMap { known in
          known.components.map { component in
            [
              known.name, "\(component.index)", "\(component.share)",
              component.flipRate.map { "\($0.mean)" } ?? "", "\(component.sufficient)",
            ]
          }
        }))
  }

  private static func section(
    _ findings: FeatureFindings, _ index: Int, _ pictures: [ComponentPictures], shown: [Int]
  ) -> Section {
    let known = findings.classes[index]
    let grids = shown.map { position in
      grid(known, known.components[position], pictures[position])
    }
    return Section(
      id: "class-\(known.classIndex)", title: known.name,
      blocks: [.paragraph(importance(known))] + grids.map(Block.imageGrid)
        + [.table(table(known))] + (made(known, pictures).map { [.imageGrid($0)] } ?? []))
  }

  private static func importance(_ known: FeatureFindings.Class) -> String {
    guard !known.importance.isEmpty else {
      return "\(known.n) images. No image is predicted as \(known.name)."
    }
    let features = known.importance.map { "\($0.feature) (\(number($0.value, decimals: 2)))" }
    return
      "\(known.n) images. Features that add most to its logit, on average over the images predicted as "
      + "it: \(features.joined(separator: ", "))."
  }

  private static func grid(
    _ known: FeatureFindings.Class, _ component: FeatureFindings.Component,
    _ pictures: ComponentPictures
  ) -> ImageGrid {
    let items = pictures.examples.map { example in
      ImageGrid.Item(
        title: example.name, note: "α = \(number(example.alpha, decimals: 2))",
        shortNote: "α = \(number(example.alpha, decimals: 2))",
        pictures: [
          ImageGrid.Picture(pictures.picture(example.display), "image"),
          ImageGrid.Picture(pictures.heatPicture(example), "where α comes from"),
          ImageGrid.Picture(pictures.regionPicture(example), "region"),
        ],
        altText: "α of \(number(example.alpha, decimals: 2)); its region covers "
          + "\(percent(Double(example.region.count) / Double(pictures.height * pictures.width))) of it."
      )
    }
    let call = component.sufficient ? ", sufficient alone" : ""
    return ImageGrid(
      name: "class-\(known.classIndex)-component-\(component.index)",
      heading: "Component \(component.index)\(call)",
      caption:
        "Component \(component.index) of \(known.name)\(call): images of its largest α, where that comes "
        + "from, and the region that is pasted.",
      items: items)
  }

  /// Images made by the model, which come last; nil without one.
  private static func made(
    _ known: FeatureFindings.Class, _ pictures: [ComponentPictures]
  ) -> ImageGrid? {
    let items = zip(known.components, pictures).compactMap {
      component, pictures -> ImageGrid.Item? in
      guard let visualization = pictures.visualization else { return nil }
      let confidence = percent(visualization.confidence, decimals: 0)
      return ImageGrid.Item(
        title: "component \(component.index)", note: "\(confidence) \(known.name)",
        shortNote: confidence,
        pictures: [ImageGrid.Picture(pictures.picture(visualization.display), "from grey")],
        altText: "The image that shows it most; the model is \(confidence) sure of \(known.name).")
    }
    guard !items.isEmpty else { return nil }
    return ImageGrid(
      name: "class-\(known.classIndex)-made", heading: "Made by the model",
      caption:
        "Images that show a component as much as a small change of grey allows. Those of models that "
        + "are not adversarially robust look like noise.",
      items: items)
  }

  private static func table(_ known: FeatureFindings.Class) -> Table {
    func rate(_ estimate: MeanEstimate?) -> Table.Cell {
      Table.Cell(estimate.map { interval($0, decimals: 0) } ?? "–")
    }
    return Table(
      caption:
        "Components by number. Share of images of other classes turned into \(known.name), with 95% intervals over the "
        + "images that regions are from. Border: the share of heat in the outer tenth. Into: images that each "
        + "region is pasted into.",
      columns: [
        Table.Column("No."), Table.Column("Share of α", numeric: true),
        Table.Column("Leads", numeric: true), Table.Column("Area", numeric: true),
        Table.Column("Border", numeric: true), Table.Column("Into", numeric: true),
        Table.Column("Turned", numeric: true),
        Table.Column("Median α", numeric: true), Table.Column("Any image", numeric: true),
        Table.Column("Shuffled", numeric: true), Table.Column("Alone"),
      ],
      rows: known.components.map { component in
        [
          Table.Cell("\(component.index)"),
          Table.Cell(percent(component.share, decimals: 0)),
          Table.Cell(percent(component.lead, decimals: 0)),
          Table.Cell(percent(component.regionArea)),
          Table.Cell(percent(component.borderShare, decimals: 0)),
          Table.Cell("\(component.targets)"),
          rate(component.flipRate), rate(component.controlMedian), rate(component.controlRandom),
          rate(component.controlShuffled),
          component.sufficient
            ? Table.Cell("sufficient", status: .concern) : Table.Cell("no"),
        ]
      })
  }

  private static func methods(_ findings: FeatureFindings) -> [Block] {
    [
      .paragraph(
        "Features: input of node \(findings.featuresAt). Components: eigenvectors of the covariance of the "
          + "features times the class’s weights, over the images labelled with the class (neural PCA); α is "
          + "what a component adds to the logit. Heat: what α loses when a patch of the image, a seventh of "
          + "each side, shows the mean of ordinary images of the class, beyond the mean and two standard "
          + "deviations of what ordinary images lose there; patches overlap by half. Region: the hottest "
          + "pixels that hold nine tenths of the heat, at most 15% of the image. Ordinary images, and those "
          + "that regions are pasted into, are from the audited data."),
      .paragraph(
        "Sufficient alone: regions turn more than twice as many images as each control does (Welch’s t over "
          + "the images that regions are from, one-sided), false discovery rate 5% over all "
          + "\(findings.tested) components (Benjamini–Hochberg). Components whose regions, of "
          + "\(findings.trial.firstDonors) images pasted into \(findings.trial.firstTargets), turn fewer than "
          + "\(percent(findings.trial.leastRate, decimals: 0)) are told from those alone, without controls."
      ),
    ]
  }
}
