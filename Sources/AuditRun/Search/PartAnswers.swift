import Audit
import SharedWork

/// What every model says of every model's subsets of the images of a part, and of random ones.
struct PartAnswers {
  private let audit: PlannedAudit
  private let part: PlannedParts.Part

  private var plan: AuditPlan { audit.plan }
  private var runner: AuditRunner { audit.runner }

  init(_ audit: PlannedAudit, _ part: PlannedParts.Part) {
    self.audit = audit
    self.part = part
  }

  /// Asks, and stores the record of the part.
  ///
  /// Throws `AuditError.record` where a record that was there is gone or damaged,
  /// `AuditRunError.imageChanged`, and what reading images and running networks throws.
  func conclude(_ predictors: ImagePredictors) throws {
    try runner.check(part.images, digests: part.digests)
    let records = try plan.models.map { model in
      try part.images.map { image in
        guard let record = runner.folder.record(model, image: image).value else {
          throw AuditError.record(
            path: runner.folder.recordPath(model, image: image), reason: "is damaged")
        }
        return record
      }
    }
    let answers = try plan.models.indices.map { model in
      try self.answers(of: model, records, predictors)
    }
    let evaluations = SubsetEvaluations(
      transferred: plan.models.indices.map { source in
        answers.map { SubsetEvaluations.Answers($0.transferred[source]) }
      },
      withoutSIS: answers.map { SubsetEvaluations.Answers($0.withoutSIS) },
      randomRight: answers.map(\.randomRight))
    try RecordFile.write(
      PartRecord(part, records: records, evaluations: evaluations, plan: plan),
      to: runner.folder.partPath(audit.parts, part))
  }

  /// What one model says.
  private struct Answers {
    /// `[source][image]`.
    var transferred: [[SubsetEvaluations.Answer]]
    /// `[image × threshold]`.
    var withoutSIS: [SubsetEvaluations.Answer?]
    /// `[draw]`, by image.
    var randomRight: [PackedNumbers<UInt8>]
  }

  /// A question: some image with some pixels visible.
  private struct Question {
    let place: Int
    let subset: MaskedSubset
    /// The class whose confidence is asked for.
    let classIndex: Int
  }

  private func answers(
    of target: Int, _ records: [[ImageRecord]], _ predictors: ImagePredictors
  ) throws -> Answers {
    let (places, thresholds) = (part.images.indices, plan.settings.thresholds)
    let draws = 0..<plan.settings.randomDraws
    let transferred = plan.models.indices.flatMap { source in
      places.map { place in
        let record = records[source][place]
        return Question(
          place: place, subset: .visible(record.lastPixels(plan.subsetSize)),
          classIndex: record.predictedClass)
      }
    }
    let without = places.flatMap { place in
      thresholds.map { threshold -> Question? in
        let record = records[target][place]
        guard let pixels = record.sufficientInputSubset(threshold), !pixels.isEmpty else {
          return nil
        }
        return Question(place: place, subset: .masked(pixels), classIndex: record.predictedClass)
      }
    }
    let random = draws.flatMap { draw in
      places.map { place in
        Question(
          place: place,
          subset: .visible(RandomBaseline.subset(plan, draw: draw, image: part.images[place])),
          classIndex: part.labels[place])
      }
    }
    let known = without.compactMap { $0 }
    let answers = try ask(target, transferred + known + random, predictors)
    var next = transferred.count
    let withoutSIS = without.map { question -> SubsetEvaluations.Answer? in
      guard question != nil else { return nil }
      next += 1
      return answers[next - 1]
    }
    return Answers(
      transferred: plan.models.indices.map { source in
        places.map { answers[source * places.count + $0] }
      },
      withoutSIS: withoutSIS,
      randomRight: draws.map { draw in
        PackedNumbers(
          places.map { place in
            let answer = answers[next + draw * places.count + place]
            return answer.predicted == part.labels[place] ? 1 : 0
          })
      })
  }

  private func ask(
    _ model: Int, _ questions: [Question], _ predictors: ImagePredictors
  ) throws -> [SubsetEvaluations.Answer] {
    let rows = try predictors.outputs(
      model, questions.map { part.images[$0.place] },
      change: { questions[$0].subset.applied(to: $1, mask: plan.models[model].mask.value) })
    let network = runner.models[model].network
    return questions.enumerated().map { index, question in
      let row = rows[index * network.classCount..<(index + 1) * network.classCount]
      let score = ClassScore(classIndex: question.classIndex, outputKind: network.outputKind)
      return SubsetEvaluations.Answer(
        predicted: ClassScore.predictedClass(row), confidence: score.confidence(row))
    }
  }
}

/// Which pixels of an image a model is shown.
enum MaskedSubset: Sendable {
  /// These alone.
  case visible([Int])
  /// All but these.
  case masked([Int])

  /// `image`: `[h, w, c]`.
  ///
  /// `mask`: what masked pixels show, per channel.
  func applied(to image: [Float], mask: [Float]) -> [Float] {
    let channels = mask.count
    func element(_ pixel: Int) -> Range<Int> { pixel * channels..<(pixel + 1) * channels }
    switch self {
    case .visible(let pixels):
      var masked = image.indices.map { mask[$0 % channels] }
      for index in pixels.lazy.flatMap(element) { masked[index] = image[index] }
      return masked
    case .masked(let pixels):
      var masked = image
      for index in pixels.lazy.flatMap(element) { masked[index] = mask[index % channels] }
      return masked
    }
  }
}
