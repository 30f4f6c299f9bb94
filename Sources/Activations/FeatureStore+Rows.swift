import Formats
import Foundation
import HDF5
import Results
import Synchronization

/// A caller's buffer that several threads fill, each its own part.
private struct SharedBuffer: @unchecked Sendable {
  let floats: UnsafeMutableBufferPointer<Float>

  func part(_ range: Range<Int>) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: floats[range])
  }
}

extension FeatureStore {
  /// Reads whole rows as float32, `[rows, tokens, channels]`, in row-major order.
  ///
  /// - Parameter buffer: room for exactly `rows.count * tap.columns` numbers.
  public func readRows(
    condition: String = ConditionName.original.text, tap: String, rows: Range<Int>,
    into buffer: UnsafeMutableBufferPointer<Float>,
    threads: Int = 2
  ) throws {
    try readRows(condition: condition, tap: tap, rows: Array(rows), into: buffer, threads: threads)
  }

  /// Reads chosen rows as float32, in the order given.
  public func readRows(
    condition: String = ConditionName.original.text, tap: String, rows: [Int],
    into buffer: UnsafeMutableBufferPointer<Float>,
    threads: Int = 2
  ) throws {
    let columns = try self.tap(tap, condition: condition).columns
    try readColumns(
      condition: condition, tap: tap, columns: 0..<columns, rows: rows, into: buffer, threads: threads)
  }

  /// Reads chosen rows as an array, `[rows, tokens, channels]` in row-major order.
  public func readRows(condition: String = ConditionName.original.text, tap: String, rows: [Int]? = nil) throws
    -> [Float]
  {
    let rows = rows ?? Array(0..<count)
    let total = rows.count * (try self.tap(tap, condition: condition).columns)
    return try [Float](unsafeUninitializedCapacity: total) { buffer, initialized in
      try readRows(
        condition: condition, tap: tap, rows: rows, into: UnsafeMutableBufferPointer(rebasing: buffer[0..<total]))
      initialized = total
    }
  }

  /// Reads a range of the `tokens * channels` columns of chosen rows as float32, `[rows, columns]` in row-major order.
  ///
  /// Without compression nothing but these columns is read. A compressed chunk has to be read as a whole for any of
  /// its columns, so that few wide slabs are faster than many narrow ones there (`readsWholeRows` tells).
  ///
  /// - Parameter buffer: room for exactly `rows.count * columns.count` numbers.
  public func readColumns(
    condition: String = ConditionName.original.text, tap: String, columns: Range<Int>, rows: [Int],
    into buffer: UnsafeMutableBufferPointer<Float>, threads: Int = 2
  ) throws {
    let information = try self.tap(tap, condition: condition)
    guard columns.lowerBound >= 0, columns.upperBound <= information.columns else {
      throw StoreError(.badRequest, "\(path): tap \(tap) has \(information.columns) columns, not \(columns)")
    }
    guard let valid = rows.min().flatMap({ low in rows.max().map { low...$0 } }) else { return }
    try check(rows: valid.lowerBound..<valid.upperBound + 1)
    precondition(buffer.count == rows.count * columns.count, "the buffer holds the rows")
    guard !columns.isEmpty else { return }
    let dataset = StoreSchema.features(condition, tap)
    let shared = SharedBuffer(floats: buffer)
    for (part, picks) in parts.picks(of: rows) {
      try reporting {
        let reader = try parts.reader(dataset, of: part)
        guard reader.columns == information.columns else {
          throw StoreError(
            .badStore,
            "\(parts.parts[part].path): \(dataset) has \(reader.columns) columns, expected \(information.columns)")
        }
        switch reader.access {
        case .linear(let address, let descriptor):
          try readLinear(reader, address, descriptor, columns, picks, shared, threads)
        case .chunked(let chunkRows):
          try readChunked(reader, chunkRows, columns, picks, shared, threads)
        case .scattered:
          try readScattered(reader, columns, picks, shared, threads)
        case .library:
          try readByLibrary(reader, columns, picks, shared)
        }
      }
    }
  }

  /// Whether reading some columns of a tap costs as much as reading all of them.
  public func readsWholeRows(condition: String = ConditionName.original.text, tap: String) throws -> Bool {
    if case .linear = try reader(StoreSchema.features(condition, tap)).access { false } else { true }
  }

  private func readLinear(
    _ reader: RowReader, _ address: Int, _ descriptor: Int32, _ columns: Range<Int>, _ picks: [StoreParts.Pick],
    _ shared: SharedBuffer, _ threads: Int
  ) throws {
    let size = reader.scalar.size
    let (path, width) = (reader.dataset.file.path, columns.count)
    // Rows that follow each other are one read where whole rows are wanted.
    var runs: [(position: Int, row: Int, count: Int)] = []
    let mostRows = width == reader.columns ? max(1, (4 << 20) / max(1, reader.rowBytes)) : 1
    for pick in picks {
      if let last = runs.last, last.row + last.count == pick.row, last.position + last.count == pick.position,
        last.count < mostRows
      {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((pick.position, pick.row, 1))
      }
    }
    let all = runs
    // A few hundred reads for each piece of work, so that the counter of pieces costs nothing.
    let step = max(1, min(256, (1 << 20) / max(1, width * size)))
    try inParallel((all.count + step - 1) / step, threads: threads) { piece in
      for run in all[piece * step..<min(all.count, (piece + 1) * step)] {
        let target = shared.part(run.position * width..<(run.position + run.count) * width)
        let offset = address + run.row * reader.rowBytes + columns.lowerBound * size
        if reader.scalar == .float32 {
          try FileOperations.read(descriptor, into: UnsafeMutableRawBufferPointer(target), at: offset, of: path)
        } else {
          try withUnsafeTemporaryAllocation(byteCount: target.count * size, alignment: 16) { scratch in
            try FileOperations.read(descriptor, into: scratch, at: offset, of: path)
            reader.convert(UnsafeRawBufferPointer(scratch), into: target)
          }
        }
      }
    }
  }

