import ArgumentParser
import Formats
import Pipelines
import Terminal

/// `palimpsest inspect`: what a file holds.
struct Inspect: WholeOutputCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what a checkpoint, a store, a training or a bundle holds.",
    discussion: """
      Of a checkpoint: the family, the dialect of its names, its parameters and \
      its taps. Of a store: the model, the images, the conditions and the taps \
      with their shapes. Of a training: the plan, and each inverse with its loss. Of a \
      bundle: its files.

        palimpsest inspect vit-base-patch16-224/
        palimpsest inspect facebook/detr-resnet-50
        palimpsest inspect vit.h5
        palimpsest inspect vit-inverse/
      """)

  @Argument(
    help: "A store (.h5), a checkpoint (folder, .safetensors, name in the Hub), a folder of train, or a bundle.",
    completion: .file())
  var file: String

  @Option(help: "The architecture of a bare .safetensors file, for example vit_base_patch16_224.")
  var architecture: String?

  @Flag(help: "List every tensor of a checkpoint.")
  var tensors = false

  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    let path = try ModelSource(file).localPath(output.reporter)
    if tensors, try FileKind(of: path) == .checkpoint {
      show(try CheckpointInspection.tensors(of: path))
      output.say("")
    }
    let found = try inspect(path, architecture: architecture)
    output.say("\(file): \(found.title)")
    for fact in found.facts {
      let (name, value) = (Streams.oneLine(fact.name), Streams.oneLine(fact.value))
      output.say(value.isEmpty ? "  \(name)" : "  \(TextTable.padded(name, 20)) \(value)")
    }
    for table in found.tables {
      output.say("")
      show(table)
    }
    try output.summarize(found)
  }

  private func show(_ table: InspectionTable) {
    let isEmpty = table.rows.isEmpty && !table.placeholder.isEmpty
    output.say(
      isEmpty
        ? table.placeholder : TextTable.text(header: table.header, rows: table.rows.map { $0.map(Streams.oneLine) }))
  }
}
