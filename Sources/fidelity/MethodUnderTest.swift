import Figures
import SufficientInputSubsets

/// A method with the name it has in the table and its place in the figure.
struct MethodUnderTest: Sendable {
  /// Methods of a kind, of one colour in the figure.
  enum Family: String, CaseIterable, Sendable {
    case guided = "guided (default)"
    case effort = "guided, more or less evaluated"
    case parts = "guided without a part"
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

  var isDefault: Bool { method == .floating(.fine) }

  static let exact = MethodUnderTest(id: "exact", family: .exact, method: .exact)

  /// In the order of the table.
  static let all: [MethodUnderTest] = [
    exact,
    MethodUnderTest(id: "guided", family: .guided, method: .floating(.fine)),
    fine("guided, 8 + 8 pixels", .effort) {
      ($0.shortlist, $0.groups, $0.returning) = (8, 4, 8)
    },
    fine("guided, 16 + 16 pixels", .effort) {
      ($0.shortlist, $0.groups, $0.returning) = (16, 8, 16)
    },
    fine("guided, 32 + 32 pixels, 2%", .effort) {
      ($0.fineShare, $0.shortlist, $0.returning) = (0.02, 32, 32)
    },
    fine("guided, from all pixels", .effort) {
      ($0.firstShare, $0.coarseShare, $0.fineBelow) = (1, 0.1, 0.9999)
    },
    fine("guided, none shown again", .parts) { $0.returning = 0 },
    fine("guided, no memory", .parts) { $0.memory = 0 },
    fine("guided, ranked by gradients alone", .parts) { $0.measuredWeight = 0 },
    fine("guided, a gradient each step", .parts) { $0.finePerGradient = 1 },
    fine("guided, ends of the order", .parts) { $0.keepsSmallest = false },
    floating("floating", .coarse), gradient(1), gradient(16),
  ]

  /// Those for large images; the first is what the others are held against.
  static let large: [MethodUnderTest] = [
    gradient(100),
    floating("floating", .coarse),
    floating("quick", .quick),
    floating("floating, 12 + 4 groups", FloatingSearch(shortlist: 12, returning: 4)),
    floating("floating, no memory", FloatingSearch(memory: 0)),
    floating("floating, none shown again", FloatingSearch(returning: 0)),
    floating("floating, ranked by gradients alone", FloatingSearch(measuredWeight: 0)),
    floating("floating, a gradient each step", FloatingSearch(finePerGradient: 1)),
    floating("floating, coarse only", FloatingSearch(fineBelow: 0)),
    floating("floating, ends of the order", FloatingSearch(keepsSmallest: false)),
  ]

  var isLargeDefault: Bool { method == .floating(.coarse) }

  private static func gradient(_ block: Int) -> MethodUnderTest {
    MethodUnderTest(
      id: "gradient k=\(block)", family: .gradient, method: .gradient(block: block))
  }

  private static func floating(_ id: String, _ search: FloatingSearch) -> MethodUnderTest {
    MethodUnderTest(id: id, family: .floating, method: .floating(search))
  }

  /// *guided* with some numbers changed.
  private static func fine(
    _ id: String, _ family: Family, _ change: (inout FloatingSearch) -> Void
  ) -> MethodUnderTest {
    var search = FloatingSearch.fine
    change(&search)
    return MethodUnderTest(id: id, family: family, method: .floating(search))
  }
}
