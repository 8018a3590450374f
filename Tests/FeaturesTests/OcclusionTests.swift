import Features
import Testing

@Suite struct OcclusionTests {
  @Test(arguments: [(28, 28), (7, 9), (224, 224), (3, 40), (1, 1)])
  func `Patches cover every pixel and stay inside`(_ height: Int, _ width: Int) {
    let occlusion = Occlusion(height: height, width: width)
    var covered = [Bool](repeating: false, count: height * width)
    for (patch, origin) in occlusion.origins.enumerated() {
      #expect(origin.row + occlusion.patchHeight <= height)
      #expect(origin.column + occlusion.patchWidth <= width)
      // Those that are tried first cover it alone.
      guard occlusion.coarse.contains(patch) else {
        let beside = occlusion.coarseNeighbours[patch]
        #expect([2, 4].contains(beside.count) && beside.allSatisfy(occlusion.coarse.contains))
        continue
      }
      for row in origin.row..<origin.row + occlusion.patchHeight {
        for column in origin.column..<origin.column + occlusion.patchWidth {
          covered[row * width + column] = true
        }
      }
    }
    #expect(!covered.contains(false))
    #expect(Set(occlusion.origins.map { "\($0)" }).count == occlusion.origins.count)
  }

  @Test func `Heat lies where replacing changes a number`() {
    let occlusion = Occlusion(height: 28, width: 28)
    let place = Set((2...5).flatMap { row in (22...25).map { row * 28 + $0 } })
    let usual = (0..<28 * 28 * 2).map { Float($0 % 2) / 2 }
    func loss(_ patch: Int) -> Double {
      var image = [Float](repeating: 1, count: 28 * 28 * 2)
      image.withUnsafeMutableBufferPointer { occlusion.replace(patch, of: $0, by: usual) }
      return place.reduce(0.0) { $0 + Double(2 - image[2 * $1] - image[2 * $1 + 1]) }
    }
    let heat = occlusion.heatMap(
      Dictionary(uniqueKeysWithValues: occlusion.origins.indices.map { ($0, loss($0)) }))
    let within = heat.values.indices.filter { position in
      let (row, column) = (position / 28, position % 28)
      return (0...8).contains(row) && (19...27).contains(column)
    }.reduce(0.0) { $0 + heat.values[$1] }
    #expect(abs(within - heat.values.reduce(0, +)) < 1e-9)
    #expect(place.contains(heat.region(share: 0.01).first ?? -1))
    #expect(heat.borderShare > 0 && heat.borderShare < 1)
  }
}
