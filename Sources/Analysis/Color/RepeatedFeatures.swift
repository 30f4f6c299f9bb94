import Activations
import Formats
import Foundation
import Results

/// Which stores hold nothing but features of another one: a store of reconstructions has those of the store it was made of.
enum RepeatedFeatures {
  /// For each store the one whose features it repeats; nil for one with features of its own.
  ///
  /// The one with more conditions or taps is kept, of equal ones the first.
  static func originals(_ parts: [StoreColorMeasurement]) throws -> [Int?] {
    var originals = [Int?](repeating: nil, count: parts.count)
    for (index, part) in parts.enumerated() {
      originals[index] = try parts.indices.first { other in
        guard other != index, originals[other] == nil else { return false }
        let isLarger = parts[other].extent > part.extent
        return try (isLarger || other < index) && part.hasFeatures(of: parts[other])
      }
    }
    return originals
  }
}

extension StoreColorMeasurement {
  /// How much there is of the features.
  fileprivate var extent: Int { conditions.count * taps.count }

  /// Whether all features that would be measured are in another store, number by number.
  fileprivate func hasFeatures(of other: StoreColorMeasurement) throws -> Bool {
    let paths = rows.map { store.store.imagePaths[$0] }
    guard !taps.isEmpty, conditions.allSatisfy(other.conditions.contains), taps.allSatisfy(other.taps.contains),
      paths == other.rows.map({ other.store.store.imagePaths[$0] })
    else { return false }
    for condition in [ConditionName.original.text] + conditions {
      let threads = settings.selection.threads
      let own = try StoreSource(store.store, condition: condition, threads: threads)
      let others = try StoreSource(other.store.store, condition: condition, threads: threads)
      for (index, shape) in own.taps.enumerated() where taps.contains(shape.name) {
        guard let counterpart = others.taps.firstIndex(where: { $0.name == shape.name && $0.columns == shape.columns }),
          try isEqual(own, index, others, counterpart, rows: other.rows)
        else { return false }
      }
    }
    return true
  }

  /// Whether two taps hold the same numbers, slab by slab up to the first difference.
  private func isEqual(
    _ own: StoreSource, _ tap: Int, _ other: StoreSource, _ counterpart: Int, rows others: [Int]
  ) throws -> Bool {
    let columns = own.taps[tap].columns
    let width = max(1, min(columns, settings.memoryLimit / (8 * max(1, rows.count))))
    let slabs = (0..<2).map { _ in Buffer<Float>(rows.count * width) }
    for piece in pieces(of: 0..<columns, size: width) {
      let count = rows.count * piece.count
      for (source, index, images, slab) in [(own, tap, rows, slabs[0]), (other, counterpart, others, slabs[1])] {
        try source.read(
          tap: index, images: images, columns: piece,
          into: UnsafeMutableBufferPointer(start: slab.pointer, count: count))
      }
      let same = withExtendedLifetime(slabs) {
        memcmp(slabs[0].pointer, slabs[1].pointer, count * MemoryLayout<Float>.stride) == 0
      }
      guard same else { return false }
    }
    return true
  }
}
