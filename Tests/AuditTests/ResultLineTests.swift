import Audit
import Foundation
import SharedWork
import Testing

@Suite struct ResultLineTests {
  @Test func `Every line is what the encoder writes, whatever images and models are called`() throws
  {
    let images = (0..<60).map {
      HandmadeAudit.Image(
        size: $0 % 5, isRight: $0 % 3 > 0, confidence: [0.995, 0.25, 1, 0.7000001, 1e-7][$0 % 5])
    }
    for name in ["net", "n\"e\\t", "Netz ä/b", "网\n"] {
      let results = try HandmadeAudit.results([(name, images), ("other", images)])
      let path = FileManager.default.temporaryDirectory
        .appendingPathComponent(UUID().uuidString).path
      defer { unlink(path) }
      try ResultLine.write(results, to: path)
      let expected = try (0..<2).flatMap { model in
        try (0..<60).map { position in
          try CanonicalJSON.encode(
            ResultLine(results, model: model, position: position), pretty: false)
        }
      }
      let written = try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 10)
      #expect(written.map { Data($0) } == expected)
    }
  }
}
