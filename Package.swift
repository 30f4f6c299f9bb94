// swift-tools-version: 6.1
import Foundation
import PackageDescription

// MARK: Where libtorch is

/// `LIBTORCH` (a folder with `include/` and `lib/`: an unpacked libtorch, or the `torch` folder of a Python
/// environment, CUDA or not), else `.libtorch/` in the checkout (what `scripts/setup` makes), else the system.
let libtorch: String = {
  if let own = Context.environment["LIBTORCH"], !own.isEmpty { return own }
  let local = Context.packageDirectory + "/.libtorch"
  return FileManager.default.fileExists(atPath: local + "/include/ATen") ? local : "/usr"
}()

/// C++ flags of the shim: libtorch 2.13's headers need C++20; `-isystem` keeps their warnings out of our build.
let torchHeaders = ["-std=c++20", "-isystem", libtorch + "/include"]

/// `--no-as-needed`, because a CUDA build of libtorch registers its kernels by being loaded, not by being called.
let torchLibraries: [LinkerSetting] = [
  .unsafeFlags([
    "-L" + libtorch + "/lib", "-Xlinker", "-rpath", "-Xlinker", libtorch + "/lib",
    "-Xlinker", "--no-as-needed", "-ltorch", "-ltorch_cpu", "-lc10", "-Xlinker", "--as-needed",
  ])
]

/// Test data beside the tests, which are read by path and are no resources of a bundle.
func fixtures(_ target: String) -> [String] {
  let folder = Context.packageDirectory + "/Tests/" + target + "/Fixtures"
  return FileManager.default.fileExists(atPath: folder) ? ["Fixtures"] : []
}

