import Audit
import Datasets
import SharedWork

/// Every image of a dataset decoded once, before anything expensive.
struct DecodeCheck {
  private struct Answer: Codable, Sendable {
    let problem: String?
    let orientation: Int
  }

  /// Images that one worker takes at a time.
  private static let piece = 64

  private let answers: [Answer]

  /// `sharding`: the shards that do it together; nil to do all of it here.
  init(_ dataset: Dataset, workers: Int, _ sharding: AuditSharding?) throws {
    let pieces = (dataset.count + DecodeCheck.piece - 1) / DecodeCheck.piece
    let body: @Sendable (Int, inout Void) throws -> [Answer] = { piece, _ in
      let start = piece * DecodeCheck.piece
      return try (start..<min(start + DecodeCheck.piece, dataset.count)).map { index in
        do {
          _ = try dataset.image(at: index)
          return Answer(problem: nil, orientation: dataset.orientation(at: index))
        } catch let error as DatasetError {
          return Answer(problem: error.description, orientation: 1)
        }
      }
    }
    guard let sharding else {
      answers = try concurrentMap(
        count: pieces, workers: workers, makeState: {}, body: body
      ).flatMap { $0 }
      return
    }
    let key = Digest.sha256(try CanonicalJSON.encode(dataset.identifiers, pretty: false))
    answers = try sharding.pieces([Answer].self, of: "decoded", count: pieces, key: key).all(
      workers: workers, makeState: {}, body: body
    ).flatMap { $0 }
  }

  /// The dataset without what cannot be decoded, if that may be left out.
  ///
  /// - Throws: `DatasetError.undecodable` with all of them.
  func checked(
    _ dataset: Dataset, skipsBad: Bool, appliesOrientation: Bool
  ) throws -> Dataset {
    var dataset = dataset
    let problems = answers.compactMap(\.problem)
    if let first = answers.firstIndex(where: { $0.problem != nil }) {
      guard skipsBad else { throw DatasetError.undecodable(problems, of: dataset.count) }
      let name = dataset.identifiers[first]
      dataset = dataset.selecting(answers.indices.filter { answers[$0].problem == nil })
      dataset.readings.append(
        Reading(
          .passedOver, "\(problems.count) images that cannot be decoded", .stated,
          because: "first '\(name)'"))
    }
    let turned = answers.indices.filter {
      answers[$0].problem == nil && answers[$0].orientation != 1
    }
    if !turned.isEmpty {
      let images = turned.count == 1 ? "1 image states" : "\(turned.count) images state"
      dataset.readings.append(
        Reading(
          .orientation, appliesOrientation ? "applied" : "not applied, as torchvision",
          appliesOrientation ? .stated : .convention,
          because: "\(images) one"
            + (appliesOrientation ? "" : "; --exif apply turns them")))
    }
    return dataset
  }
}
