import Formats
import Imaging
import Results

/// A whole study as a file describes it. Paths are as the file has them, relative to its folder.
public struct Experiment: Sendable {
  /// Images in a folder, or drawn.
  public struct Images: Sendable {
    public enum Origin: Sendable, Equatable {
      case folder(String)
      case scenes([GivenSetting])
    }
    public var name: String
    public var origin: Origin
    public var labels: LabelSource?
    /// Names of the classes.
    public var classes: String?
    public var annotations: String?
    /// The first so many, or a random sample; not both.
    public var limit: Int?
    public var sample: RandomSample?
    public var why: String?
    public var line: Int
  }

  /// A checkpoint: a folder, a bare file with its architecture, or a model of the Hub.
  public struct Model: Sendable {
    /// A model of the Hub as steps take it.
    public struct Pinned: Sendable, Equatable {
      /// `ORG/NAME@COMMIT`, which is the same in all steps and needs no network.
      public let name: String
      /// Its files in the cache.
      public let folder: String

      public init(name: String, folder: String) {
        self.name = name
        self.folder = folder
      }
    }

    public var name: String
    public var path: String
    public var settings: [GivenSetting]
    public var line: Int
    /// What the path, which is a name of the Hub then, stands for; nil for files.
    public var pinned: Pinned?
  }

  /// Activations of some models for some images.
  public struct Features: Sendable {
    public var name: String
    public var models: [String]?
    public var images: String?
    public var settings: [GivenSetting]
    public var why: String?
    public var line: Int
  }

  /// Inverses of some models: trained, or those of a folder.
  public struct Inverses: Sendable {
    public var name: String
    public var models: [String]?
    public var images: String?
    /// Activations to train on instead of images.
    public var features: String?
    public var validationImages: String?
    public var validationFeatures: String?
    /// Measured at the end with the best weights: images, or features where the training has features.
    public var testImages: String?
    public var testFeatures: String?
    /// A folder, in which `{model}` stands for the model's name; nothing is trained then.
    public var load: String?
    public var settings: [GivenSetting]
    public var why: String?
    public var line: Int
  }

  /// Images back from the depths of some models.
  public struct Reconstructions: Sendable {
    /// nil for the name of the inverses.
    public var name: String?
    public var inverses: [String]?
    public var models: [String]?
    public var images: String?
    /// Activations to reconstruct from instead of images.
    public var features: String?
    public var settings: [GivenSetting]
    public var why: String?
    public var line: Int
  }

  /// Numbers from stores or trainings.
  public struct Analysis: Sendable {
    public var name: String
    public var definition: AnalysisDefinition
    public var models: [String]?
    public var features: [String]?
    public var reconstructions: [String]?
    public var inverses: [String]?
    /// Inverses that made the stores, the errors at whose joints are measured.
    public var joints: [String]?
    /// Stores from elsewhere.
    public var stores: [String]
    /// Whether the command gets the models of its stores, where it takes them.
    public var withModels: Bool
    public var settings: [GivenSetting]
    public var why: String?
    public var line: Int
  }

  /// Figures and a page.
  public struct Report: Sendable {
    public var out: String?
    /// The author's words for a section, as Markdown.
    public struct Note: Sendable, Equatable {
      public var section: String
      public var text: String
    }

    /// In the order of the file.
    public var notes: [Note] = []
    public var settings: [GivenSetting]
    public var templates: String?
    public var why: String?
    public var line: Int
  }

  public var title: String?
  /// The author's words for the top of the report, as Markdown.
  public var summary: String?
  /// Where everything goes; nil for a folder beside the file, named after it.
  public var output: String?
  /// For every step that takes one and has none of its own.
  public var seed: Int?
  public var device: String?
  public var threads: Int?
  public var images: [Images] = []
  public var models: [Model] = []
  public var features: [Features] = []
  public var inverses: [Inverses] = []
  public var reconstructions: [Reconstructions] = []
  public var analyses: [Analysis] = []
  /// What is set of the figures of the report, by key.
  public var figures: [GivenSetting] = []
  /// nil where the file says `report: false`, or has no analysis.
  public var report: Report?

  /// What features are called where the file gives them no name; their stores have the models' names.
  public static let plainFeatures = "features"
}

extension Experiment.Images {
  /// How many scenes are drawn; nil of a folder.
  public var sceneCount: Int? {
    guard case .scenes(let given) = origin else { return nil }
    return given.first { $0.name == "count" }.flatMap { Int($0.value) }
  }

  /// Draws the scenes otherwise; changes nothing of a folder.
  public mutating func setScenes(_ name: String, _ value: String) {
    guard case .scenes(let given) = origin else { return }
    origin = .scenes(given.filter { $0.name != name } + [GivenSetting(name, value)])
  }
}
