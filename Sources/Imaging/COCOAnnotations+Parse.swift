import Formats

/// Odd fields of a file that nothing needed so far: counted by what is odd, with the first place of each kind.
struct COCOOddities {
  private(set) var kinds: [(what: String, count: Int, first: String)] = []

  mutating func count(_ what: String, at place: String) {
    if let index = kinds.firstIndex(where: { $0.what == what }) {
      kinds[index].count += 1
    } else {
      kinds.append((what, 1, place))
    }
  }

  /// The value, or nil and a count where it is not what was expected.
  mutating func tolerate<Value>(_ what: String, at place: String, _ read: () throws -> Value?) -> Value? {
    do { return try read() } catch {
      count(what, at: place)
      return nil
    }
  }

  /// Sentences on them.
  var sentences: [String] { kinds.map { "\($0.what): \($0.count), the first at \($0.first)" } }
}

extension COCOAnnotations.Image {
  /// nil, and counted, where the entry has no id or no file name: nothing can refer to it.
  init?(_ fields: JSONObject, _ odd: inout COCOOddities) throws {
    let id = odd.tolerate("images without a whole number as id", at: fields.path("id")) {
      try fields.required("id", fields.identifier("id"))
    }
    let fileName = odd.tolerate("images without a file_name", at: fields.path("file_name")) {
      try fields.required("file_name", fields.string("file_name"))
    }
    guard let id, let fileName else { return nil }
    self.id = id
    self.fileName = fileName
    let size = odd.tolerate("images without a width and height of pictures", at: fields.path("width")) {
      let width = try fields.required("width", fields.integer("width"))
      let height = try fields.required("height", fields.integer("height"))
      try COCOAnnotations.check(width: width, height: height, place: fields.place)
      return ImageSize(height: height, width: width)
    }
    (width, height) = (size?.width ?? 0, size?.height ?? 0)
    content = odd.tolerate("images with an odd sha256", at: fields.path("sha256")) {
      try fields.string("sha256").map { text in
        guard let content = ContentIdentity(text) else { throw fields.unexpected("sha256", "64 hexadecimal digits") }
        return content
      }
    }
  }
}

extension COCOAnnotations.Annotation {
  /// nil, and counted, where the entry does not say which image it is of.
  init?(_ fields: JSONObject, at position: Int, _ odd: inout COCOOddities) throws {
    self.position = position
    let imageID = odd.tolerate("annotations without a whole number as image_id", at: fields.path("image_id")) {
      try fields.required("image_id", fields.identifier("image_id"))
    }
    guard let imageID else { return nil }
    self.imageID = imageID
    // Results of detectors carry no id of their own.
    id = odd.tolerate("annotations with an odd id", at: fields.path("id")) { try fields.identifier("id") } ?? 0
    categoryID =
      odd.tolerate("annotations without a whole number as category_id", at: fields.path("category_id")) {
        try fields.required("category_id", fields.identifier("category_id"))
      } ?? COCOAnnotations.noCategory
    area = odd.tolerate("annotations with an odd area", at: fields.path("area")) { try fields.number("area") }
    isCrowd =
      odd.tolerate("annotations with an odd iscrowd, taken for 0", at: fields.path("iscrowd")) {
        try fields.flag("iscrowd")
      } ?? false
    box = odd.tolerate("annotations with an odd bbox", at: fields.path("bbox")) {
      let box = try fields.numbers("bbox")
      guard box.map({ $0.count == 4 && $0[2] >= 0 && $0[3] >= 0 }) ?? true else {
        throw fields.unexpected("bbox", "left, top, width and height")
      }
      return box
    }
    do {
      outline = try COCOAnnotations.Outline(fields)
      outlineProblem = nil
    } catch let error as ImagingError {
      odd.count("annotations with a segmentation that cannot be read", at: fields.path("segmentation"))
      outline = nil
      outlineProblem = error.reason
    }
  }

