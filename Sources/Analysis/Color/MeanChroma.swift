import Formats

/// The mean chroma vector of many images at every pixel, over the images that reach there: inputs may differ in size and lie
/// in the upper left corner of one canvas.
final class MeanChroma {
  private let height: Int
  private let width: Int
  private var a: [Double]
  private var b: [Double]
  private var counts: [Int32]

  init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    a = Array(repeating: 0, count: height * width)
    b = a
    counts = Array(repeating: 0, count: height * width)
  }

  func add(_ image: LabImage, size: ImageSize) {
    for row in 0..<size.height {
      image.withChroma(row * size.width..<(row + 1) * size.width) { chromaA, chromaB in
        for column in 0..<size.width {
          let index = row * width + column
          a[index] += Double(chromaA[column])
          b[index] += Double(chromaB[column])
          counts[index] += 1
        }
      }
    }
  }

  /// The means where an image of a size lies.
  func image(size: ImageSize) -> LabImage {
    func means(_ sums: [Double]) -> [Float] {
      (0..<size.height).flatMap { row in
        (row * width..<row * width + size.width).map { Float(sums[$0] / Double(max(1, counts[$0]))) }
      }
    }
    return LabImage(a: means(a), b: means(b))
  }
}

/// The means of several sources, each made once for every size of image.
final class MeanChromas {
  private let means: [MeanChroma]
  private var made: [Int: [LabImage]] = [:]

  init(_ means: [MeanChroma]) { self.means = means }

  /// By source; call it from one thread.
  func images(size: ImageSize) -> [LabImage] {
    let key = size.height << 32 | size.width
    if let known = made[key] { return known }
    let images = means.map { $0.image(size: size) }
    // Images of many sizes are made again: all of them would take as much memory as the images.
    if made.count < 4 { made[key] = images }
    return images
  }
}
