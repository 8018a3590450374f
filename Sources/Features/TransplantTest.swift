import Inference
import Statistics

/// Whether a component's regions alone turn images of other classes into its class, more than the same places
/// of other images of the class do.
///
/// By donor, the share of the targets that its region turns.
package struct TransplantTest: Equatable, Sendable {
  /// What is pasted at the place of a region.
  package enum Content: String, CaseIterable, Sendable {
    /// The region itself.
    case top
    /// The same place of an image of the class with a median α.
    case median
    /// Of any image of the class.
    case random
    /// The region with its pixels in another order.
    case shuffled
  }

  /// By content, a share for each donor.
  package let flips: [Content: [Double]]
  /// Images that each region is pasted into.
  package let targets: Int

  /// How many times as often as each control a region must turn images.
  package static let factor = 2.0

  /// The share of targets turned, over donors.
  package func rate(_ content: Content) -> MeanEstimate? {
    MeanEstimate(flips[content] ?? [])
  }

  /// The highest rate of a control.
  package var highestControl: MeanEstimate? {
    Content.allCases.dropFirst().compactMap(rate).max { $0.mean < $1.mean }
  }

  /// The largest over the controls of the probability that regions turn no more than twice as many; 1 where
  /// too few regions were found.
  package var probability: Double {
    let own = flips[.top] ?? []
    return Content.allCases.dropFirst().map { control in
      excessProbability(
        of: own, over: flips[control] ?? [], factor: TransplantTest.factor,
        resolution: 1 / Double(max(targets, 1))) ?? 1
    }.max() ?? 1
  }

  /// Pastes and counts.
  ///
  /// - Parameters:
  ///   - donors: By content, what each donor gives.
  ///   - targets: Images that are not of the class nor taken for it, `[h, w, c]` each.
  ///   - classIndex: The class.
  ///   - predictor: Of the network.
  /// - Throws: `InferenceError`, and what the predictor's `willRun` throws.
  package init(
    donors: [Content: [Transplant]], targets: [[Float]], classIndex: Int, predictor: Predictor
  ) throws {
    let classes = predictor.network.classCount
    var flips: [Content: [Double]] = [:]
    for content in Content.allCases {
      // Without targets there is no share.
      flips[content] = try (targets.isEmpty ? [] : donors[content] ?? []).map { transplant in
        let outputs = try predictor.outputs(count: targets.count) { index, target in
          _ = target.update(fromContentsOf: targets[index])
          transplant.paste(into: target)
        }
        let turned = targets.indices.count { index in
          let row = outputs[index * classes..<(index + 1) * classes]
          let best = row.indices.max { (row[$0], $1) < (row[$1], $0) } ?? 0
          return best - row.startIndex == classIndex
        }
        return Double(turned) / Double(targets.count)
      }
    }
    self.flips = flips
    self.targets = targets.count
  }
}
