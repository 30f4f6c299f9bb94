import Activations
import Formats

/// The shape of what one tap keeps of an image: `tokens × channels` numbers, tokens first.
public struct TapShape: Sendable, Equatable {
  public let name: String
  public let tokens: Int
  public let channels: Int
  /// The grid the tokens after the prefix lie on, in raster order; nil where there is none.
  public let grid: ImageSize?
  /// Class and distillation tokens, which come first.
  public let prefixTokens: Int
  /// Whether it is another name of a tap that is there too.
  public let isAlias: Bool

  /// Numbers an image has at this tap.
  public var columns: Int { tokens * channels }

  public init(
    name: String, tokens: Int, channels: Int, grid: ImageSize? = nil, prefixTokens: Int = 0, isAlias: Bool = false
  ) {
    self.name = name
    self.tokens = tokens
    self.channels = channels
    self.grid = grid
    self.prefixTokens = prefixTokens
    self.isAlias = isAlias
  }
}

/// Features of the same images at several taps, read in pieces.
public protocol FeatureSource: AnyObject {
  /// One path for each image, as the store names it.
  var imagePaths: [String] { get }
  /// For each image nil, or why its features cannot be used.
  var imageProblems: [String?] { get }
  /// In order of depth.
  var taps: [TapShape] { get }
  /// Names of what it has beside them: attention weights, heads × queries × keys. No analysis takes them for tokens × channels.
  var attentionWeights: [String] { get }

  /// What tells its images from others of the same names; nil where there is nothing but the names.
  func identity(name: String) throws -> ImageIdentity?

  /// What to do where a number of a tap is not finite: a part of a sentence.
  func notFiniteAdvice(tap: String) -> String

  /// Whether reading some columns of a tap costs as much as reading all of them, as in a compressed store.
  func readsWholeRows(tap: Int) throws -> Bool

  /// Copies `images × columns` numbers of a tap, row-major, to `target`; column `t · channels + c` is channel `c` of
  /// token `t`. Nothing is read of images that are not named.
  func read(tap: Int, images: [Int], columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws
}

extension FeatureSource {
  public var attentionWeights: [String] { [] }

  public func identity(name: String) throws -> ImageIdentity? { nil }

  /// The cause where nothing is known of how the numbers were kept.
  public func notFiniteAdvice(tap: String) -> String {
    "the model gives such numbers: check its weights with palimpsest verify, or extract the other taps alone (--taps)"
  }
}

/// Where the objects of a source's images lie.
public protocol ObjectCoverage: AnyObject, Sendable {
  /// Whether any pixel of an image that the model saw is an object's.
  func hasObject(image: Int) -> Bool

  /// How much of each cell of a grid over the model's input objects cover, 0 … 1, in raster order.
  func coverage(image: Int, grid: ImageSize) -> [Float]
}

/// A source and what its rows are called.
public struct NamedSource {
  public let name: String
  public let source: any FeatureSource
  /// For token mode `object`; nil where the objects are not known.
  public let objects: (any ObjectCoverage)?

  public init(name: String, source: any FeatureSource, objects: (any ObjectCoverage)? = nil) {
    self.name = name
    self.source = source
    self.objects = objects
  }

  /// File names without folder and extension, made distinct by the folder and, where that does not help, by a number.
  ///
  /// - Parameter areFolders: whether what stands behind a dot is part of the name.
  public static func names(of paths: [String], areFolders: Bool = false) -> [String] {
    let parts = paths.map { ShardFolder.store(of: $0).split(separator: "/").map(String.init) }
    let stems = parts.map { areFolders ? $0.last ?? "" : stem(of: $0.last ?? "") }
    let withFolders = zip(parts, stems).map { parts, stem in
      parts.count > 1 ? parts[parts.count - 2] + "/" + stem : stem
    }
    var names = stems.indices.map { index in
      stems.filter { $0 == stems[index] }.count == 1 ? stems[index] : withFolders[index]
    }
    for index in names.indices {
      let base = names[index]
      var number = 2
      while names[0..<index].contains(names[index]) {
        names[index] = "\(base)#\(number)"
        number += 1
      }
    }
    return names
  }

  private static func stem(of file: String) -> String {
    guard let dot = file.lastIndex(of: "."), dot != file.startIndex else { return file }
    return String(file[..<dot])
  }
}
