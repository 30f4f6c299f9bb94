/// Names of classes, which need not be different: ImageNet has two cranes and DETR eleven classes called N/A.
public enum ClassNames {
  /// The names, those that occur more than once with their numbers, counted from 0: `crane (134)`.
  public static func distinct(_ names: [String]) -> [String] {
    var counts: [String: Int] = [:]
    for name in names { counts[name, default: 0] += 1 }
    return names.enumerated().map { counts[$1] ?? 0 > 1 ? "\($1) (\($0))" : $1 }
  }
}
