import Formats
import Foundation

/// A store of reconstructions as a report sees it: pixels by image, condition and tap.
public protocol ReconstructionSource {
  /// Names of the images, in order.
  var imagePaths: [String] { get }
  /// Conditions with reconstructions, `original` first where it has any.
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
}

/// Opens the store at a path; nil if it holds no reconstructions.
public typealias StoreOpener = (_ path: String) throws -> (any ReconstructionSource)?

/// The stores of an analysis, found by the paths that its provenance recorded.
struct ReconstructionStores {
  struct Store {
    let name: String
    let source: any ReconstructionSource
  }

  private(set) var stores: [Store] = []
  /// Why some could not be shown, one sentence each.
  private(set) var warnings: [String] = []

  init(_ folder: AnalysisFolder, open: StoreOpener?) {
    guard let open, let provenance = folder.provenance else { return }
    let inputs = (provenance.inputs ?? []).filter { $0.role == "store" }
    let names = (provenance.stores ?? []).map(\.name)
    for (place, input) in inputs.enumerated() {
      let name = place < names.count ? names[place] : (input.path as NSString).lastPathComponent
      guard let path = Self.locate(input.path, from: folder.url) else {
        warnings.append("The store of \(name) is not at \(input.path) any more, so its reconstructions are not shown.")
        continue
      }
      let bytes = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber
      if let recorded = input.bytes, let bytes, bytes.intValue != recorded {
        warnings.append("The store \(input.path) is not the one that was analysed (its size differs): it is not shown.")
        continue
      }
      do {
        if let source = try open(path) { stores.append(Store(name: name, source: source)) }
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
