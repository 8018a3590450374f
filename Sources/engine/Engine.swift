import ArgumentParser

/// Runs networks by themselves, beside other engines: a tool for this project's developers.
@main struct Engine: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engine", abstract: "Run networks by themselves, beside other engines.",
    subcommands: [
      DecodeCommand.self, GraphCommand.self, NodesCommand.self, OperatorsCommand.self,
      RunCommand.self, TimeCommand.self,
    ])
}
