import Testing

/// Expects that the program refuses `arguments` with exit status 2, says exactly `sentence` and nothing else.
func expectRefusal(
  _ here: Workspace, _ arguments: [String], _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let outcome = try here.run(arguments)
  #expect(outcome.error == "palimpsest: \(sentence)\n", sourceLocation: sourceLocation)
  #expect(outcome.status == 2, sourceLocation: sourceLocation)
  #expect(outcome.output == "", sourceLocation: sourceLocation)
}
