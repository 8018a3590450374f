import ArgumentParser
import Spelling

/// What a mistyped command or flag most likely meant.
enum Suggestion {
  /// A complaint about the first argument that no command or no flag of its command is; nil when all
  /// are known.
  ///
  /// The parser names a missing argument first; the mistyped flag is why it is missing.
  static func complaint(about arguments: [String]) -> String? {
    guard let name = arguments.first, !name.hasPrefix("-"), name != "help" else { return nil }
    let commands = Overinterp.configuration.subcommands
    let names = commands.compactMap { $0.configuration.commandName }
    guard var command = commands.first(where: { $0.configuration.commandName == name }) else {
      let near = nearest(to: name, among: names).map { "; did you mean '\($0)'?" }
      return "There is no command '\(name)'"
        + (near ?? ". There are \(names.joined(separator: ", ")).")
    }
    // Subcommands of a command have flags of their own.
    if !command.configuration.subcommands.isEmpty {
      let named = command.configuration.subcommands.first {
        $0.configuration.commandName == arguments.dropFirst().first
      }
      guard let named = named ?? command.configuration.defaultSubcommand else { return nil }
      command = named
    }
    let help = Overinterp.helpMessage(for: command, columns: 200)
    let known = Set(help.matches(of: /--[a-z][a-z-]*/).map { String($0.output) })
    for argument in arguments.dropFirst() where argument.hasPrefix("--") && argument.count > 2 {
      let flag = String(argument.prefix { $0 != "=" })
      guard !known.contains(flag), flag != "--version", !flag.contains("help") else { continue }
      let near = nearest(to: flag, among: known.sorted()).map { "; did you mean '\($0)'?" }
      return "'\(name)' has no flag '\(flag)'" + (near ?? ". See 'overinterp \(name) --help'.")
    }
    return nil
  }
}
