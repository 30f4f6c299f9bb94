import Foundation
import NeuralNet
import TestSupport
import Testing
import Torch

struct SafetensorsTests {
  private func open(_ data: Data) throws -> SafetensorsFile {
    let folder = try TemporaryFolder()
    return try SafetensorsFile(contentsOf: folder.write(data, to: "model.safetensors"))
  }

  /// The reason for which a file is refused, without its path.
  private func refusal(_ data: Data) throws -> String {
    let folder = try TemporaryFolder()
    let file = try folder.write(data, to: "model.safetensors")
    let error = #expect(throws: CheckpointError.self) { try SafetensorsFile(contentsOf: file) }
    return (error?.description ?? "").replacingOccurrences(of: file.path + ": ", with: "")
  }

  private func floats(_ values: Float...) -> [UInt8] { values.flatMap { withUnsafeBytes(of: $0) { Array($0) } } }

  // MARK: Whole files

  @Test func everyTypeIsReadAsTheNumbersItHolds() throws {
    let types: [(String, [UInt8], [Float])] = [
      ("F64", withUnsafeBytes(of: (1.5, -2.25)) { Array($0) }, [1.5, -2.25]),
      ("F32", floats(1.5, -2.25), [1.5, -2.25]),
      ("F16", [0x00, 0x3E, 0x80, 0xC0], [1.5, -2.25]),
      ("BF16", [0xC0, 0x3F, 0x10, 0xC0], [1.5, -2.25]),
      ("I64", withUnsafeBytes(of: (Int64(7), Int64(-3))) { Array($0) }, [7, -3]),
      ("I32", withUnsafeBytes(of: (Int32(7), Int32(-3))) { Array($0) }, [7, -3]),
      ("I16", [7, 0, 0xFD, 0xFF], [7, -3]), ("I8", [7, 0xFD], [7, -3]), ("U8", [7, 253], [7, 253]),
      ("BOOL", [1, 0], [1, 0]),
    ]
    for (type, bytes, expected) in types {
      let header = "{\"x\":{\"dtype\":\"\(type)\",\"shape\":[2],\"data_offsets\":[0,\(bytes.count)]}}"
      let tensor = try open(safetensors(header, data: bytes)).tensor(named: "x")
      #expect(try tensor.values(as: Float.self) == expected, "\(type)")
      #expect(tensor.dtype == .float32 || ["I64", "I32", "I16", "I8", "U8", "BOOL"].contains(type), "\(type)")
    }
  }

