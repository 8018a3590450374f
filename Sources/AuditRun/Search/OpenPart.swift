import Audit
import Datasets
import Foundation
import SharedWork

/// A part that this process is to search, and what an earlier run left of it.
struct OpenPart: Sendable {
  /// One search: an image of the part, and a model.
  struct Search: Equatable, Sendable {
    let place: Int
    let model: Int
  }

  let part: PlannedParts.Part
  /// Searches without a record, image by image.
  let missing: [Search]
  /// Whether there is a record of the part, and of all that it was made from.
  let isDone: Bool

  init(_ part: PlannedParts.Part, of plan: AuditPlan, _ runner: AuditRunner) throws {
    self.part = part
    let searches = part.images.indices.flatMap { place in
      plan.models.indices.map { Search(place: place, model: $0) }
    }
    guard runner.resumes else {
      missing = searches
      isDone = false
      return
    }
    let folder = runner.folder
    let isKnown = folder.part(part, of: plan).value != nil
    // What the record of the part was made from need not be understood again where that is there.
    missing = searches.filter { search in
      let (model, image) = (plan.models[search.model], part.images[search.place])
      if isKnown {
        return !RecordFile.isWhole(folder.recordPath(model, image: image))
      }
      return runner.storedRecord(plan, part, search) == nil
    }
    isDone = isKnown && missing.isEmpty
  }
}

extension AuditRunner {
  /// An earlier run's record of the same image; nil where it has to be made.
  fileprivate func storedRecord(
    _ plan: AuditPlan, _ part: PlannedParts.Part, _ search: OpenPart.Search
  ) -> ImageRecord? {
    let image = part.images[search.place]
    guard let record = folder.record(plan.models[search.model], image: image).value,
      record.label == dataset.labels?[image],
      record.predictedClass
        == plan.parts?.predicted(search.model, part: part.index, image: search.place),
      let current = try? models[search.model].image(image, of: dataset),
      record.imageDigest == Digest.sha256(current)
    else { return nil }
    return record
  }
}
