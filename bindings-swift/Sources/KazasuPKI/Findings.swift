internal import KazasuPKIBindings
import Foundation
import Kazasu

/// The table about one signature, certificate or proof: what was checked, by whom, and what was not. It answers no
/// question with yes.
public struct Findings: Sendable {
    private let bridged: KazasuPKIBindings.Findings

    /// Every line, in its order; what was not even begun is a line too.
    public let lines: [Finding]

    /// Whether trust rests on test authorities. Such a table says nothing about a real card.
    public let isTest: Bool

    init(_ bridged: KazasuPKIBindings.Findings) throws {
        self.bridged = bridged
        lines = try bridged.lines().map(Finding.init)
        isTest = try bridged.test()
    }

    /// What the lines say together.
    ///
    /// - Parameter checks: the codes of those that you can do without (``Finding/check``); nothing is left out by
    ///   itself.
    /// - Throws: ``Kazasu/CardError`` 456: there is no such check.
    public func conclusion(without checks: [String] = []) throws(CardError) -> Conclusion {
        try told { Conclusion(try bridged.conclusion(without: checks)) }
    }
}

/// One line of a table.
public struct Finding: Sendable, Hashable {
    /// What was looked at: a stable code; docs/json.md lists them.
    public let check: String
    /// How it went.
    public let outcome: Outcome
    /// Why it fails, or why nobody looked: a stable code; nothing where it holds.
    public let because: String?
    /// Who looked.
    public let by: By

    private let english: Words
    private let japanese: Words

    /// How a check went.
    public enum Outcome: Sendable {
        /// It is so.
        case holds
        /// It is not so.
        case fails
        /// Nobody looked.
        case notChecked
    }

    /// Who looked.
    public enum By: Sendable {
        /// Kazasu.
        case kazasu
        /// Somebody whose answer was handed in.
        case other
        /// Nobody.
        case nobody
    }

    /// A line for people.
    public struct Words: Sendable, Hashable {
        /// What was looked at.
        public let check: String
        /// Why it fails, or why nobody looked; nothing where it holds.
        public let because: String?
        /// Who looked.
        public let by: String
    }

    /// For people.
    public func words(in language: CardLanguage = .ofUser) -> Words {
        language == .japanese ? japanese : english
    }
}

/// What all lines together say about what was asked. No yes or no: show ``text(in:)``, and the table with it.
public struct Conclusion: Sendable, Hashable {
    /// Which of the three.
    public let outcome: Outcome
    /// The line that decided it: a stable code.
    public let check: String?
    /// Why: a stable code.
    public let because: String?
    /// Whether trust rests on test authorities: then it says nothing about a real card.
    public let isTest: Bool

    private let english: String
    private let japanese: String

    /// One of three.
    public enum Outcome: Sendable {
        /// Everything that was asked for was checked and holds.
        case everythingAsked
        /// A line fails; there may be more.
        case fails
        /// Nothing fails, but not everything that was asked for was checked.
        case notEverything
    }

    /// For people.
    public func text(in language: CardLanguage = .ofUser) -> String {
        language == .japanese ? japanese : english
    }
}

// MARK: - from the library

extension Finding {
    init(_ line: KazasuPKIBindings.Finding) {
        (check, because) = (line.check, line.because)
        outcome =
            switch line.outcome {
            case .holds: .holds
            case .fails: .fails
            case .notChecked: .notChecked
            }
        by =
            switch line.by {
            case .kazasu: .kazasu
            case .other: .other
            case .nobody: .nobody
            }
        (english, japanese) = (Words(line.english), Words(line.japanese))
    }
}

extension Finding.Words {
    fileprivate init(_ words: LineWords) {
        (check, because, by) = (words.check, words.because, words.by)
    }
}

extension Conclusion {
    init(_ conclusion: KazasuPKIBindings.Conclusion) {
        (check, because, isTest) = (conclusion.check, conclusion.because, conclusion.test)
        (english, japanese) = (conclusion.english, conclusion.japanese)
        outcome =
            switch conclusion.concluded {
            case .everythingAsked: .everythingAsked
            case .fails: .fails
            case .notEverything: .notEverything
            }
    }
}
