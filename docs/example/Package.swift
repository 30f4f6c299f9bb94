// swift-tools-version: 6.1
import PackageDescription

// A program that uses Palimpsest as a library. Palimpsest links libtorch with flags that SwiftPM allows in packages on this
// machine only, so that it is a dependency by path.
let package = Package(
  name: "example",
  dependencies: [.package(name: "palimpsest", path: "../..")],
  targets: [
    .executableTarget(
      name: "example",
      dependencies: [
        .product(name: "Palimpsest", package: "palimpsest"),
        // libpalimpsest-torch, which is loaded from beside the program at the first call of libtorch.
        .product(name: "palimpsest-torch", package: "palimpsest"),
      ])
  ])
