import Experiments
import Formats

extension OptionDefaults {
  /// The words that stand for the defaults of a command, to be put before those that were typed.
  ///
  /// - Parameters:
  ///   - command: such as `analyze similarity`.
  ///   - options: what it takes.
  ///   - given: the words typed behind it: an option among them has no default.
  ///   - names: every command, for messages.
  /// - Throws: `ExperimentError` for a command or an option that is none, and a flag that is neither true nor false.
  public func words(for command: String, _ options: CommandOptions, given: [String], among names: [String]) throws
    -> [String]
  {
    for (name, line, _) in commands where name != OptionDefaults.everyCommand && !names.contains(name) {
      throw ExperimentError(
        "\(file), line \(line): '\(name)' is no command\(Spelling.suggestion(for: name, among: names)); give "
          + "\(OptionDefaults.everyCommand) or a command, such as extract or analyze similarity")
    }
    let typed = given.prefix { $0 != "--" }
    return try entries(for: command) { options[$0] != nil }.flatMap { entry -> [String] in
      guard let option = options[entry.option] else {
        throw ExperimentError(
          "\(file), line \(entry.line): \(command) has no option "
            + "'\(entry.option)'\(Spelling.suggestion(for: entry.option, among: options.names))")
      }
      let flags = option.names.map { "--\($0)" }
      let isGiven = typed.contains { word in flags.contains { word == $0 || word.hasPrefix($0 + "=") } }
      if isGiven { return [] }
      let flag = "--\(entry.option)"
      if option.isFlag {
        switch entry.values {
        case ["true"]: return [flag]
        case ["false"]: return []
        default: throw ExperimentError("\(file), line \(entry.line): \(entry.option) is a flag; give true or false")
        }
      }
      if option.isRepeating { return entry.values.map { "\(flag)=\($0)" } }
      return ["\(flag)=\(entry.values.joined(separator: ","))"]
    }
  }
}