  /// The pixels of the object in an image of this size; its box where it has no outline.
  ///
  /// - Throws: `ImagingError` without a path, where the outline cannot be read or does not fit the image.
  public func mask(width: Int, height: Int) throws -> Mask {
    var mask = Mask(width: width, height: height)
    try add(to: &mask)
    return mask
  }

  /// Adds the pixels of the object to a mask of its image.
  func add(to mask: inout Mask) throws {
    if let outlineProblem { throw ImagingError(reason: outlineProblem) }
    do {
      try addOutline(to: &mask)
    } catch let error as ImagingError {
      throw ImagingError(reason: "annotations[\(position)].segmentation: \(error.reason)")
    }
  }

  private func addOutline(to mask: inout Mask) throws {
    switch outline {
    case .polygons(let polygons):
      for polygon in polygons { try mask.formUnion(polygon: polygon) }
    case .runs(let ownWidth, let ownHeight, let runs):
      try check(ownWidth, ownHeight, against: mask.size)
      try mask.formUnion(Mask(width: mask.width, height: mask.height, runs: runs))
    case .compressed(let ownWidth, let ownHeight, let text):
      try check(ownWidth, ownHeight, against: mask.size)
      try mask.formUnion(Mask(width: mask.width, height: mask.height, compressed: text))
    case nil:
      guard let box else { return }
      let (left, top, right, bottom) = (box[0], box[1], box[0] + box[2], box[1] + box[3])
      try mask.formUnion(polygon: [left, top, left, bottom, right, bottom, right, top])
    }
  }

  private func check(_ ownWidth: Int, _ ownHeight: Int, against size: ImageSize) throws {
    guard ImageSize(height: ownHeight, width: ownWidth) == size else {
      throw ImagingError(reason: "is for \(ownWidth)x\(ownHeight), the image is \(size)")
    }
  }
}

extension COCOAnnotations.Outline {
  /// The `segmentation` of an annotation; nil where absent or an empty list.
  init?(_ fields: JSONObject) throws {
    let key = "segmentation"
    guard let value = fields[key] else { return nil }
    if let list = value.elements {
      if list.isEmpty { return nil }
      self = .polygons(
        try list.enumerated().map { index, polygon in
          guard case .numbers(let numbers) = polygon, numbers.count >= 6, numbers.count.isMultiple(of: 2) else {
            throw fields.unexpected("\(key)[\(index)]", polygon, "x and y of at least 3 points")
          }
          return numbers
        })
      return
    }
    let runs = try fields.required(key, fields.object(key))
    let size = try runs.required("size", runs.numbers("size"))
    guard size.count == 2, size.allSatisfy({ $0 == $0.rounded() && (0...1_000_000).contains($0) }) else {
      throw runs.unexpected("size", "height and width")
    }
    let (height, width) = (Int(size[0]), Int(size[1]))
    try COCOAnnotations.check(width: width, height: height, place: runs.path("size"))
    if case .string(let text) = runs["counts"] {
      self = .compressed(width: width, height: height, text)
    } else {
      let counts = try runs.required("counts", runs.numbers("counts"))
      guard counts.allSatisfy({ $0 == $0.rounded() && (0..<0x1p40).contains($0) }) else {
        throw runs.unexpected("counts", "run lengths from 0")
      }
      self = .runs(width: width, height: height, counts.map { Int($0) })
    }
  }
}

extension COCOAnnotations {
  /// Stands for the category of an annotation that has none.
  static let noCategory = Int.min

  static func check(width: Int, height: Int, place: String) throws {
    guard width > 0, height > 0, width < 1 << 31, height < 1 << 31, width * height <= ImageHeader.largestPixelCount
    else {
      throw ImagingError(reason: "\(place): \(width)x\(height) is not the size of an image")
    }
  }
}

extension JSONObject {
  /// A whole number that names an entry; also as text, which other programs write.
  func identifier(_ key: String) throws -> Int? {
    if case .string(let text) = self[key], let number = Int(text) { return number }
    return try integer(key)
  }
}
