/// What the analyses of conditions and of pictures can all be told.
public protocol MeasureSettings {
  /// Names of conditions; nil for all.
  var conditions: [String]? { get set }
  /// Names of taps; nil for all.
  var taps: [String]? { get set }
  /// Replicates of the bootstrap over images; 0 for no intervals.
  var bootstrap: Int { get set }
  var seed: UInt64 { get set }
  /// Use only the first so many images that can be used; nil for all.
  var limit: Int? { get set }
  var threads: Int { get set }
}

extension ColorResponse.Settings: MeasureSettings {}
extension Detail.Settings: MeasureSettings {}
extension Quality.Settings: MeasureSettings {}
extension Shape.Settings: MeasureSettings {}
