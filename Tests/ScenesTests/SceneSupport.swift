import Foundation
import Imaging
import Scenes
import TestSupport

/// A folder of its own for one test, gone when the test ends.
final class SceneScratch {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  func folder(_ name: String) -> URL { temporary.url.appendingPathComponent(name) }

  /// Every file under a folder, by its relative path, in order.
  static func files(_ folder: URL) throws -> [(path: String, data: Data)] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    return try names.compactMap { name in
      let url = folder.appendingPathComponent(name)
      var isFolder: ObjCBool = false
      let found = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      return found && !isFolder.boolValue ? (name, try Data(contentsOf: url)) : nil
    }
  }

  /// A CSV file without quotes, as its rows.
  static func rows(_ file: URL) throws -> [[String]] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }
}

enum SceneHue {
  /// Hue in degrees and chroma of a pixel.
  static func andChroma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> (hue: Double, chroma: Double) {
    let (r, g, b) = (Double(red), Double(green), Double(blue))
    let top = max(r, g, b)
    let chroma = top - min(r, g, b)
    guard chroma > 0 else { return (0, 0) }
    let sector = top == r ? (g - b) / chroma : top == g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma
    return ((sector * 60 + 360).truncatingRemainder(dividingBy: 360), chroma)
  }

  /// How far apart two hues are, 0…180.
  static func distance(_ first: Double, _ second: Double) -> Double {
    let turn = abs(first - second).truncatingRemainder(dividingBy: 360)
    return min(turn, 360 - turn)
  }
}

extension DrawnScene {
  /// The mean hue under an object's mask, pixels weighted by their squared chroma, in degrees.
  func meanHue(_ object: SceneObject) -> Double {
    var (x, y) = (0.0, 0.0)
    for (place, visible) in object.mask.pixels.enumerated() where visible {
      let (hue, chroma) = SceneHue.andChroma(pixels[place * 3], pixels[place * 3 + 1], pixels[place * 3 + 2])
      x += chroma * chroma * cos(hue * .pi / 180)
      y += chroma * chroma * sin(hue * .pi / 180)
    }
    return (atan2(y, x) * 180 / .pi + 360).truncatingRemainder(dividingBy: 360)
  }
}
