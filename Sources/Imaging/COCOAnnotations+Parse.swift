import Formats

extension COCOAnnotations.Image {
  init(_ fields: JSONObject) throws {
    id = try fields.required("id", fields.integer("id"))
    fileName = try fields.required("file_name", fields.string("file_name"))
    width = try fields.required("width", fields.integer("width"))
    height = try fields.required("height", fields.integer("height"))
    try COCOAnnotations.check(width: width, height: height, place: fields.place)
  }
}

extension COCOAnnotations.Annotation {
  init(_ fields: JSONObject) throws {
    // Results of detectors carry no id of their own.
    id = try fields.integer("id") ?? 0
    imageID = try fields.required("image_id", fields.integer("image_id"))
    categoryID = try fields.required("category_id", fields.integer("category_id"))
    area = try fields.number("area")
    isCrowd = try fields.flag("iscrowd") ?? false
    box = try fields.numbers("bbox")
    guard box.map({ $0.count == 4 && $0[2] >= 0 && $0[3] >= 0 }) ?? true else {
      throw fields.unexpected("bbox", "left, top, width and height")
    }
    outline = try COCOAnnotations.Outline(fields)
  }

  /// The pixels of the object in an image of this size; its box where it has no outline.
  ///
  /// - Throws: `ImagingError` without a path, where the outline does not fit the image.
  public func mask(width: Int, height: Int) throws -> Mask {
    switch outline {
    case .polygons(let polygons):
      var union = Mask(width: width, height: height)
      for polygon in polygons { try union.formUnion(Mask(width: width, height: height, polygon: polygon)) }
      return union
    case .runs(let ownWidth, let ownHeight, let runs):
      try check(ownWidth, ownHeight, against: ImageSize(height: height, width: width))
      return try Mask(width: width, height: height, runs: runs)
    case .compressed(let ownWidth, let ownHeight, let text):
      try check(ownWidth, ownHeight, against: ImageSize(height: height, width: width))
      return try Mask(width: width, height: height, compressed: text)
    case nil:
      guard let box else { return Mask(width: width, height: height) }
      let (left, top, right, bottom) = (box[0], box[1], box[0] + box[2], box[1] + box[3])
      return try Mask(
        width: width, height: height, polygon: [left, top, left, bottom, right, bottom, right, top])
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
  static func check(width: Int, height: Int, place: String) throws {
    guard width > 0, height > 0, width < 1 << 31, height < 1 << 31, width * height <= ImageHeader.largestPixelCount
    else {
      throw ImagingError(reason: "\(place): \(width)x\(height) is not the size of an image")
    }
  }
}
