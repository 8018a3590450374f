/// How a file states a size.
enum StatedSize: Equatable {
  case side(Int)
  case box(height: Int, width: Int)
  case shortestEdge(Int)
}

extension PreprocessingFile {
  private static let sides = 1...65_536

  /// `size` or `crop_size` in any of its spellings; nil when it is absent.
  func size(_ key: String) throws -> StatedSize? {
    switch fields[key] {
    case nil, .null:
      return nil
    case .number:
      return try wholeNumber(key, in: Self.sides).map { .side($0) }
    case .list(let values) where values.count == 2:
      let pair = PreprocessingFile(path: path, fields: ["height": values[0], "width": values[1]])
      return try pair.box(key)
    case .object(let fields):
      let size = PreprocessingFile(path: path, fields: fields)
      switch fields.keys.sorted() {
      case ["height", "width"]:
        return try size.box(key)
      case ["shortest_edge"]:
        guard let edge = try size.wholeNumber("shortest_edge", in: Self.sides) else { break }
        return .shortestEdge(edge)
      default: break
      }
      throw failure(
        "'\(key)' with \(fields.keys.sorted().joined(separator: ", ")) is not supported; it needs "
          + "height and width, or shortest_edge")
    default:
      throw failure("'\(key)' is neither a number, a pair nor an object of sides")
    }
  }

  private func box(_ key: String) throws -> StatedSize {
    guard let height = try wholeNumber("height", in: Self.sides),
      let width = try wholeNumber("width", in: Self.sides)
    else { throw failure("'\(key)' needs height and width") }
    return .box(height: height, width: width)
  }

  /// `crop_size` as a rectangle.
  func cropSize(or side: Int) throws -> (height: Int, width: Int) {
    switch try size("crop_size") ?? .side(side) {
    case .side(let side): return (side, side)
    case .box(let height, let width): return (height, width)
    case .shortestEdge: throw failure("'crop_size' needs height and width")
    }
  }

  func cropBeforeResize(
    _ kind: HuggingFaceKind, or side: Int
  ) throws -> Preprocessing.RelativeCrop {
    guard case .exact(let height, let width) = try resize(of: kind) else {
      throw failure("'size' needs height and width")
    }
    let crop = try cropSize(or: side)
    return Preprocessing.RelativeCrop(
      height: Double(height) / Double(crop.height), width: Double(width) / Double(crop.width))
  }

  /// The target of the resize, by the kind's rule.
  func resize(of kind: HuggingFaceKind) throws -> Preprocessing.Resize {
    let stated = try statedSize(kind)
    switch kind.sizeRule {
    case .square: return try square(stated, kind)
    case .exact: return try exact(stated, kind)
    case .squareOrShortestEdge:
      if case .shortestEdge(let side) = stated { return .shortestEdge(side) }
      return try square(stated, kind)
    case .shortestEdge: return try shortestEdge(stated, kind)
    case .convNext: return try convNext(stated, kind)
    case .levit:
      return switch stated {
      case .side(let side), .shortestEdge(let side):
        .shortestEdge(Int(256.0 / 224 * Double(side)))
      case .box(let height, let width): .exact(height: height, width: width)
      }
    case .poolFormer: return try poolFormer(stated)
    case .inMultiples: return try inMultiples(stated)
    }
  }

  /// `size`, or the kind's default.
  private func statedSize(_ kind: HuggingFaceKind) throws -> StatedSize {
    if let size = try size("size") { return size }
    guard let side = kind.defaultSize else {
      throw failure("'size' of a \(kind.name)ImageProcessor must be stated")
    }
    return switch kind.sizeRule {
    case .square, .exact, .squareOrShortestEdge: .box(height: side, width: side)
    default: .shortestEdge(side)
    }
  }

  private func square(
    _ size: StatedSize, _ kind: HuggingFaceKind
  ) throws -> Preprocessing.Resize {
    if case .side(let side) = size { return .exact(height: side, width: side) }
    return try exact(size, kind)
  }

  private func exact(_ size: StatedSize, _ kind: HuggingFaceKind) throws -> Preprocessing.Resize {
    guard case .box(let height, let width) = size else {
      throw failure("'size' of a \(kind.name)ImageProcessor needs height and width")
    }
    return .exact(height: height, width: width)
  }

  private func shortestEdge(
    _ size: StatedSize, _ kind: HuggingFaceKind
  ) throws -> Preprocessing.Resize {
    let isSquare = kind.ownFields.contains("use_square_size") ? try flag("use_square_size") : nil
    switch size {
    case .side(let side), .shortestEdge(let side):
      return isSquare ?? false ? .exact(height: side, width: side) : .shortestEdge(side)
    case .box(let height, let width):
      guard !(isSquare ?? false) else {
        throw failure("'use_square_size' needs a 'size' with shortest_edge")
      }
      return .exact(height: height, width: width)
    }
  }

  private func convNext(
    _ size: StatedSize, _ kind: HuggingFaceKind
  ) throws -> Preprocessing.Resize {
    switch size {
    case .box:
      throw failure("'size' of a \(kind.name)ImageProcessor needs shortest_edge")
    case .side(let side), .shortestEdge(let side):
      guard side < 384 else { return .exact(height: side, width: side) }
      return .shortestEdge(try divided(side, by: try number("crop_pct") ?? 224.0 / 256))
    }
  }

  /// The crop that belongs to a ConvNeXT resize.
  func cropOfResize(
    _ kind: HuggingFaceKind, _ rounding: Preprocessing.CropRounding
  ) throws -> Preprocessing.Crop? {
    guard case .convNext = kind.sizeRule else { return nil }
    switch try statedSize(kind) {
    case .side(let side) where side < 384, .shortestEdge(let side) where side < 384:
      return Preprocessing.Crop(height: side, width: side, rounding: rounding, fill: [0])
    default:
      return nil
    }
  }

  private func poolFormer(_ size: StatedSize) throws -> Preprocessing.Resize {
    guard let share = isNull("crop_pct") ? nil : try number("crop_pct") ?? 0.9 else {
      return switch size {
      case .side(let side), .shortestEdge(let side): .shortestEdge(side)
      case .box(let height, let width): .exact(height: height, width: width)
      }
    }
    switch size {
    case .side(let side), .shortestEdge(let side):
      return .shortestEdge(try divided(side, by: share))
    case .box(let height, let width):
      if height == width { return .shortestEdge(try divided(height, by: share)) }
      return .exact(height: try divided(height, by: share), width: try divided(width, by: share))
    }
  }

  private func inMultiples(_ size: StatedSize) throws -> Preprocessing.Resize {
    let multiple = try wholeNumber("size_divisor", in: 1...4096) ?? 32
    func up(_ side: Int) -> Int { (side + multiple - 1) / multiple * multiple }
    switch size {
    case .side(let side), .shortestEdge(let side):
      return .shortestEdgeInMultiples(side, of: multiple)
    case .box(let height, let width):
      return .exact(height: up(height), width: up(width))
    }
  }

  /// A side before the crop takes `share` of it, rounded down.
  func divided(_ side: Int, by share: Double) throws -> Int {
    let result = Double(side) / share
    guard share > 0, result >= 1, result <= Double(Self.sides.upperBound) else {
      throw failure("'crop_pct' must be above 0, and sides at most \(Self.sides.upperBound)")
    }
    return Int(result)
  }
}
