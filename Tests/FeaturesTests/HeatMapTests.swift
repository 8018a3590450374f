import Datasets
import Features
import Foundation
import Inference
import Testing

/// Activation maps, masks of noise and transplanted windows against the reference.
@Suite struct HeatMapTests {
  private struct Maps: Decodable {
    struct Array: Decodable {
      let image: Int
      let feature: Int
      let map7x7: [[Double]]
      let nam28x28: [[Double]]
    }
    struct Accuracy: Decodable {
      let right: Int
      let total: Int
      let meanOverClasses: Double
      let maskMeans: [Double]
    }
    struct Labelling: Decodable {
      let coreFeatures: String
      let spuriousFeatures: String
      let coreAccuracy: Accuracy
      let spuriousAccuracy: Accuracy
    }
    let featuresPerClass: [String: [Int]]
    let arrays: [Array]
    let labellings: [Labelling]
  }

  @Test func `Activation maps are the reference's, before and after they are enlarged`() throws {
    let subject = try Reference.resnetA.get()
    for expected in try Reference.read(Maps.self, "d_activation_maps").arrays {
      let map = Swift.Array(subject.map(of: expected.image))
      let own = map[expected.feature * 49..<(expected.feature + 1) * 49].map { Double($0) }
      #expect(Reference.difference(own, expected.map7x7.flatMap { $0 }) < 1e-4)
      let enlarged = HeatMap(height: 7, width: 7, values: own).normalized
        .enlarged(height: 28, width: 28)
      #expect(Reference.difference(enlarged.values, expected.nam28x28.flatMap { $0 }) < 1e-4)
    }
  }

  private func range(_ text: String) -> ClosedRange<Int> {
    let ends = text.split(separator: ".").compactMap { Int($0) }
    return ends[0]...ends[1]
  }

