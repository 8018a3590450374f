import Statistics

/// The components that suffice alone, now and in the baseline.
///
/// Components of two trained networks have no features in common, not even where they have as many; what they have
/// is images. A component is that of the same class of the baseline whose α goes most with its own over the images
/// of the class.
package struct SufficientSince: Codable, Equatable, Sendable {
  /// A component that suffices alone now.
  package struct Component: Codable, Equatable, Sendable {
    package let classIndex: Int
    package let name: String
    package let component: Int
    /// The baseline's component of the same images; nil where it is new.
    @OrNull package var baseline: Int?
    /// Whether that one sufficed alone too.
    package let sufficedThen: Bool

    package enum CodingKeys: String, CodingKey {
      case name, component, baseline
      case classIndex = "class"
      case sufficedThen = "sufficed_then"
    }
  }

  package let components: [Component]
  /// Components of the baseline that sufficed alone, of which no component does now.
  package let gone: Int

  /// The least correlation of α: of twenty images, two that have nothing to do with each other have it once in
  /// eighty times.
  private static let leastCorrelation = 0.5

  /// Nil where either was not looked for, or they were found in other images.
  init?(_ current: FeatureResults?, baseline: FeatureResults?) {
    guard let current, let baseline, current.plan.imagesDigest == baseline.plan.imagesDigest
    else { return nil }
    let (now, then) = (current.findings, baseline.findings)
    var matched: Set<[Int]> = []
    components = now.sufficient.map { found in
      let known = baseline.records.firstIndex { $0.known.classIndex == found.known.classIndex }
      let own = current.records.first { $0.known.classIndex == found.known.classIndex }
      let place = found.known.components.firstIndex { $0.index == found.component.index } ?? 0
      let best = known.flatMap { known in
        then.classes[known].components.indices.map { candidate in
          (
            then.classes[known].components[candidate],
            correlation(own?.alphas(of: place) ?? [], baseline.records[known].alphas(of: candidate))
          )
        }.max { $0.1 < $1.1 }
      }
      let match = best.flatMap { $0.1 >= SufficientSince.leastCorrelation ? $0.0 : nil }
      if let match, match.sufficient { matched.insert([found.known.classIndex, match.index]) }
      return Component(
        classIndex: found.known.classIndex, name: found.known.name,
        component: found.component.index, baseline: match?.index,
        sufficedThen: match?.sufficient ?? false)
    }
    gone = then.sufficient.count { !matched.contains([$0.known.classIndex, $0.component.index]) }
  }

  /// Those that did not suffice alone in the baseline.
  package var new: [Component] { components.filter { !$0.sufficedThen } }

  /// What changed, without a full stop; nil when nothing sufficed alone then or now.
  var sentence: String? {
    guard !components.isEmpty || gone > 0 else { return nil }
    let names = new.map { "\($0.name) (component \($0.component))" }
    let newText = new.isEmpty ? "none of them new" : "\(new.count) of them new: \(briefly(names))"
    return "\(components.count) features decide alone, "
      + (components.isEmpty ? "" : newText + ", ") + "\(gone) no longer"
  }
}
