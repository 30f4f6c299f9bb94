import Formats
import HDF5

/// What a store says of itself and of its images: everything but the rows.
struct StoreContents: Sendable {
  var attributes: [StoreSetting]
  let model: String
  let family: String
  let conditions: [String]
  private(set) var imagePaths: [String]
  private(set) var labels: [Int32]
  let classes: [String]
  private(set) var errors: [String]
  private(set) var imageSizes: [ImageSize]
  private(set) var imageContents: [ContentIdentity?]
  /// By condition.
  let taps: [[StoredTap]]
  private(set) var notes: [String]

  /// Reads and checks a file.
  ///
  /// - Throws: `StoreError`, `HDF5Error`.
  init(_ reading: StoreReading) throws {
    try reading.requireFormat()
    attributes = try reading.rootAttributes()
    model = try reading.rootString("model") ?? "unknown"
    family = try reading.rootString("family") ?? "other"
    let paths = try reading.imagePaths()
    imagePaths = paths
    labels = try reading.labels(count: paths.count)
    classes = try reading.classes()
    errors = try reading.errors(count: paths.count)
    imageSizes = try reading.sizes(count: paths.count)
    imageContents = try reading.contents(count: paths.count)
    conditions = try reading.conditions()
    taps = try conditions.map { try reading.taps(condition: $0, count: paths.count) }
    notes = reading.notes
  }

  func attribute(_ name: String) -> String? { attributes.first { $0.name == name }?.value }

  /// Puts the images of a further file of the same store behind these.
  mutating func append(_ next: StoreContents) {
    if !imageContents.isEmpty || !next.imageContents.isEmpty {
      func filled(_ contents: StoreContents) -> [ContentIdentity?] {
        contents.imageContents.isEmpty
          ? [ContentIdentity?](repeating: nil, count: contents.imagePaths.count) : contents.imageContents
      }
      imageContents = filled(self) + filled(next)
    }
    imagePaths += next.imagePaths
    labels += next.labels
    errors += next.errors
    imageSizes += next.imageSizes
    notes += next.notes
  }
}
