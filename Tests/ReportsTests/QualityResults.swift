import Formats
import Foundation
import Reports

/// Pictures in memory: every pixel of a row, condition and tap has one colour.
struct MemoryPictures: ReconstructionSource {
  var imagePaths = [hostileName, "a.png", "c.png", "d.png", "e.png"]
  var conditions = ["original", "red"]
  var size = ImageSize(height: 8, width: 12)
  func taps(of condition: String) -> [String] { condition == "original" ? ["embed", "block.3"] : ["embed"] }
  func isComplete(_ row: Int, condition: String) -> Bool { row != 2 }
  func input(_ row: Int, condition: String) -> [UInt8]? { filled(UInt8(row * 20)) }
  func reconstruction(_ row: Int, condition: String, tap: String) -> [UInt8] { filled(tap == "embed" ? 90 : 200) }
  private func filled(_ value: UInt8) -> [UInt8] { Array(repeating: value, count: size.height * size.width * 3) }
}

let qualityHeader = "store,condition,tap,metric,value,low,high,n\n"

extension ResultsFolder {
  func write(_ text: String, in folder: String, _ name: String) throws {
    let place = results.appendingPathComponent(folder)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    try text.write(to: place.appendingPathComponent(name), atomically: true, encoding: .utf8)
  }

  /// Two models with the same taps, intervals apart at the last tap; the first image's name is hostile.
  func writeQuality(in folder: String = "quality") throws {
    try write(
      qualityHeader
        + """
        A,original,embed,psnr,30,29,31,200
        A,original,embed,ssim,0.9,0.88,0.92,200
        A,original,block.3,psnr,20,19,21,200
        A,original,block.3,ssim,0.5,0.45,0.55,200
        B,original,embed,psnr,28,27,29,200
        B,original,embed,ssim,0.85,0.8,0.9,200
        B,original,block.3,psnr,24,23,25,200
        B,original,block.3,ssim,,,,0

        """, in: folder, "quality.csv")
    var lines = "store,condition,tap,path,metric,value\n"
    for (store, base) in [("A", 20.0), ("B", 24.0)] {
      for tap in ["embed", "block.3"] {
        for (place, path) in ["a.png", "c.png", "d.png", "e.png", hostileName].enumerated() {
          lines += CommaSeparatedValues.line([store, "original", tap, path, "psnr", "\(base + Double(place % 3))"])
          lines += CommaSeparatedValues.line([store, "original", tap, path, "ssim", "0.5"])
        }
      }
    }
    try write(lines, in: folder, "quality_images.csv")
    try write(
      """
      store_a,store_b,condition,match,tap,tap_b,metric,n,difference,low,high,p_value,p_adjusted,effect_size,rank_biserial
      A,B,original,name,embed,embed,psnr,5,-4,-4.5,-3.5,0.0625,0.125,-2,-1
      A,B,original,name,embed,embed,ssim,5,0.1,-0.1,0.3,0.5,1,0.2,0.1
      A,B,original,name,block.3,block.3,psnr,5,-3.9,-4.4,-3.4,0.00001,0.00002,-2,-1

      """, in: folder, "quality_differences.csv")
    try write(
      """
      {"format":"palimpsest.provenance","version":1,"command":["palimpsest","analyze","quality"],
       "inputs":[{"path":"a.h5","role":"store"},{"path":"/nowhere/b.h5","role":"store"}],
       "stores":[{"name":"A","model":"vit"},{"name":"B","model":"swin"}]}
      """, in: folder, "provenance.json")
    try Data().write(to: root.appendingPathComponent("a.h5"))
  }
}