  @Test func whatIsWrittenIsReadBackAndWrittenAlikeTwice() throws {
    let folder = try TemporaryFolder()
    let generator = try Generator(seed: 5)
    let tensors = try [
      ("b.weight", Tensor.randomNormal([3, 4], generator: generator)),
      ("a \"quoted\" é", Tensor.randomNormal([2], generator: generator)), ("empty", Tensor.zeros([0, 5])),
      ("scalar", Tensor.full([], 2.5)),
      ("transposed", Tensor.randomNormal([3, 2], generator: generator).transposed(0, 1)),
    ]
    let first = folder.url.appendingPathComponent("first.safetensors")
    let second = folder.url.appendingPathComponent("second.safetensors")
    try SafetensorsWriter.write(tensors, metadata: ["format": "pt", "b": "2"], to: first)
    try SafetensorsWriter.write(tensors.reversed(), metadata: ["b": "2", "format": "pt"], to: second)
    #expect(try Data(contentsOf: first) == Data(contentsOf: second))

    let file = try SafetensorsFile(contentsOf: first)
    #expect(file.metadata == ["format": "pt", "b": "2"])
    #expect(file.entries.count == tensors.count)
    for (name, tensor) in tensors {
      let read = try file.tensor(named: name)
      #expect(read.shape == tensor.shape)
      #expect(try read.values(as: Float.self) == tensor.values(as: Float.self), "\(name)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 2, "no partial file is left")
  }

  /// Who keeps weights on another disk has a link in the folder.
  @Test func aLinkIsWrittenThrough() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("large")
    let link = folder.url.appendingPathComponent("best.safetensors")
    try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "large/weights.safetensors")
    for value in [1.5, 2.5] { try SafetensorsWriter.write([("a", Tensor.full([2], value))], to: link) }
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == "large/weights.safetensors")
    let target = folder.url.appendingPathComponent("large/weights.safetensors")
    #expect(try SafetensorsFile(contentsOf: target).tensor(named: "a").values(as: Float.self) == [2.5, 2.5])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("large")) == ["weights.safetensors"])
  }

  // MARK: Damage

  @Test func aFileThatIsCutWhileItIsReadIsAnErrorAndNoCrash() throws {
    let folder = try TemporaryFolder()
    let header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[3000],\"data_offsets\":[0,12000]}}"
    let url = try folder.write(safetensors(header, data: [UInt8](repeating: 0, count: 12000)), to: "model.safetensors")
    let file = try SafetensorsFile(contentsOf: url)
    #expect(try file.tensor(named: "x").shape == [3000])
    #expect(truncate(url.path, 5000) == 0)
    for read in [{ _ = try file.tensor(named: "x") }, { try file.eachPiece { _ in } }] {
      let error = #expect(throws: CheckpointError.self) { try read() }
      #expect(
        error?.description
          == "\(url.path): it became shorter while it was read: it ends before byte \(8 + header.utf8.count + 12000); "
          + "fetch it again")
    }
  }

  @Test func aPipeIsNoCheckpoint() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.path("pipe.safetensors"), 0o600) == 0)
    let url = folder.url.appendingPathComponent("pipe.safetensors")
    let error = #expect(throws: CheckpointError.self) { try SafetensorsFile(contentsOf: url) }
    #expect(error?.description == "\(url.path): not a file; give a .safetensors file, or the folder it lies in")
  }

  @Test func foreignFilesAreNamedAsSuch() throws {
    #expect(
      try refusal(Data()) == "0 bytes are too few for a safetensors file; give one, or its folder")
    let notSafetensors = "not a safetensors file (no JSON header); pickled checkpoints are never opened"
    // A pickle, the zip that torch.save writes, and a picture.
    #expect(try refusal(Data([0x80, 2] + Array(repeating: 0, count: 30))) == notSafetensors)
    #expect(try refusal(Data(Array("PK\u{3}\u{4}".utf8) + Array(repeating: 9, count: 30))) == notSafetensors)
    #expect(try refusal(Data([0x89] + Array("PNG\r\n\u{1A}\n and more".utf8))) == notSafetensors)
  }

  @Test func aHeaderLongerThanTheFileIsRefused() throws {
    let header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
    #expect(
      try refusal(safetensors(header, data: floats(1), length: 1000))
        == "the header is said to take 1000 bytes, the file has 58 after the length: "
        + "the file is truncated or no safetensors file")
    #expect(try refusal(safetensors(header, data: floats(1), length: .max)).contains("\(UInt64.max) bytes"))
    #expect(
      try refusal(safetensors(header, data: floats(1), length: 20))
        == "the header is not JSON; the file is damaged or no safetensors file")
  }

  @Test func aTruncatedFileIsRefused() throws {
    let header = "{\"x\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}"
    #expect(
      try refusal(safetensors(header, data: floats(1, 2)))
        == "tensor 'x' ends at byte 12 of the data, which has 8: the file is truncated; fetch it again")
    #expect(
      try refusal(safetensors(header, data: floats(1, 2, 3, 4)))
        == "the tensors end at byte 12 of the data, which has 16: the file is damaged")
  }

  @Test func rangesThatOverlapOrLeaveGapsAreRefused() throws {
    func two(_ second: String) -> String {
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
        + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[\(second)]}}"
    }
    let damaged = "tensors overlap or leave a gap; the file is damaged"
    #expect(
      try refusal(safetensors(two("4,8"), data: floats(1, 2)))
        == "tensor 'b' begins at byte 4 of the data, expected 8: " + damaged)
    #expect(
      try refusal(safetensors(two("12,16"), data: floats(1, 2, 3, 4)))
        == "tensor 'b' begins at byte 12 of the data, expected 8: " + damaged)
    #expect(
      try refusal(safetensors(two("12,8"), data: floats(1, 2, 3)))
        == "tensor 'b' lies at bytes 12 to 8, which is not a range; the file is damaged")
  }

  @Test(arguments: [
    (
      "{\"x\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}",
      "tensor 'x' has type F33, which the format does not know"
    ),
    (
      "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}",
      "tensor 'x' is F32[2], 8 bytes, but lies in 4"
    ),
    (
      "{\"x\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}",
      "tensor 'x' lacks a proper dtype, shape or data_offsets; the file is damaged"
    ),
    (
      "{\"x\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}",
      "tensor 'x' has shape [4611686018427387904, 4], too large for any file"
    ),
    (
      "{\"x\":{\"dtype\":\"F32\",\"shape\":[true],\"data_offsets\":[0,4]}}",
      "tensor 'x' lacks a proper dtype, shape or data_offsets; the file is damaged"
    ),
    (
      "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4.5]}}",
      "tensor 'x' lacks a proper dtype, shape or data_offsets; the file is damaged"
    ),
    ("{\"x\":[1]}", "header entry 'x' is not an object; the file is damaged"),
  ])
  func headersThatContradictThemselvesAreRefused(header: String, reason: String) throws {
    #expect(try refusal(safetensors(header, data: floats(1))) == reason)
  }

  @Test func aNameGivenTwiceIsRefused() throws {
    let entry = "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}"
    let other = "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}"
    let header = "{\"x\":\(entry),\"x\":\(other)}"
    // Whichever of the two a JSON reader keeps, the data do not fit it.
    #expect(throws: CheckpointError.self) { try open(safetensors(header, data: floats(1, 2))) }
  }

  // MARK: Folders

  @Test func shardsMakeOneCheckpoint() throws {
    let folder = try TemporaryFolder()
    func shard(_ name: String, _ value: Double, to file: String) throws {
      try SafetensorsWriter.write([(name, Tensor.full([2], value))], to: folder.url.appendingPathComponent(file))
    }
    try shard("b", 2, to: "model-00001-of-00002.safetensors")
    try shard("a", 1, to: "model-00002-of-00002.safetensors")
    let index = """
      {"metadata":{},"weight_map":{"b":"model-00001-of-00002.safetensors","a":"model-00002-of-00002.safetensors"}}
      """
    _ = try folder.write(Data(index.utf8), to: "model.safetensors.index.json")
    let checkpoint = try Checkpoint(at: folder.url)
    #expect(checkpoint.names == ["a", "b"])
    #expect(checkpoint.files.map(\.url.lastPathComponent).first == "model-00001-of-00002.safetensors")
    #expect(try checkpoint.tensor(named: "a").values(as: Float.self) == [1, 1])

    try shard("b", 3, to: "model-00002-of-00002.safetensors")
    #expect(throws: CheckpointError.self) { try Checkpoint(at: folder.url) }
  }

  @Test func anIndexMayNotLeadOutOfItsFolder() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Data("{\"weight_map\":{\"a\":\"../a.safetensors\"}}".utf8), to: "model.safetensors.index.json")
    let error = #expect(throws: CheckpointError.self) { try Checkpoint(at: folder.url) }
    #expect(error?.description.hasSuffix("the shard '../a.safetensors' is not a file of the same folder") == true)
  }

  @Test(arguments: [
    ("{}", "'weight_map' is missing"), (#"{"weight_map":["a"]}"#, "'weight_map' is [a], expected an object"),
    (#"{"weight_map":{"a":3}}"#, "'weight_map.a' is 3, expected a string"),
    (#"{"weight_map":{"a":null}}"#, "'weight_map.a' is missing"),
    ("{\n\"weight_map\":", "not valid JSON: the end of the file where a value should be on line 2"),
  ])
  func aBrokenIndexIsRefused(index: String, reason: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(index.utf8), to: "model.safetensors.index.json")
    let error = #expect(throws: CheckpointError.self) { try Checkpoint(at: folder.url) }
    #expect(error?.description == "\(file.path): \(reason); it is not an index of shards, fetch it again")
  }

  @Test func aMissingModelIsNamed() throws {
    let folder = try TemporaryFolder()
    let nowhere = folder.url.appendingPathComponent("nowhere")
    let error = #expect(throws: CheckpointError.self) { try Checkpoint(at: nowhere) }
    #expect(
      error?.description
        == "\(nowhere.path): no such model; give a folder with config.json and model.safetensors, or a file")
    let empty = #expect(throws: CheckpointError.self) { try Checkpoint(at: folder.url) }
    #expect(
      empty?.description
        == "\(folder.url.path): neither model.safetensors nor model.safetensors.index.json is there; "
        + "convert other formats with save_pretrained or safetensors' save_file")
  }
}
