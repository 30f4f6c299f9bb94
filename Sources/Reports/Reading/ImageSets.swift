/// Which images the stores of several results are of, as far as their provenance says.
struct ImageSets {
  private struct Member {
    let store: String
    let folder: String
    let paths: String?
    let images: String
  }

  /// The first store of each set of images, in the order of the folders.
  private let sets: [Member]

  init(_ folders: [AnalysisFolder]) {
    var sets: [Member] = []
    for folder in folders {
      for store in folder.provenance?.stores ?? [] {
        guard let images = store.imagesSHA256, !sets.contains(where: { $0.images == images }) else { continue }
        sets.append(Member(store: store.name, folder: folder.name, paths: store.imagePathsSHA256, images: images))
      }
    }
    self.sets = sets
  }

  /// Whether some stores are of other images than others; also where those of one are part of those of another.
  var areSeveral: Bool { sets.count > 1 }

  /// Sentences on stores whose images have the same names and are others.
  var warnings: [String] {
    sets.enumerated().compactMap { place, set in
      guard let other = sets[..<place].first(where: { $0.paths != nil && $0.paths == set.paths }) else { return nil }
      return
        "The images of \(name(set)) are not those of \(name(other)), though they have the same names: what differs between "
        + "them may be the images' doing."
    }
  }

  private func name(_ set: Member) -> String { set.folder.isEmpty ? set.store : "\(set.store) (\(set.folder))" }
}
