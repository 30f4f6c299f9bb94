import HDF5
import Synchronization

/// One HDF5 file with rows of a store, and the ways to read its datasets, each found once.
final class StoreFile: Sendable {
  let file: HDF5File
  private let reading: StoreReading
  private let readers = Mutex<[String: RowReader]>([:])

  init(_ file: HDF5File, _ reading: StoreReading) {
    self.file = file
    self.reading = reading
  }

  /// The way to read a dataset's rows.
  ///
  /// - Throws: `HDF5Error`, `StoreError`.
  func reader(_ dataset: String) throws -> RowReader {
    if let known = readers.withLock({ $0[dataset] }) { return known }
    let opened = try file.dataset(dataset, cacheBytes: FeatureStore.cacheBound)
    try reading.requireFinishedSources(of: opened)
    let made = try RowReader(opened)
    return readers.withLock { readers in
      if let known = readers[dataset] { return known }
      readers[dataset] = made
      return made
    }
  }
}

/// The files that the rows of a store lie in: one, or shards of which few are open at a time.
final class StoreParts: Sendable {
  /// A file, and which rows of the store it has.
  struct Part: Sendable {
    let path: String
    let rows: Range<Int>
  }

  /// A row of a file, and its place among the rows that a caller asked for.
  struct Pick: Sendable {
    let position: Int
    let row: Int
  }

  private struct Opened {
    let part: Int
    let file: StoreFile
  }

  /// Shards that are open at once beside the first, whose structure stands for all: a file takes a descriptor or two, and some
  /// systems grant a process 64.
  private static let mostOpen = 4

  let parts: [Part]
  /// Of the first part, always open.
  let first: StoreFile
  /// The last used last.
  private let opened = Mutex<[Opened]>([])

  /// - Parameters:
  ///   - parts: in the order of their rows, which follow each other from 0.
  ///   - first: the file of the first of them.
  init(_ parts: [Part], first: StoreFile) {
    self.parts = parts
    self.first = first
  }

  /// Rows of the first file.
  var firstCount: Int { parts[0].rows.count }

  /// The way to read the rows that a part has of a dataset.
  func reader(_ dataset: String, of part: Int) throws -> RowReader {
    let reader = try file(part).reader(dataset)
    guard parts.count == 1 || reader.dataset.shape.first == parts[part].rows.count else {
      throw StoreError(
        .badStore,
        "\(parts[part].path): \(dataset) has \(reader.dataset.shape.first ?? 0) rows, expected \(parts[part].rows.count)"
      )
    }
    return reader
  }

  private func file(_ part: Int) throws -> StoreFile {
    guard part > 0 else { return first }
    let known = opened.withLock { opened -> StoreFile? in
      guard let index = opened.firstIndex(where: { $0.part == part }) else { return nil }
      opened.append(opened.remove(at: index))
      return opened.last?.file
    }
    if let known { return known }
    let file = try HDF5File.open(parts[part].path)
    let made = StoreFile(file, StoreReading(file: file))
    opened.withLock { opened in
      if opened.count >= StoreParts.mostOpen { opened.removeFirst() }
      opened.append(Opened(part: part, file: made))
    }
    return made
  }

  /// Chosen rows by the part they lie in, in the order of the parts.
  func picks(of rows: [Int]) -> [(part: Int, picks: [Pick])] {
    guard parts.count > 1 else { return [(0, rows.enumerated().map { Pick(position: $0.offset, row: $0.element) })] }
    var found: [Int: [Pick]] = [:]
    for (position, row) in rows.enumerated() {
      let part = part(of: row)
      found[part, default: []].append(Pick(position: position, row: row - parts[part].rows.lowerBound))
    }
    return found.keys.sorted().map { ($0, found[$0] ?? []) }
  }

  /// The pieces of a range of rows: the part, and which rows of its file.
  func pieces(of rows: Range<Int>) -> [(part: Int, rows: Range<Int>)] {
    var pieces: [(part: Int, rows: Range<Int>)] = []
    var row = rows.lowerBound
    while row < rows.upperBound {
      let part = part(of: row)
      let end = min(rows.upperBound, parts[part].rows.upperBound)
      let first = parts[part].rows.lowerBound
      pieces.append((part, row - first..<end - first))
      row = end
    }
    return pieces
  }

  private func part(of row: Int) -> Int {
    var (low, high) = (0, parts.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if row < parts[middle].rows.upperBound { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
