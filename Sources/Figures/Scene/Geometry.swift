/// A position on the page, in points (1/72 inch); x to the right, y downwards.
public struct Point: Sendable, Equatable {
  public var x: Double
  public var y: Double

  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// Width and height in points.
public struct Size: Sendable, Equatable {
  public var width: Double
  public var height: Double

  public init(_ width: Double, _ height: Double) {
    self.width = width
    self.height = height
  }
}

/// An upright rectangle in points; `x` and `y` are its left and top edges.
public struct Rectangle: Sendable, Equatable {
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

  public var right: Double { x + width }
  public var bottom: Double { y + height }
  public var center: Point { Point(x + width / 2, y + height / 2) }

  /// The same rectangle moved by `dx`, `dy`.
  public func moved(_ dx: Double, _ dy: Double) -> Rectangle {
    Rectangle(x: x + dx, y: y + dy, width: width, height: height)
  }

  /// The smallest rectangle that holds both.
  public func union(_ other: Rectangle) -> Rectangle {
    let left = min(x, other.x)
    let top = min(y, other.y)
    return Rectangle(
      x: left, y: top, width: max(right, other.right) - left, height: max(bottom, other.bottom) - top)
  }

  /// Whether the two share an area: touching edges do not count, nor do overlaps below `tolerance` points.
  public func overlaps(_ other: Rectangle, tolerance: Double = 0) -> Bool {
    x + tolerance < other.right && other.x + tolerance < right && y + tolerance < other.bottom
      && other.y + tolerance < bottom
  }

  /// Whether `other` lies inside, up to `tolerance` points.
  public func contains(_ other: Rectangle, tolerance: Double = 0) -> Bool {
    other.x >= x - tolerance && other.y >= y - tolerance && other.right <= right + tolerance
      && other.bottom <= bottom + tolerance
  }
}