  private func readChunked(
    _ reader: RowReader, _ chunkRows: Int, _ columns: Range<Int>, _ picks: [StoreParts.Pick], _ shared: SharedBuffer,
    _ threads: Int
  ) throws {
    // By chunk, each decompressed once.
    var wanted: [(chunk: Int, picks: [StoreParts.Pick])] = []
    for pick in picks.sorted(by: { ($0.row, $0.position) < ($1.row, $1.position) }) {
      let chunk = pick.row / chunkRows
      if wanted.last?.chunk == chunk {
        wanted[wanted.count - 1].picks.append(pick)
      } else {
        wanted.append((chunk, [pick]))
      }
    }
    let all = wanted
    let codecs = CodecPool()
    let (size, width) = (reader.scalar.size, columns.count)
    try inParallel(all.count, threads: threads) { index in
      try codecs.with { codec in
        try reader.withChunk(all[index].chunk, codec: codec) { bytes in
          for pick in all[index].picks {
            let start = (pick.row - all[index].chunk * chunkRows) * reader.rowBytes + columns.lowerBound * size
            reader.convert(
              UnsafeRawBufferPointer(rebasing: bytes[start..<start + width * size]),
              into: shared.part(pick.position * width..<(pick.position + 1) * width))
          }
        }
      }
    }
  }

  /// Row by row, as a whole.
  private func readScattered(
    _ reader: RowReader, _ columns: Range<Int>, _ picks: [StoreParts.Pick], _ shared: SharedBuffer, _ threads: Int
  ) throws {
    let (size, width) = (reader.scalar.size, columns.count)
    try inParallel(picks.count, threads: threads) { index in
      let pick = picks[index]
      try withUnsafeTemporaryAllocation(byteCount: reader.rowBytes, alignment: 16) { scratch in
        try reader.readBytes(rows: pick.row..<pick.row + 1, into: scratch)
        let part = scratch[columns.lowerBound * size..<columns.upperBound * size]
        reader.convert(
          UnsafeRawBufferPointer(rebasing: part), into: shared.part(pick.position * width..<(pick.position + 1) * width)
        )
      }
    }
  }

  private func readByLibrary(
    _ reader: RowReader, _ columns: Range<Int>, _ picks: [StoreParts.Pick], _ shared: SharedBuffer
  ) throws {
    // The tokens that hold the columns, in pieces of bounded size; libhdf5 converts.
    let shape = reader.dataset.shape
    let channels = shape[shape.count - 1]
    let tokens = shape.count == 2 ? 0..<1 : columns.lowerBound / channels..<(columns.upperBound - 1) / channels + 1
    let piece = tokens.count * channels
    let first = columns.lowerBound - tokens.lowerBound * channels
    let mostRows = max(1, FeatureStore.cacheBound / (piece * 4))
    var index = 0
    while index < picks.count {
      let (position, row) = (picks[index].position, picks[index].row)
      var count = 1
      while index + count < picks.count, count < mostRows, picks[index + count].row == row + count,
        picks[index + count].position == position + count
      {
        count += 1
      }
      let start = shape.count == 2 ? [row, 0] : [row, tokens.lowerBound, 0]
      let lengths = shape.count == 2 ? [count, channels] : [count, tokens.count, channels]
      if piece == columns.count {
        let target = shared.part(position * piece..<(position + count) * piece)
        try reader.dataset.read(
          into: UnsafeMutableRawBufferPointer(target), as: .float32, start: start, count: lengths)
      } else {
        try withUnsafeTemporaryAllocation(of: Float.self, capacity: count * piece) { scratch in
          try reader.dataset.read(
            into: UnsafeMutableRawBufferPointer(scratch), as: .float32, start: start, count: lengths)
          for row in 0..<count {
            let target = shared.part((position + row) * columns.count..<(position + row + 1) * columns.count)
            _ = target.update(fromContentsOf: scratch[row * piece + first..<row * piece + first + columns.count])
          }
        }
      }
      index += count
    }
  }
}

/// Codecs kept from one piece of work to the next.
final class CodecPool: Sendable {
  /// `@unchecked Sendable`: it lies behind the lock, and a codec that is taken out belongs to one thread until it is back.
  private struct Idle: @unchecked Sendable { var codecs: [ChunkCodec] = [] }
  private let idle = Mutex(Idle())

  func with<Result>(_ body: (ChunkCodec) throws -> Result) rethrows -> Result {
    let codec = idle.withLock { $0.codecs.popLast() } ?? ChunkCodec()
    defer { give(back: codec) }
    return try body(codec)
  }

  private func give(back codec: ChunkCodec) {
    let returned = Idle(codecs: [codec])
    idle.withLock { $0.codecs += returned.codecs }
  }
}
