import Audit
import Datasets

/// Every image of a dataset decoded once, before anything expensive.
struct DecodeCheck {
  private struct Answer: Sendable {
    let problem: String?
    let orientation: Int
  }

  private let answers: [Answer]

  init(_ dataset: Dataset, workers: Int) throws {
    answers = try concurrentMap(
      count: dataset.count, workers: workers, makeState: {},
      body: { index, _ in
        do {
          _ = try dataset.image(at: index)
          return Answer(problem: nil, orientation: dataset.orientation(at: index))
        } catch let error as DatasetError {
          return Answer(problem: error.description, orientation: 1)
        }
      })
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
