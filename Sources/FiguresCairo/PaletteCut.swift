/// The pixels of a page with pictures as places in a table of 256 colours: median cut (Heckbert, 1982) over five bits a channel. Each
/// colour is the mean of those that it stands for; that of the first pixel, the page's ground, is kept exactly.
struct PaletteCut {
  let colors: [UInt32]
  let indices: [UInt8]

  private static let most = 256

  /// - Parameter pixels: red, green and blue from the third byte down to the first; at least one.
  init(_ pixels: [UInt32]) {
    let ground = (pixels.first ?? 0) & 0xFF_FFFF
    var counts = [Int](repeating: 0, count: 1 << 15)
    var sums = [[Int]](repeating: [Int](repeating: 0, count: 1 << 15), count: 3)
    for pixel in pixels where pixel & 0xFF_FFFF != ground {
      let bin = Self.bin(pixel)
      counts[bin] += 1
      for channel in 0..<3 { sums[channel][bin] += Int(pixel >> UInt32(16 - channel * 8) & 255) }
    }
    let used = counts.indices.filter { counts[$0] > 0 }
    var boxes = used.isEmpty ? [] : [used]
    var worths = boxes.map { Self.worth($0, counts) }
    while boxes.count < Self.most - 1 {
      guard let next = boxes.indices.max(by: { (worths[$0], -$0) < (worths[$1], -$1) }), worths[next] > 0 else { break }
      let (low, high) = Self.halves(boxes[next], counts)
      boxes[next] = low
      boxes.append(high)
      worths[next] = Self.worth(low, counts)
      worths.append(Self.worth(high, counts))
    }
    var places = [UInt8](repeating: 0, count: 1 << 15)
    var colors = [ground]
    for box in boxes {
      let total = box.reduce(0) { $0 + counts[$1] }
      let mean = (0..<3).map { channel in (box.reduce(0) { $0 + sums[channel][$1] } * 2 + total) / (total * 2) }
      for bin in box { places[bin] = UInt8(colors.count) }
      colors.append(UInt32(mean[0]) << 16 | UInt32(mean[1]) << 8 | UInt32(mean[2]))
    }
    self.colors = colors
    indices = pixels.map { $0 & 0xFF_FFFF == ground ? 0 : places[Self.bin($0)] }
  }

  private static func bin(_ pixel: UInt32) -> Int {
    Int(pixel >> 19 & 31) << 10 | Int(pixel >> 11 & 31) << 5 | Int(pixel >> 3 & 31)
  }

  private static func value(_ bin: Int, _ channel: Int) -> Int { bin >> (10 - channel * 5) & 31 }

  /// How far the bins of a box reach along each channel.
  private static func spans(_ box: [Int]) -> [Int] {
    (0..<3).map { channel in
      let values = box.map { value($0, channel) }
      return (values.max() ?? 0) - (values.min() ?? 0)
    }
  }

  /// What is gained by cutting a box: its pixels times its longest side; 0 for one bin.
  private static func worth(_ box: [Int], _ counts: [Int]) -> Int {
    box.count < 2 ? 0 : box.reduce(0) { $0 + counts[$1] } * (spans(box).max() ?? 0)
  }

  /// A box of at least two bins, cut across its longest side where half of its pixels lie on each.
  private static func halves(_ box: [Int], _ counts: [Int]) -> (low: [Int], high: [Int]) {
    let spans = spans(box)
    let channel = spans.firstIndex(of: spans.max() ?? 0) ?? 0
    let sorted = box.sorted { (value($0, channel), $0) < (value($1, channel), $1) }
    let half = box.reduce(0) { $0 + counts[$1] } / 2
    var sum = 0
    var cut = 0
    while cut < sorted.count - 1, sum + counts[sorted[cut]] <= half || cut == 0 {
      sum += counts[sorted[cut]]
      cut += 1
    }
    return (Array(sorted[..<cut]), Array(sorted[cut...]))
  }
}