  @Test func `Core and spurious accuracy under the reference's noise`() throws {
    let subject = try Reference.resnetA.get()
    let reference = try Reference.read(Maps.self, "d_activation_maps")
    let file = URL(fileURLWithPath: "\(Reference.root)/features/d_noise.npy")
    guard case .floats(let noise) = try NPYArray(Data(contentsOf: file), path: file.path).elements
    else {
      Issue.record("\(file.path) holds no floats")
      return
    }
    for labelling in reference.labellings {
      for (expected, noised) in [
        (labelling.coreAccuracy, range(labelling.spuriousFeatures)),
        (labelling.spuriousAccuracy, range(labelling.coreFeatures)),
      ] {
        var accuracy = NoiseAccuracy(classCount: 10)
        var images: [(label: Int, input: [Float])] = []
        var means: [Double] = []
        for image in 0..<100 {
          let label = subject.labels[image]
          let features = (reference.featuresPerClass["\(label)"] ?? []).filter(noised.contains)
          guard
            let mask = NoiseAccuracy.mask(
              of: features, map: subject.map(of: image), height: 7, width: 7, enlargedTo: (28, 28))
          else { continue }
          means.append(mask.values.reduce(0, +) / 784)
          let pixels = NoiseAccuracy.noised(
            Reference.scale.pixels(subject.images[image]),
            by: noise[image * 784..<(image + 1) * 784].map { Double($0) }, on: mask)
          images.append((label, Reference.scale.input(pixels)))
        }
        let outputs = try subject.outputs(of: images.map(\.input))
        for (index, image) in images.enumerated() {
          accuracy.add(
            label: image.label,
            predictedClass: Reference.predictedClass(outputs[index * 10..<(index + 1) * 10]))
        }
        #expect(accuracy.right.reduce(0, +) == expected.right)
        #expect(accuracy.total.reduce(0, +) == expected.total)
        let mean = try #require(accuracy.meanOverClasses)
        #expect(abs(mean - expected.meanOverClasses) < 1e-9)
        #expect(
          Reference.difference(Swift.Array(means.prefix(5)), expected.maskMeans) < 1e-4)
      }
    }
  }

  private struct Transplants: Decodable {
    struct Window: Decodable {
      let top: Int
      let left: Int
      let height: Int
      let width: Int
      let massShare: Double
    }
    struct Component: Decodable {
      let classIndex: Int
      let component: Int
      let share: Double
      let topImage: Int
      let map7x7: [[Double]]
      let heatmapTotal: Double
      let heatmapRow14: [Double]
      let window: Window
      let nImages: Int
      let firstImages: [Int]
      let flippedToK: Int
      let smallestTopTwoLogitMargin: Double
    }
    let components: [Component]
  }

  /// The smallest rectangle that holds a share of the heat; of equals the hottest, then the topmost, the
  /// leftmost and the lowest.
  private func window(_ heat: HeatMap, share: Double) -> (positions: [Int], window: [Int]) {
    var sums = [Double](repeating: 0, count: 29 * 29)
    for row in 0..<28 {
      for column in 0..<28 {
        sums[(row + 1) * 29 + column + 1] =
          heat.values[row * 28 + column] + sums[row * 29 + column + 1]
          + sums[(row + 1) * 29 + column] - sums[row * 29 + column]
      }
    }
    let enough = share * heat.values.reduce(0, +)
    var best: (area: Int, mass: Double, window: [Int])?
    for height in 1...28 {
      for width in 1...28 where height * width <= best?.area ?? .max {
        for top in 0...28 - height {
          for left in 0...28 - width {
            let mass =
              sums[(top + height) * 29 + left + width] - sums[top * 29 + left + width]
              - sums[(top + height) * 29 + left] + sums[top * 29 + left]
            guard mass >= enough else { continue }
            if let best, (best.area, -best.mass) <= (height * width, -mass) { continue }
            best = (height * width, mass, [top, left, height, width])
          }
        }
      }
    }
    let found = best?.window ?? [0, 0, 0, 0]
    let positions = (0..<found[2]).flatMap { row in
      (0..<found[3]).map { (found[0] + row) * 28 + found[1] + $0 }
    }
    return (positions, found)
  }

  @Test func `Component heatmaps, windows and flips by pasting them are the reference's`() throws {
    let subject = try Reference.resnetA.get()
    let predicted = subject.predicted
    for expected in try Reference.read(Transplants.self, "i_transplant").components {
      let k = expected.classIndex
      let components = try subject.components(of: k)
      let map = components.heatmap(
        of: expected.component, map: Array(subject.map(of: expected.topImage)))
      #expect(Reference.difference(map, expected.map7x7.flatMap { $0 }) < 1e-4)
      let heat = HeatMap(height: 7, width: 7, values: map).positive
        .enlarged(height: 28, width: 28)
      #expect(Reference.difference([heat.values.reduce(0, +)], [expected.heatmapTotal]) < 1e-4)
      #expect(
        Reference.difference(heat.values[14 * 28..<15 * 28], expected.heatmapRow14) < 1e-4)
      let (positions, window) = window(heat, share: expected.share)
      let rectangle = expected.window
      #expect(
        window == [rectangle.top, rectangle.left, rectangle.height, rectangle.width])
      let transplant = Transplant(
        region: positions, of: subject.images[expected.topImage], channels: 1)
      let targets = (0..<1000).filter { subject.labels[$0] != k && predicted[$0] != k }.prefix(100)
      #expect(Array(targets.prefix(5)) == expected.firstImages)
      let outputs = try Predictor(subject.network, batchSize: 50).outputs(count: 100) {
        index, target in
        _ = target.update(fromContentsOf: subject.images[targets[targets.startIndex + index]])
        transplant.paste(into: target)
      }
      let flipped = (0..<100).count {
        Reference.predictedClass(outputs[$0 * 10..<($0 + 1) * 10]) == k
      }
      #expect(
        abs(flipped - expected.flippedToK) <= (expected.smallestTopTwoLogitMargin > 1e-3 ? 0 : 1))
    }
  }

  @Test func `A region takes the hottest positions up to its share of heat and of the image`() {
    let heat = HeatMap(height: 2, width: 5, values: [5, -9, 1, 3, 0, 1, 0, 0, 0, 0])
    #expect(heat.region(share: 0.5, atMost: 1) == [0])
    #expect(heat.region(share: 0.8, atMost: 1) == [0, 3])
    #expect(heat.region(share: 0.9, atMost: 1) == [0, 3, 2])
    #expect(heat.region(share: 0.9, atMost: 0.2) == [0, 3])
    #expect(HeatMap(height: 1, width: 2, values: [-1, 0]).region().isEmpty)
  }

  @Test func `A map that is nowhere positive stays zero`() {
    let map = HeatMap(height: 1, width: 3, values: [0, 0, 0])
    #expect(map.normalized == map)
  }

  @Test func `Shuffling a transplant keeps its pixels and its place`() {
    let donor = (0..<12).map { Float($0) }
    let transplant = Transplant(region: [1, 2, 5], of: donor, channels: 2)
    var generator = SystemRandomNumberGenerator()
    let shuffled = transplant.shuffled(using: &generator)
    func pasted(_ transplant: Transplant) -> [Float] {
      var target = [Float](repeating: -1, count: 12)
      target.withUnsafeMutableBufferPointer { transplant.paste(into: $0) }
      return target
    }
    #expect(pasted(transplant) == [-1, -1, 2, 3, 4, 5, -1, -1, -1, -1, 10, 11])
    let pairs = stride(from: 0, to: 12, by: 2).map {
      [pasted(shuffled)[$0], pasted(shuffled)[$0 + 1]]
    }
    #expect(Set(pairs) == [[-1, -1], [2, 3], [4, 5], [10, 11]])
  }

  @Test func `Without images to paste into there is no share`() throws {
    let subject = try Reference.resnetA.get()
    let transplant = Transplant(region: [0, 1], of: subject.images[0], channels: 1)
    let test = try TransplantTest(
      donors: [.top: [transplant, transplant]], targets: [], classIndex: 0,
      predictor: Predictor(subject.network, batchSize: 2))
    #expect(test.rate(.top) == nil && test.probability == 1 && test.targets == 0)
  }

  @Test func `An image with a feature that is not a number is named`() throws {
    let subject = try Reference.resnetA.get()
    let extractor = FeatureExtractor(subject.head, Predictor(subject.network, batchSize: 2))
    let found = Result {
      try extractor.find(
        count: 3, name: { "picture \($0)" },
        fill: { image, target in target.update(repeating: image == 2 ? 1e38 : 0) })
    }
    #expect {
      try found.get()
    } throws: { error in
      "\(error)".contains("for image 'picture 2'")
    }
  }
}
