import ArgumentParser
import Datasets
import Foundation

/// Decodes pictures; `.ci/check-decoders` compares them with Pillow's.
struct DecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Decode the pictures of a folder and write their samples as plain bytes.",
    shouldDisplay: false)

  @Argument(help: "Folder of pictures.") var pictures: String
  @Argument(help: "Folder for 'NAME.bytes', [height, width, channels].") var output: String
  @Flag(help: "Turn the pictures as their orientation asks.") var exif = false

  private struct Line: Encodable {
    let name: String
    var shape: [Int]?
    var refusal: String?
    let seconds: Double
  }

  func run() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: pictures).sorted() {
      let start = Date()
      var (shape, refusal): ([Int]?, String?)
      do {
        let path = DatasetPath("\(pictures)/\(name)")
        let image = try decodeImageFile(path, appliesOrientation: exif)
        guard case .bytes(let samples) = image.samples else { continue }
        shape = [image.height, image.width, image.channels]
        try Data(samples).write(to: URL(fileURLWithPath: "\(output)/\(name).bytes"))
      } catch let error as DatasetError {
        refusal = "\(error)"
      }
      let line = Line(
        name: name, shape: shape, refusal: refusal, seconds: Date().timeIntervalSince(start))
      FileHandle.standardOutput.write(try JSONEncoder().encode(line) + Data("\n".utf8))
    }
  }
}
