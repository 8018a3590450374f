import ArgumentParser

/// Which features the classes of a model rest on: found, labelled by people, scored and taken out.
struct FeaturesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract:
      "Find the visual features that each class of a model rests on; label and repair them.",
    discussion: """
      'overinterp features MODEL' is 'overinterp features find MODEL'. People then label what was found on \
      labels.html; 'label' reads their files, 'score' and 'fix' use them.

      EXAMPLE
        overinterp features resnet.onnx --data test-images --feature-data train-images -o features
        overinterp features label features labels-ana.csv labels-ben.csv
        overinterp features fix features -o fixed.onnx
      """,
    subcommands: [
      FindCommand.self, LabelCommand.self, FixCommand.self, ScoreCommand.self, PageCommand.self,
    ],
    defaultSubcommand: FindCommand.self)
}
