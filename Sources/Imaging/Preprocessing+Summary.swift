extension Preprocessing {
  /// The recipe in a few words, for tables: `shorter side 248, bicubic, crop 224×224 (timm pretrained_cfg)`.
  public var summary: String {
    var parts: [String] = []
    switch resize {
    case .keep: break
    case .stretch(let width, let height): parts.append("stretch to \(width)×\(height)")
    case .shorterSide(let side): parts.append("shorter side \(side)")
    case .shorterSideAtMost(let side, let longest): parts.append("shorter side \(side), longer at most \(longest)")
    case .cover(let width, let height): parts.append("cover \(width)×\(height)")
    case .fit(let width, let height), .fitWhole(let width, let height): parts.append("fit into \(width)×\(height)")
    }
    if !parts.isEmpty { parts.append(interpolation.rawValue) }
    if let crop { parts.append("crop \(crop.width)×\(crop.height)") }
    if pad { parts.append("padded with a mask") }
    let text = parts.isEmpty ? "as they are" : parts.joined(separator: ", ")
    return profile == .paper ? "\(text) (paper)" : "\(text) (\(source))"
  }
}
