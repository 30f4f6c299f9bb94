import Results

extension TidyTable {
  /// An empty table with the columns of its definition; a row with another number of fields is a broken invariant.
  public init(_ definition: TableDefinition) { self.init(header: definition.header) }
}

extension TableStream {
  /// - Parameters:
  ///   - definition: of the table, which names the file and its columns.
  ///   - folder: where the file goes.
  /// - Throws: ``AnalysisError`` where the file cannot be made.
  public convenience init(_ definition: TableDefinition, in folder: String) throws {
    try self.init(path: folder + "/" + definition.file, header: definition.header)
  }
}
