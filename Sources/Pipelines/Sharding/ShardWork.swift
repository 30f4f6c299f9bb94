import Activations

/// Which of a store's shards a process makes.
public enum ShardChoice: Sendable, Equatable {
  /// As the launcher's environment says; all of them where there is no launcher.
  case automatic
  case one(Int)

  /// Reads `auto` or a number; nil for other texts.
  public init?(_ text: String) {
    if text == "auto" {
      self = .automatic
    } else if let number = Int(text), number >= 0, text.allSatisfy(\.isASCII) {
      self = .one(number)
    } else {
      return nil
    }
  }
}

/// A store that is made in shards.
public struct ShardWork: Sendable, Equatable {
  /// How many the store has.
  public var count: Int
  public var choice: ShardChoice

  /// - Throws: ``BadInput`` where there is no such shard.
  public init(count: Int, choice: ShardChoice = .automatic) throws {
    guard (1...ShardManifest.most).contains(count) else {
      throw BadInput("--shards is \(count); give 1 to \(ShardManifest.most)")
    }
    if case .one(let shard) = choice, shard >= count {
      throw BadInput("--shard is \(shard) of \(count) shards; give 0 to \(count - 1), or auto")
    }
    self.count = count
    self.choice = choice
  }
}