let package = Package(
  name: "palimpsest",
  products: [
    .executable(name: "palimpsest", targets: ["palimpsest"]),
    // What another program imports: stores, backbones, inverses, analyses, figures, reports and the jobs that use them.
    .library(
      name: "Palimpsest",
      targets: [
        "Formats", "Hub", "Results", "Torch", "NeuralNet", "Backbones", "Inversion", "Imaging", "Scenes", "HDF5",
        "Activations",
        "Analysis", "Figures", "FiguresCairo", "Reports", "Experiments", "Pipelines",
      ]),
    .library(name: "palimpsest-torch", type: .dynamic, targets: ["CTorchLibrary"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.0.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // MARK: C and C++

    // A pure C face over libtorch: tensors, operators by name, gradients, generators. It finds and loads the library behind it,
    // and with that libtorch, at the first call. Of libtorch's headers it includes the version alone.
    .target(
      name: "CTorch", cSettings: [.unsafeFlags(["-isystem", libtorch + "/include"])],
      linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
    // That library, built as libpalimpsest-torch beside the program. The only C++ of the package.
    // NDEBUG as in libtorch's own build: without it some of its headers lay records out otherwise.
    .target(
      name: "CTorchLibrary", publicHeadersPath: ".",
      cxxSettings: [.define("NDEBUG"), .headerSearchPath("../CTorch/include"), .unsafeFlags(torchHeaders)],
      linkerSettings: torchLibraries),
    // libhdf5 as it is.
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    // Cairo, Pango and Fontconfig as they are.
    .systemLibrary(name: "CCairo", pkgConfig: "pangocairo", providers: [.apt(["libcairo2-dev", "libpango1.0-dev"])]),
    // libarchive as it is.
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    // qpdf's C face as it is: the objects and filters of PDF files.
    .systemLibrary(name: "CQPDF", pkgConfig: "libqpdf", providers: [.apt(["libqpdf-dev"])]),
    // Expat as it is. Not FoundationXML, which leaves out entities in text and traps on `<?name?>` (Swift 6.1).
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    // libdeflate as it is: faster zlib streams and CRC-32.
    .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    // libcurl as it is, its variadic functions behind typed ones.
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    // TurboJPEG, libpng, libwebp and libtiff behind functions that return a status instead of jumping, and the inner loops of
    // resampling.
    .target(
      name: "CImageCodecs",
      linkerSettings: ["turbojpeg", "png16", "webpdemux", "tiff"].map { .linkedLibrary($0) }),

    // What the C library has and Swift does not import.
    .target(name: "CSystem"),

    // MARK: What stands alone

    // CSV, JSON with places, digests, number text, edit distance, sizes, random streams, chunks, parallel loops; files that
    // appear whole, locks, and why the system refuses something.
    .target(name: "Formats", dependencies: ["CSystem", .product(name: "Crypto", package: "swift-crypto")]),
    // The entries of tar and zip files, with names in UTF-8.
    .target(name: "Archives", dependencies: ["CArchive"]),
    // Models and data sets by their names in the Hub: the requests, and the cache that huggingface_hub shares.
    .target(name: "Hub", dependencies: ["CCurl", "Formats", .product(name: "Crypto", package: "swift-crypto")]),
    // What analyses are and write: their registry, tables, metrics, measures and names of conditions. Foundation alone.
    .target(name: "Results"),

    // MARK: Numbers

    // Tensors, gradients, generators and devices; the only user of CTorch.
    .target(name: "Torch", dependencies: ["CTorch"]),
    // Modules, layers and safetensors with strict loading.
    .target(name: "NeuralNet", dependencies: ["Torch", "Formats"]),
    // The four families of frozen models, from the checkpoints timm and transformers write, with every tap.
    .target(name: "Backbones", dependencies: ["Torch", "NeuralNet", "Formats"]),

    // MARK: Images and files

    // Image files, loose and in archives, to the 8-bit pixels a model sees: decode, resample, preprocess, colour conditions, masks.
    .target(name: "Imaging", dependencies: ["Archives", "CImageCodecs", "CCairo", "Formats", "Results"]),
    // Procedurally drawn images with COCO annotations.
    .target(name: "Scenes", dependencies: ["Imaging", "Formats", "CCairo"]),
    // Files, groups, datasets and attributes of HDF5, with errors; knows nothing of models.
    .target(name: "HDF5", dependencies: ["CHDF5"]),
    // The feature store: schema, crash-safe writer, reader, verification, and the pipeline that fills it.
    .target(name: "Activations", dependencies: ["HDF5", "Formats", "Results", "CDeflate"]),

    // MARK: Results

    // One folder an analysis: pure functions from stores to tidy rows.
    .target(name: "Analysis", dependencies: ["Torch", "Activations", "Formats", "Results"]),
    // Figures as data: from numbers to a scene in points; imports the conversions of numbers alone.
    .target(name: "Figures", dependencies: ["Formats"]),
    // A scene to PDF, SVG and PNG.
    .target(name: "FiguresCairo", dependencies: ["Figures", "Formats", "CCairo", "CDeflate", "CImageCodecs"]),
    // Figure files checked as a venue would: fonts, sizes, overlaps, contrast, colours, resolution.
    .target(name: "FigureLint", dependencies: ["Figures", "Formats", "CDeflate", "CExpat", "CQPDF"]),
    // Templates to HTML, tables, provenance, and bundles of them.
    .target(
      name: "Reports",
      dependencies: [
        "Formats", "Results", "Figures", "FiguresCairo", "Imaging", "Archives", "CArchive",
        .product(name: "Mustache", package: "swift-mustache"),
      ]),

    // Inverse networks of the frozen models: layers, chains, and how they are trained.
    .target(name: "Inversion", dependencies: ["Torch", "NeuralNet", "Backbones", "Formats", "Results"]),

    // Experiments as files: their schema, the steps they come to, and which of these have to be done again.
    .target(
      name: "Experiments",
      dependencies: [
        "Formats", "Results", "Imaging", .product(name: "Yams", package: "Yams"),
      ]),

    // Extraction, training, reconstruction, prototypes, analyses and experiments as jobs that another program can run.
    .target(
      name: "Pipelines",
      dependencies: [
        "Formats", "Hub", "Results", "Torch", "NeuralNet", "Backbones", "Inversion", "Imaging", "Scenes", "HDF5",
        "Activations",
        "Analysis", "Figures", "FiguresCairo", "Reports", "Experiments",
      ]),

    // MARK: The command

    // What a program of the terminal needs: streams, a bar, signals, the words of its command line.
    .target(
      name: "Terminal",
      dependencies: [
        "Experiments", "Formats", "Pipelines", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // The command line: one file a command, wiring only.
    .executableTarget(
      name: "palimpsest",
      dependencies: [
        "Formats", "Results", "Torch", "NeuralNet", "Backbones", "Inversion", "Imaging", "Scenes",
        "Activations",
        "Analysis", "Figures", "FiguresCairo", "FigureLint", "Reports", "Experiments", "Pipelines", "Terminal",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // The program of docs/example, built with what is public alone, so that a test can run it.
    .executableTarget(
      name: "LibraryExample",
      dependencies: [
        "Activations", "Analysis", "Backbones", "Figures", "FiguresCairo", "Imaging", "Pipelines", "Scenes", "Torch",
      ],
      path: "docs/example/Sources/example", packageAccess: false),

    // MARK: Tests, one target a source target

    // What several test targets need: temporary folders, errors' texts, a Hub on loopback. No tests.
    .target(
      name: "TestSupport", dependencies: ["Torch", .product(name: "Crypto", package: "swift-crypto")],
      path: "Tests/TestSupport"),
    // A small family of models that is registered by tests alone: what a new family has to bring, and no more.
    .target(
      name: "TestFamily", dependencies: ["Backbones", "Formats", "NeuralNet", "Torch"], path: "Tests/TestFamily"),
    // A small analysis that is registered by tests alone, with its section.
    .target(name: "TestAnalysis", dependencies: ["Reports", "Results"], path: "Tests/TestAnalysis"),
    .testTarget(name: "HubTests", dependencies: ["Hub", "TestSupport"]),
    .testTarget(name: "FormatsTests", dependencies: ["Formats", "TestSupport"]),
    .testTarget(name: "ResultsTests", dependencies: ["Results", "TestAnalysis", "TestSupport"]),
    .testTarget(name: "ScenesTests", dependencies: ["Scenes", "Formats", "Imaging", "TestSupport"]),
    .testTarget(
      name: "PipelinesTests",
      dependencies: [
        "Pipelines", "Formats", "Activations", "Analysis", "Backbones", "Experiments", "FigureLint", "Figures", "Hub",
        "Imaging",
        "Inversion",
        "HDF5", "Torch", "NeuralNet", "Reports", "Results", "Scenes", "TestSupport",
      ]),
    .testTarget(name: "TerminalTests", dependencies: ["Terminal", "Experiments", "TestSupport"]),
    .testTarget(name: "TorchTests", dependencies: ["Torch", "TestSupport"]),
    .testTarget(
      name: "NeuralNetTests", dependencies: ["NeuralNet", "Torch", "TestSupport"], exclude: fixtures("NeuralNetTests")),
    .testTarget(
      name: "BackbonesTests",
      dependencies: ["Backbones", "Formats", "NeuralNet", "Torch", "HDF5", "Imaging", "TestFamily", "TestSupport"],
      exclude: fixtures("BackbonesTests")),
    .testTarget(
      name: "ImagingTests", dependencies: ["Imaging", "Formats", "TestSupport"], exclude: fixtures("ImagingTests")),
    .testTarget(name: "HDF5Tests", dependencies: ["HDF5", "TestSupport"], exclude: fixtures("HDF5Tests")),
    .testTarget(
      name: "ActivationsTests", dependencies: ["Activations", "Formats", "HDF5", "TestSupport"],
      exclude: fixtures("ActivationsTests")),
    .testTarget(
      name: "InversionTests",
      dependencies: ["Inversion", "Backbones", "Formats", "NeuralNet", "Torch", "TestFamily", "TestSupport"],
      exclude: fixtures("InversionTests")),
    .testTarget(
      name: "AnalysisTests",
      dependencies: ["Analysis", "Activations", "Torch", "Formats", "Results", "NeuralNet", "TestSupport"],
      exclude: fixtures("AnalysisTests")),
    .testTarget(name: "FiguresTests", dependencies: ["Figures", "TestSupport"], exclude: fixtures("FiguresTests")),
    .testTarget(
      name: "FiguresCairoTests", dependencies: ["Figures", "FiguresCairo", "Formats", "CCairo", "TestSupport"],
      exclude: fixtures("FiguresCairoTests")),
    .testTarget(
      name: "FigureLintTests",
      dependencies: ["FigureLint", "Figures", "FiguresCairo", "CDeflate", "CQPDF", "TestSupport"],
      exclude: fixtures("FigureLintTests")),
    .testTarget(
      name: "ReportsTests",
      dependencies: ["Reports", "Formats", "Results", "Figures", "FiguresCairo", "TestAnalysis", "TestSupport"],
      exclude: fixtures("ReportsTests")),
    .testTarget(
      name: "ExperimentsTests", dependencies: ["Experiments", "Results", "TestSupport"],
      exclude: fixtures("ExperimentsTests")),
    // The program as a user runs it: every command's exit status and sentences.
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "palimpsest", "Activations", "Experiments", "Formats", "HDF5", "NeuralNet", "Results", "Torch", "TestAnalysis",
        "TestSupport", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: fixtures("CommandTests")),
  ],
  cxxLanguageStandard: .cxx20
)
