extension ImageGridFigure {
  /// A part of a picture, as shares of its width and height from its upper left corner.
  public struct Area: Sendable, Codable, Equatable {
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
      self.x = x
      self.y = y
      self.width = width
      self.height = height
    }

    /// The part within the picture.
    var clipped: Area {
      let (left, top) = (min(max(x, 0), 1), min(max(y, 0), 1))
      return Area(
        x: left, y: top, width: max(0, min(x + width, 1) - left), height: max(0, min(y + height, 1) - top))
    }

    /// Where it lies in a picture that is drawn in `frame`.
    func placed(in frame: Rectangle) -> Rectangle {
      let area = clipped
      return Rectangle(
        x: frame.x + area.x * frame.width, y: frame.y + area.y * frame.height, width: area.width * frame.width,
        height: area.height * frame.height)
    }
  }

  /// A rectangle on a picture, such as the box of an object.
  public struct Frame: Sendable, Codable, Equatable {
    public var area: Area
    /// What it is around; said where it is pointed at.
    public var label: String

    public init(_ area: Area, label: String) {
      self.area = area
      self.label = label
    }
  }

  /// One place of the grid; hatched where there is no picture.
  ///
  /// As data it has no picture: those are files of their own.
  public struct Tile: Sendable, Codable {
    public var picture: Picture?
    /// Written below the picture: a metric. Empty for nothing.
    public var text: String
    /// Drawn on the picture.
    public var frames: [Frame]?
    /// What a corner of the tile shows enlarged.
    public var inset: Area?
    /// Parts of the picture with a ring around their middle, such as tokens that stand out.
    public var rings: [Frame]?
    /// Whether the place is left empty, as there is nothing to show.
    public var isEmpty: Bool?

    public init(
      _ picture: Picture?, text: String = "", frames: [Frame] = [], inset: Area? = nil, rings: [Frame] = []
    ) {
      self.picture = picture
      self.text = text
      self.frames = frames.isEmpty ? nil : frames
      self.inset = inset
      self.rings = rings.isEmpty ? nil : rings
    }

    /// A place that stays empty.
    public static var empty: Tile {
      var tile = Tile(nil)
      tile.isEmpty = true
      return tile
    }

    /// Whether a picture should be here and is not.
    var isMissing: Bool { picture == nil && isEmpty != true }

    private enum CodingKeys: String, CodingKey { case text, frames, inset, rings, isEmpty }
  }

  public struct Row: Sendable, Codable {
    public var label: String
    public var tiles: [Tile]
    /// What rows that follow each other have in common, written upright beside all of them: an image of which they are several
    /// reconstructions. nil for rows that stand for themselves.
    public var group: String?

    public init(label: String, tiles: [Tile], group: String? = nil) {
      self.label = label
      self.tiles = tiles
      self.group = group
    }
  }

  /// A column's heading as a drawing: cells, one of which is filled.
  public struct CellIcon: Sendable, Codable, Equatable {
    public var rows: Int
    public var columns: Int
    public var row: Int
    public var column: Int

    public init(rows: Int, columns: Int, row: Int, column: Int) {
      self.rows = rows
      self.columns = columns
      self.row = row
      self.column = column
    }
  }

  public struct Panel: Sendable, Codable {
    /// Written above; nil for none.
    public var title: String?
    public var columns: [String]
    public var rows: [Row]
    /// Columns behind which a wider gap stands, such as the one of the originals.
    public var gapsBehind: [Int]
    /// In place of the columns' names, where there is one for each.
    public var icons: [CellIcon]?

    public init(
      title: String? = nil, columns: [String], rows: [Row], gapsBehind: [Int] = [], icons: [CellIcon]? = nil
    ) {
      self.title = title
      self.columns = columns
      self.rows = rows
      self.gapsBehind = gapsBehind
      self.icons = icons
    }

    /// Height over width of the tiles: that of the tallest picture.
    var aspect: Double { rows.flatMap(\.tiles).compactMap(\.picture?.aspect).max() ?? 1 }
    var hasMissing: Bool { rows.contains { $0.tiles.contains(where: \.isMissing) } }

    /// Rows that belong together, in order.
    var groups: [Range<Int>] {
      var groups: [Range<Int>] = []
      for index in rows.indices {
        if index > 0, let group = rows[index].group, rows[index - 1].group == group, let last = groups.last {
          groups[groups.count - 1] = last.lowerBound..<index + 1
        } else {
          groups.append(index..<index + 1)
        }
      }
      return groups
    }
  }

  /// What colours of pictures that are maps mean.
  public struct Scale: Sendable, Codable, Equatable {
    public var low: Double
    public var high: Double
    /// The name of a colour map.
    public var colorMap: String
    public var label: String

    public init(low: Double, high: Double, colorMap: String, label: String) {
      self.low = low
      self.high = high
      self.colorMap = colorMap
      self.label = label
    }
  }
}
