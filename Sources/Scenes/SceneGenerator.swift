/// Draws pictures in which everything is known: classes, colours, places, masks, who hides whom.
///
/// Scene *k* is a function of seed, size, `contextProbability` and *k* alone: a longer run begins with the scenes of a
/// shorter one, and the same call draws the same pixels.
public struct SceneGenerator: Sendable {
  /// The version of the drawings. It changes whenever the pixels of a seed do.
  public static let version = 1
  /// The most images one folder can hold; file names have six digits.
  public static let largestCount = 1_000_000

  public let count: Int
  public let seed: UInt64
  public let width: Int
  public let height: Int
  /// How often an object is shown in the surrounding of its class.
  public let contextProbability: Double

  /// - Parameters:
  ///   - count: how many images, 1…1,000,000.
  ///   - seed: any 64 bits.
  ///   - width: pixels, 32…4096.
  ///   - height: pixels, 32…4096.
  ///   - contextProbability: 0…1.
  /// - Throws: `SceneError` where one of these is out of its range.
  public init(
    count: Int, seed: UInt64 = 0, width: Int = 256, height: Int = 256, contextProbability: Double = 0.8
  ) throws {
    guard count >= 1 else {
      throw SceneError("--count is \(count), but at least 1 image has to be drawn")
    }
    guard count <= SceneGenerator.largestCount else {
      throw SceneError(
        "--count is \(count), but one folder holds at most 1000000 images; draw several with other seeds")
    }
    guard (32...4096).contains(width), (32...4096).contains(height) else {
      throw SceneError("--size is \(width)x\(height), but both sides have to be 32…4096 pixels")
    }
    guard (0...1).contains(contextProbability) else {
      throw SceneError("the context probability is \(contextProbability), but has to be 0…1")
    }
    self.count = count
    self.seed = seed
    self.width = width
    self.height = height
    self.contextProbability = contextProbability
  }

  /// Draws one scene. Safe to call from several threads at once.
  /// - Parameter index: 0 or more; it may be beyond `count`.
  public func scene(at index: Int) throws -> DrawnScene {
    precondition(index >= 0, "no scene has the index \(index)")
    return try SceneComposer(
      seed: seed, index: index, width: width, height: height, contextProbability: contextProbability
    ).compose()
  }
}
