import Figures

/// What a report opens with, on one page or screen: what was looked at, what came of it, the pictures
/// that show it, and what to do next.
package struct Cover: Sendable {
  /// A name and its value.
  package struct Fact: Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A whole image beside the pixels of it that suffice.
  package struct Evidence: Sendable {
    package let image: PixelImage
    package let subset: PixelImage
    /// Under each, a few words.
    package let imageText: String
    package let subsetText: String
    /// The same where there is room for a number alone.
    package let shortTexts: (image: String, subset: String)
    /// Both in a sentence.
    package let altText: String

    package init(
      image: PixelImage, subset: PixelImage, imageText: String, subsetText: String,
      shortTexts: (image: String, subset: String), altText: String
    ) {
      self.image = image
      self.subset = subset
      self.imageText = imageText
      self.subsetText = subsetText
      self.shortTexts = shortTexts
      self.altText = altText
    }
  }

  /// One of the things looked at.
  package struct Subject: Sendable {
    package let name: String
    /// The section with more about it.
    package let link: String?
    /// In a sentence or two; in few words where there are many subjects.
    package let finding: Finding
    package let evidence: [Evidence]
    package let charts: [Figure]

    package init(
      name: String, link: String? = nil, finding: Finding, evidence: [Evidence], charts: [Figure]
    ) {
      self.name = name
      self.link = link
      self.finding = finding
      self.evidence = evidence
      self.charts = charts
    }
  }

  /// More subjects than this are shown in a line each.
  package static let mostRoomy = 4
  /// More are left to the sections.
  package static let mostSubjects = 10
  /// The anchor that links lead to.
  package static let id = "verdict"

  /// The question that the reader came with.
  package let question: String
  package let answer: Finding
  /// How sure the answer is, in a sentence or two.
  package let certainty: String
  package let facts: [Fact]
  /// Those shown; `omitted` says where the others are.
  package let subjects: [Subject]
  package let omitted: String
  /// How the evidence was chosen and how to read it.
  package let legend: String
  package let nextTitle: String
  package let next: [String]

  package init(
    question: String, answer: Finding, certainty: String, facts: [Fact], subjects: [Subject],
    omitted: String = "",
    legend: String, nextTitle: String, next: [String]
  ) {
    self.question = question
    self.answer = answer
    self.certainty = certainty
    self.facts = facts
    self.subjects = subjects
    self.omitted = omitted
    self.legend = legend
    self.nextTitle = nextTitle
    self.next = next
  }

  /// Whether there is one subject, whose evidence has the width of the page.
  package var isSingle: Bool { subjects.count == 1 }

  /// Whether there are so many subjects that each gets a line.
  package var isCompact: Bool { subjects.count > Cover.mostRoomy }
}

/// Whose report it is.
package struct Brand: Sendable {
  package let title: String
  /// PNG; nil for none.
  package let logo: PixelImage?

  package init(title: String, logo: PixelImage? = nil) {
    self.title = title
    self.logo = logo
  }
}
