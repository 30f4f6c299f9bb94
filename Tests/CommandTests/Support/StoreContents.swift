import Foundation
import HDF5
import Testing

/// Everything that stands in a store, for comparison to the last byte.
struct StoreContents: Equatable {
  /// By path: shape, type and bytes of every dataset.
  let datasets: [String: [UInt8]]

  init(_ path: String) throws {
    let file = try HDF5File.open(path)
    var datasets: [String: [UInt8]] = [:]
    try StoreContents.gather(file, group: "", into: &datasets)
    self.datasets = datasets
  }

  private static func gather(_ file: HDF5File, group: String, into datasets: inout [String: [UInt8]]) throws {
    for child in try file.children(of: group.isEmpty ? "/" : group) {
      let path = group + "/" + child.name
      switch child.kind {
      case .group: try gather(file, group: path, into: &datasets)
      case .dataset: datasets[path] = try bytes(of: file.dataset(path))
      case .other: break
      }
    }
  }

  private static func bytes(of dataset: HDF5Dataset) throws -> [UInt8] {
    let shape = Array("\(dataset.shape) \(dataset.elementType) ".utf8)
    guard case .scalar(let type, _) = dataset.elementType else {
      return shape + Array(try dataset.readStrings().joined(separator: "\0").utf8)
    }
    let count = dataset.shape.reduce(1, *) * type.size
    let values = try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      try dataset.read(
        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]), as: type)
      filled = count
    }
    return shape + values
  }

  /// The datasets that are not the same in both.
  func differences(from other: StoreContents) -> [String] {
    Set(datasets.keys).union(other.datasets.keys).filter { datasets[$0] != other.datasets[$0] }.sorted()
  }
}

/// ‖a − b‖ / ‖b‖ of every tap of a fixture's reference, by name.
func errorsOfTaps(_ store: String, against fixture: String) throws -> [String: Double] {
  let ours = try HDF5File.open(store)
  let reference = try HDF5File.open("\(Program.fixtures)/\(fixture)/reference.h5")
  var errors: [String: Double] = [:]
  for child in try reference.children(of: "/features/original") {
    let path = "/features/original/" + child.name
    let expected = try reference.dataset(path)
    let got = try ours.dataset(path)
    guard got.shape == expected.shape else {
      errors[child.name] = .infinity
      continue
    }
    let wanted = try expected.read(Float.self)
    var distance = 0.0
    var norm = 0.0
    for (a, b) in zip(try got.read(Float.self), wanted) {
      distance += (Double(a) - Double(b)) * (Double(a) - Double(b))
      norm += Double(b) * Double(b)
    }
    errors[child.name] = (distance / norm).squareRoot()
  }
  return errors
}
