import Figures
import SufficientInputSubsets

/// A method with the name it has in the table and its place in the figure.
struct MethodUnderTest: Sendable {
  /// Methods that differ in one number only, joined by a line in the figure.
  enum Family: String, CaseIterable, Sendable {
    case best = "guided, the better of two (default)"
    case onePixel = "guided, one pixel a step"
    case onePercent = "guided, 1% a step"
    case twoPercent = "guided, 2% a step"
    case threePercent = "guided, 3% a step"
    case floating = "floating"
    case gradient = "gradient"
    case exact = "exact"

    var style: SeriesStyle {
      SeriesStyle.series(Family.allCases.firstIndex(of: self) ?? 0)
    }
  }

  let id: String
  let family: Family
  let method: BackSelectMethod

  var isDefault: Bool { method == .guided(GuidedSearch.standard) }

  static let exact = MethodUnderTest(id: "exact", family: .exact, method: .exact)

  /// In the order of the table.
  static let all: [MethodUnderTest] =
    [exact]
    + [12].map { guided($0, share: 0, .onePixel) }
    + [8, 16, 24, 48].map { guided($0, share: 0.01, .onePercent) }
    + [guided(16, share: 0.02, .twoPercent), guided(24, share: 0.02, .twoPercent)]
    + [guided(28, share: 0.03, .threePercent)]
    + [MethodUnderTest(id: "guided", family: .best, method: .guided(GuidedSearch.standard))]
    + [
      floating("floating", .standard), floating("floating, 5%", FloatingSearch(fineShare: 0.05)),
      floating(
        "floating, from all, 5%",
        FloatingSearch(firstShare: 1, coarseShare: 0.1, fineBelow: 0.999, fineShare: 0.05)),
    ]
    + [1, 16].map(gradient)

  /// Those for large images; the first is what the others are held against.
  static let large: [MethodUnderTest] = [
    gradient(100),
    floating("floating", .standard),
    floating("floating, fine steps of 10%", FloatingSearch(fineShare: 0.1)),
    floating(
      "floating, 16 + 12 groups, 20%",
      FloatingSearch(fineShare: 0.2, shortlist: 16, groups: 4, returning: 12)),
    floating("floating, no memory", FloatingSearch(memory: 0)),
    floating("floating, none shown again", FloatingSearch(returning: 0)),
    floating("floating, coarse only", FloatingSearch(fineBelow: 0)),
  ]

  var isLargeDefault: Bool { method == .floating(.standard) }

  private static func gradient(_ block: Int) -> MethodUnderTest {
    MethodUnderTest(
      id: "gradient k=\(block)", family: .gradient, method: .gradient(block: block))
  }

  private static func floating(_ id: String, _ search: FloatingSearch) -> MethodUnderTest {
    MethodUnderTest(id: id, family: .floating, method: .floating(search))
  }

  private static func guided(_ shortlist: Int, share: Double, _ family: Family) -> MethodUnderTest {
    MethodUnderTest(
      id: "guided n=\(shortlist)" + (share > 0 ? ", \(Int(share * 100))%" : ""), family: family,
      method: .guided([GuidedSearch(shortlist: shortlist, stepShare: share)]))
  }
}
