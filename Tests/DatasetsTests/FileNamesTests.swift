import Datasets
import Testing

@Suite struct FileNamesTests {
  @Test(arguments: [
    ("q", "q", "", ""), (".", ".", "", ""), ("a/b.onnx", "b.onnx", "a", "onnx"),
    ("/b", "b", "/", ""), ("/", "/", "/", ""), ("a/", "a", "", ""), ("a//b/", "b", "a", ""),
    (".hidden", ".hidden", "", ""), ("x.tar.gz", "x.tar.gz", "", "gz"), ("", "", "", ""),
  ])
  func `Takes paths apart, of one character too`(
    _ path: String, _ name: String, _ folder: String, _ suffix: String
  ) {
    #expect(path.fileName == name)
    #expect(path.parentFolder == folder)
    #expect(path.fileSuffix == suffix)
  }

  @Test func `Puts paths together, and takes suffixes off`() {
    #expect("a".appending(pathPart: "b") == "a/b")
    #expect("a/".appending(pathPart: "b") == "a/b")
    #expect("".appending(pathPart: "b") == "b")
    #expect("a/b.onnx".withoutSuffix == "a/b")
    #expect("q".withoutSuffix == "q")
  }
}
