/// What a tap is in the tree of its model's taps: by this, not by its place in a list, results over depth are ordered.
public enum TapRole: String, Sendable, Codable, CaseIterable {
  /// A layer on the way from the image: the embedding, a block, a stage.
  case trunk
  /// The normalisation behind the last layer, whose output the heads take.
  case norm
  /// Another name of its parent's value, as a stage's output is its last block's.
  case alias
  /// What the model says of the image, such as class scores or boxes; several heads have one parent.
  case head
  /// A value inside a block, ``BlockPart``; its parent is the layer before that block.
  case inside
  /// The same where it is attention weights: heads × queries × keys, not tokens × channels.
  case weights

  /// Whether it is a value inside a block.
  public var isInside: Bool { self == .inside || self == .weights }
}
