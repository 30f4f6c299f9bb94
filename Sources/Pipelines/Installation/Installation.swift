import FiguresCairo
import Foundation
import HDF5
import Torch

/// What this program is made of and where that is. Finding it out loads nothing.
public struct Installation: Encodable, Sendable {
  public struct Torch: Encodable, Sendable {
    /// The folder with `lib/`; nil where it is left to the system, or to where the program was built.
    public let folder: String?
    /// As a file beside it says; in a build folder the version that was built with. nil where there is none, or none that tells.
    public let version: String?
    public let hasCUDA: Bool
    /// Whether there is one as far as can be seen without loading it.
    public let isFound: Bool
  }

  public let version = Version.number
  public let torch: Torch
  public let libraries: [String: String]
  public let cores = Host.cores
  /// The names of NVIDIA's GPUs, as the driver gives them.
  public let gpus: [String]
  /// The folder with templates, documentation and the models of the demo; nil where it is not found.
  public let files: String?

  public static var current: Installation { Installation() }

  private init() {
    let folder = TorchLibrary.folder
    let isFound = folder.map { FileManager.default.fileExists(atPath: $0 + "/lib") } ?? TorchLibrary.isInBuildFolder
    torch = Torch(
      folder: folder,
      version: folder.map { TorchLibrary.version(in: $0) } ?? (isFound ? TorchLibrary.requiredVersion : nil),
      hasCUDA: folder.map { FileManager.default.fileExists(atPath: $0 + "/lib/libtorch_cuda.so") } ?? false,
      isFound: isFound)
    let drawing = DrawingTools()
    libraries = ["HDF5": HDF5Library.version, "Cairo": drawing.cairo, "Pango": drawing.pango]
    gpus = Installation.gpuNames(below: "/proc/driver/nvidia/gpus")
    files = try? ShippedResources.root().path
  }

  /// The models of the GPUs that NVIDIA's driver lists in `folder`, in the order of their addresses.
  static func gpuNames(below folder: String) -> [String] {
    let addresses = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return addresses.sorted().map { address in
      let text = (try? String(contentsOfFile: "\(folder)/\(address)/information", encoding: .utf8)) ?? ""
      let line = text.split(separator: "\n").first { $0.hasPrefix("Model:") }
      return line.map { $0.dropFirst(6).trimmingCharacters(in: .whitespaces) } ?? "NVIDIA GPU at \(address)"
    }
  }

  /// As `--version` says it: the program, then a line each on libtorch, the other libraries, devices and files.
  public var text: String {
    let names = ["HDF5", "Cairo", "Pango"].compactMap { name in libraries[name].map { "\(name) \($0)" } }
    let processor = "cpu (\(cores) \(cores == 1 ? "core" : "cores"))"
    let devices = [processor] + gpus.enumerated().map { "cuda:\($0.offset) (\($0.element))" }
    return [
      Version.text, torchLine, names.joined(separator: ", "), "devices: " + devices.joined(separator: ", "),
      "files: " + (files ?? "not found; install the program again"),
    ].joined(separator: "\n")
  }

  private var torchLine: String {
    guard torch.isFound else {
      return "libtorch: none, which what computes needs; 'palimpsest setup' gets it"
    }
    let name = "libtorch \(torch.version ?? "of a version that nothing tells")"
    guard let folder = torch.folder else { return "\(name), where it was when this was built" }
    let lacks = !gpus.isEmpty && !torch.hasCUDA ? "; without CUDA: 'palimpsest setup --cuda' gets one with it" : ""
    return "\(name) in \(folder)\(lacks)"
  }
}
