import Figures
import Formats
import Foundation

/// A store of reconstructions as a report sees it: pixels by image, condition and tap.
public protocol ReconstructionSource {
  /// Names of the images, in order.
  var imagePaths: [String] { get }
  /// Conditions with reconstructions, `original` first where it has any; empty where there are inputs alone.
  var conditions: [String] { get }
  /// Height and width of the pictures.
  var size: ImageSize { get }
  /// Taps with reconstructions under a condition, in order of depth.
  func taps(of condition: String) -> [String]
  /// Whether a row is complete.
  func isComplete(_ row: Int, condition: String) -> Bool
  /// The pixels the model saw, three bytes each; nil where the store does not keep them.
  func input(_ row: Int, condition: String) throws -> [UInt8]?
  /// The pixels reconstructed from a tap, three bytes each.
  func reconstruction(_ row: Int, condition: String, tap: String) throws -> [UInt8]
  /// The class of an image; nil where the store does not know it.
  func className(_ row: Int) -> String?
  /// What a detector finds in an image, from its predictions in the store; empty where there are none.
  func objects(_ row: Int, condition: String) throws -> [PicturedObject]
}

extension ReconstructionSource {
  public func className(_ row: Int) -> String? { nil }
  public func objects(_ row: Int, condition: String) throws -> [PicturedObject] { [] }
}

/// What a model says is in a part of an image.
public struct PicturedObject: Sendable, Equatable {
  public let name: String
  public let area: ImageGridFigure.Area

  public init(name: String, area: ImageGridFigure.Area) {
    self.name = name
    self.area = area
  }
}

/// Opens the store at a path; nil if it holds neither reconstructions nor inputs.
public typealias StoreOpener = (_ path: String) throws -> (any ReconstructionSource)?

/// The stores of an analysis, found by the paths that its provenance recorded.
struct ReconstructionStores {
  struct Store {
    let name: String
    let source: any ReconstructionSource
  }

  /// Those with reconstructions.
  private(set) var stores: [Store] = []
  /// Those with inputs alone.
  private(set) var inputs: [Store] = []
  /// Why some could not be shown, one sentence each.
  private(set) var warnings: [String] = []

  init(_ folder: AnalysisFolder, open: StoreOpener?) {
    guard let open, let provenance = folder.provenance else { return }
    let recorded = (provenance.inputs ?? []).filter { $0.role == "store" }
    let names = (provenance.stores ?? []).map(\.name)
    for (place, input) in recorded.enumerated() {
      let name = place < names.count ? names[place] : (input.path as NSString).lastPathComponent
      guard let path = Self.locate(input.path, from: folder.url) else {
        warnings.append("The store of \(name) is not at \(input.path) any more, so its reconstructions are not shown.")
        continue
      }
      let bytes = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber
      if let known = input.bytes, let bytes, bytes.intValue != known {
        warnings.append("The store \(input.path) is not the one that was analysed (its size differs): it is not shown.")
        continue
      }
      do {
        guard let source = try open(path) else { continue }
        if source.conditions.isEmpty {
          inputs.append(Store(name: name, source: source))
        } else {
          stores.append(Store(name: name, source: source))
        }
      } catch {
        warnings.append("The store \(input.path) cannot be read, so its reconstructions are not shown: \(error)")
      }
    }
  }

  /// A recorded path as it is, beside the results, or above them: whichever exists.
  private static func locate(_ path: String, from folder: URL) -> String? {
    if path.hasPrefix("/") { return FileManager.default.fileExists(atPath: path) ? path : nil }
    let bases = [
      FileManager.default.currentDirectoryPath, folder.path, folder.deletingLastPathComponent().path,
      folder.deletingLastPathComponent().deletingLastPathComponent().path,
    ]
    return bases.map { URL(fileURLWithPath: $0).appendingPathComponent(path).path }
      .first { FileManager.default.fileExists(atPath: $0) }
  }
}
