import Foundation
import FoundationXML

/// Checks as JUnit XML, which continuous integration shows beside its tests.
package enum JUnit {
  package struct Case: Sendable {
    package enum Result: Sendable {
      case passed
      case failed(String)
      /// It could not be decided; never taken for passed.
      case error(String)
      /// Shown, but does not fail the build.
      case skipped(String)
    }

    package let suite: String
    package let name: String
    package let result: Result
    /// The numbers, for whoever opens the case.
    package let details: String

    package init(suite: String, name: String, result: Result, details: String) {
      self.suite = suite
      self.name = name
      self.result = result
      self.details = details
    }
  }

  /// `name`: of all suites.
  package static func render(_ name: String, _ cases: [Case]) -> Data {
    let root = element("testsuites", ["name": name])
    count(cases, root)
    var order: [String] = []
    for suite in cases.map(\.suite) where !order.contains(suite) { order.append(suite) }
    for suite in order {
      let members = cases.filter { $0.suite == suite }
      let node = element("testsuite", ["name": suite])
      count(members, node)
      for member in members { node.addChild(render(member)) }
      root.addChild(node)
    }
    let document = XMLDocument(rootElement: root)
    document.version = "1.0"
    document.characterEncoding = "UTF-8"
    return document.xmlData(options: .nodePrettyPrint) + Data("\n".utf8)
  }

  private static func render(_ test: Case) -> XMLElement {
    let node = element("testcase", ["classname": test.suite, "name": test.name])
    switch test.result {
    case .passed: break
    case .failed(let message):
      node.addChild(element("failure", ["message": message], text: test.details))
    case .error(let message):
      node.addChild(element("error", ["message": message], text: test.details))
    case .skipped(let message):
      node.addChild(element("skipped", ["message": message]))
    }
    node.addChild(element("system-out", [:], text: test.details))
    return node
  }

  private static func count(_ cases: [Case], _ node: XMLElement) {
    var (failures, errors, skipped) = (0, 0, 0)
    for test in cases {
      switch test.result {
      case .passed: break
      case .failed: failures += 1
      case .error: errors += 1
      case .skipped: skipped += 1
      }
    }
    for (name, number) in [
      ("tests", cases.count), ("failures", failures), ("errors", errors), ("skipped", skipped),
    ] {
      set(node, name, String(number))
    }
  }

  private static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String>, text: String? = nil
  ) -> XMLElement {
    let node = XMLElement(name: name, stringValue: text)
    for (name, value) in attributes { set(node, name, value) }
    return node
  }

  private static func set(_ node: XMLElement, _ name: String, _ value: String) {
    let attribute = XMLNode(kind: .attribute)
    attribute.name = name
    attribute.stringValue = value
    node.addAttribute(attribute)
  }
}
