import Reports

/// The page on which people say of components whether they belong to the class.
package enum LabelPage {
  /// Components on a page, at most: more make it too large to be mailed.
  private static let most = 40

  /// Those called sufficient first.
  package static func make(_ results: FeatureResults) -> Questionnaire {
    let blocks = FeatureBlocks(results: results)
    let findings = results.findings
    let places = findings.labellingOrder.filter { !blocks.pictures($0).examples.isEmpty }
      .prefix(most)
    return Questionnaire(
      title: "What does \(findings.model) look at?",
      subtitle: "\(places.count) components of \(findings.featureData), "
        + "\(findings.sufficient.count) of them decide alone.",
      instructions: [
        "Each row shows five images of a class, and in bright colours what a component of the model looks at in "
          + "them. Core: it is part of what the class is. Spurious: it is something beside it, such as "
          + "background, another object, a mark. Cannot say: it stays unknown.",
        "Labels are kept in this browser. Save them as a file for 'overinterp features label FOLDER FILE'.",
      ],
      choices: [
        Questionnaire.Choice("core", "Core"), Questionnaire.Choice("spurious", "Spurious"),
        Questionnaire.Choice("unknown", "Cannot say"),
      ],
      items: places.map { item(blocks, $0) }, columns: FeatureLabels.Sheet.columns,
      withoutScript:
        "This page needs JavaScript to save labels. Without it, write core or spurious into the last column of "
        + "labels.csv in the same folder, and give that file to 'overinterp features label'.")
  }

  private static func item(
    _ blocks: FeatureBlocks, _ place: FeatureBlocks.Place
  ) -> Questionnaire.Item {
    let (known, component, pictures) = (
      blocks.known(place), blocks.component(place), blocks.pictures(place)
    )
    let turned = component.flipRate.map {
      "Pasted alone, it turns \(percent($0.mean, decimals: 0)) of images of other classes into \(known.name)"
    }
    let call = component.sufficient ? ": decides alone." : "."
    return Questionnaire.Item(
      title: "\(known.name), component \(component.index)", note: (turned.map { $0 + call }) ?? "",
      pictures: pictures.examples.map { example in
        ImageGrid.Item(
          title: example.name, note: "",
          pictures: [
            ImageGrid.Picture(pictures.picture(example.display), "image"),
            ImageGrid.Picture(pictures.heatPicture(example), "what it looks at"),
          ],
          altText: "\(known.name), image \(example.name)")
      },
      fields: [
        blocks.findings.model, "\(known.classIndex)", known.name, "\(component.index)",
      ])
  }
}
