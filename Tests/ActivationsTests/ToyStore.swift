import Activations
import Formats
import Foundation
import HDF5

/// A small store whose every value is a function of condition, tap, row and column.
struct ToyStore: Sendable {
  var plan: StorePlan
  /// Rows whose images cannot be read.
  var broken: Set<Int> = [4]
  /// Of a shard, the row of the whole store that is its first.
  var firstRow = 0

  init(
    images: Int = 7, compression: StoreCompression = .none, precision: StorePrecision = .float32, inputs: Bool = true
  ) {
    let header = StoreHeader(
      model: "toy", family: "vit", checkpointSHA256: "0123456789abcdef", configuration: #"{"depth": 2}"#,
      preprocessing: #"{"size": [4, 6]}"#, createdBy: "tests", createdAt: "2026-11-23T07:00:00Z", seed: 5,
      settings: [StoreSetting("tokens", "all")])
    plan = StorePlan(
      header: header, images: (0..<images).map { StoreImage(path: "f/photo \($0) ü.png", label: Int32($0 % 3) - 1) },
      classes: ["cat", "öwl"], conditions: ["original", "hue+120"],
      taps: [
        StoreTap(name: "embed", tokens: 7, channels: 5, grid: ImageSize(height: 2, width: 3), prefixTokens: 1),
        StoreTap(name: "block.0", tokens: 7, channels: 5, grid: ImageSize(height: 2, width: 3), prefixTokens: 1),
        StoreTap(name: "logits", tokens: 1, channels: 3),
      ], precision: precision, compression: compression, inputSize: inputs ? ImageSize(height: 4, width: 6) : nil,
      blockSize: 2)
  }

  func value(_ condition: Int, _ tap: Int, _ row: Int, _ column: Int) -> Float {
    // Exact in half precision.
    Float(condition * 40 + tap * 12) + Float((row * 29 + column * 7) % 160) / 16
  }

  func row(_ condition: Int, _ tap: Int, _ row: Int) -> [Float] {
    (0..<plan.taps[tap].columns).map { value(condition, tap, row, $0) }
  }

  func pixels(_ condition: Int, _ row: Int) -> [UInt8] {
    (0..<72).map { UInt8(truncatingIfNeeded: condition * 100 + row * 7 + $0) }
  }

  func reconstruction(_ condition: Int, _ index: Int, _ row: Int) -> [UInt8] {
    (0..<72).map { UInt8(truncatingIfNeeded: condition * 90 + index * 41 + row * 11 + $0 * $0) }
  }

  /// Above the diagonal nothing is known.
  func joints(_ condition: Int, _ row: Int) -> [Float] {
    let shape = plan.joints?.shape ?? [0, 0]
    return (0..<shape[0]).flatMap { start in
      (0..<shape[1]).map { $0 > start ? .nan : Float(condition * 50 + row * 3 + start) + Float($0) / 8 }
    }
  }

  /// Of files that hold "photo" and the row's number.
  func content(_ row: Int) -> ContentIdentity? {
    broken.contains(row) ? nil : ContentIdentity(of: Data("photo \(row)".utf8))
  }

  /// Computes and writes a block.
  func write(_ block: Int, _ condition: Int, to writer: FeatureStoreWriter) throws {
    let own = plan.rows(ofBlock: block)
    let rows = own.lowerBound + firstRow..<own.upperBound + firstRow
    let outcomes = rows.map { row in
      broken.contains(row)
        ? ImageOutcome.failed(reason: "no image: row \(row) «ü»") : .read(height: row + 10, width: 20)
    }
    let read = rows.filter { !broken.contains($0) }
    let memory = BlockMemory(
      taps: plan.taps.indices.map { tap in read.flatMap { row(condition, tap, $0) } },
      inputs: plan.inputSize == nil ? nil : read.flatMap { pixels(condition, $0) },
      reconstructions: plan.reconstructions.indices.map { index in
        read.flatMap { reconstruction(condition, index, $0) }
      }, joints: plan.joints == nil ? nil : read.flatMap { joints(condition, $0) })
    try writer.write(
      FeatureBlock(
        condition: condition, block: block, outcomes: outcomes, contents: rows.map(content),
        taps: memory.taps.map { UnsafeRawBufferPointer($0) },
        inputs: memory.inputs.map { UnsafeRawBufferPointer($0) },
        reconstructions: memory.reconstructions.map { UnsafeRawBufferPointer($0) },
        joints: memory.joints.map { UnsafeRawBufferPointer($0) }))
  }

  /// Opens the store, does what is left of it and closes it.
  func run(at path: String, threads: Int = 1, operations: FileOperations? = nil) throws {
    var operations = operations ?? FileOperations()
    operations.synchronizes = false
    let writer = try FeatureStoreWriter.open(at: path, plan: plan, threads: threads, operations: operations)
    for (block, conditions) in writer.remainingBlocks() {
      for condition in conditions { try write(block, condition, to: writer) }
    }
    try writer.close()
  }
}

/// Memory of one block.
final class BlockMemory {
  let taps: [UnsafeMutableBufferPointer<Float>]
  let inputs: UnsafeMutableBufferPointer<UInt8>?
  let reconstructions: [UnsafeMutableBufferPointer<UInt8>]
  let joints: UnsafeMutableBufferPointer<Float>?

  init(taps: [[Float]], inputs: [UInt8]?, reconstructions: [[UInt8]] = [], joints: [Float]? = nil) {
    self.taps = taps.map(BlockMemory.copy)
    self.inputs = inputs.map(BlockMemory.copy)
    self.reconstructions = reconstructions.map(BlockMemory.copy)
    self.joints = joints.map(BlockMemory.copy)
  }

  private static func copy<Value>(_ values: [Value]) -> UnsafeMutableBufferPointer<Value> {
    let buffer = UnsafeMutableBufferPointer<Value>.allocate(capacity: values.count)
    _ = buffer.initialize(from: values)
    return buffer
  }

  deinit {
    taps.forEach { $0.deallocate() }
    inputs?.deallocate()
    reconstructions.forEach { $0.deallocate() }
    joints?.deallocate()
  }
}

/// All data and attributes of a store, read by libhdf5 alone, in a form that can be compared.
func contents(of path: String) throws -> [String: String] {
  let file = try HDF5File.open(path, isTrusted: true)
  var found: [String: String] = [:]
  func walk(_ group: String) throws {
    for name in try file.attributeNames(of: group.isEmpty ? "/" : group) {
      found[group + "@" + name] = try file.attribute(name, of: group.isEmpty ? "/" : group).map { "\($0)" }
    }
    for child in try file.children(of: group.isEmpty ? "/" : group) {
      let path = group + "/" + child.name
      if child.kind == .group {
        try walk(path)
      } else {
        let dataset = try file.dataset(path)
        for name in try file.attributeNames(of: path) {
          found[path + "@" + name] = try file.attribute(name, of: path).map { "\($0)" }
        }
        switch dataset.elementType {
        case .scalar(let scalar, _):
          var bytes = [UInt8](repeating: 0, count: dataset.shape.reduce(scalar.size, *))
          try bytes.withUnsafeMutableBytes { try dataset.read(into: $0, as: scalar) }
          found[path] = "\(dataset.elementType) \(dataset.shape) \(bytes)"
        default:
          found[path] = "\(dataset.shape) \(try dataset.readStrings())"
        }
      }
    }
  }
  try walk("")
  return found
}

/// Where the committed fixtures lie.
let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures").path
