import Statistics
import Testing

@Suite struct MultipleTestsTests {
  /// The example in Benjamini and Hochberg (1995), section 4: four of fifteen are rejected at 5%.
  @Test func `The published example rejects four hypotheses`() {
    let pValues = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
      0.5719,
      0.6528, 0.7590, 1.0,
    ]
    let calls = benjaminiHochberg(pValues, falseDiscoveryRate: 0.05)
    #expect(calls.indices.filter { calls[$0] } == [0, 1, 2, 3])
    // In any order, each its own.
    let shuffled = [0.3240, 0.0001, 0.0019, 0.5719]
    #expect(benjaminiHochberg(shuffled, falseDiscoveryRate: 0.05) == [false, true, true, false])
    #expect(benjaminiHochberg([], falseDiscoveryRate: 0.05).isEmpty)
  }

  @Test func `An excess is judged by Welch's t`() throws {
    // t = 2.3570226 at 5.5157629 degrees of freedom; its density integrated beyond by the trapezoidal rule.
    let p = try #require(excessProbability(of: [3, 4, 5, 7], over: [1, 2, 2, 4]))
    #expect(abs(p - 0.030_108) < 1e-6)
    // Twice the second is the mean of the first.
    let twice = try #require(excessProbability(of: [2, 4], over: [1, 2], factor: 2))
    #expect(abs(twice - 0.5) < 1e-12)
  }

  @Test func `Values that all agree are told apart by what they resolve`() throws {
    #expect(excessProbability(of: [0, 0], over: [0, 0]) == 1)
    #expect(excessProbability(of: [1, 1], over: [0, 0]) == 0)
    // Never so sure as values that vary less than they can show would have it.
    let resolved = try #require(
      excessProbability(of: [0.02, 0.02], over: [0, 0], resolution: 0.02))
    #expect(resolved > 0.01 && resolved < 0.05)
    #expect(excessProbability(of: [1], over: [0, 0]) == nil)
  }
}
