internal import KazasuBindings
import Foundation

/// The language of what is shown to the holder.
public enum CardLanguage: Sendable {
    case japanese
    case english

    /// What the user prefers.
    public static var ofUser: Self {
        Locale.preferredLanguages.first?.hasPrefix("ja") == true ? .japanese : .english
    }
}

/// Why there is no result: numbers and names for a program, words for the holder, nothing that a card or a person said.
public struct CardError: Error, Sendable, Equatable {
    /// Every error there is; the raw value is its stable number, the same in every host of Kazasu.
    public enum Code: UInt16, Sendable, CaseIterable {
        /// The secret was wrong; one try is spent.
        case wrongSecret = 101
        /// Not the format of this secret; nothing was sent.
        case secretFormat = 102
        /// One try left, and no permission to spend it; nothing is spent.
        case lastTry = 103
        /// Blocked: only an office can help.
        case blocked = 201
        /// Something else than a My Number card.
        case wrongCard = 202
        /// This card has no such file, key or application.
        case absent = 203
        /// The card refused.
        case refused = 204
        /// The card's answer cannot be used.
        case malformed = 205
        /// Another card than before.
        case otherCard = 206
        /// The certificate has expired; nothing was signed.
        case certificateExpired = 251
        /// The card's signature does not fit its certificate; nothing was made of it.
        case signatureWrong = 252
        /// What was handed in as the card's cannot be read, or is something else.
        case unreadable = 253
        /// The card left the field.
        case cardLost = 301
        /// Another program reset the card.
        case cardReset = 302
        /// No answer in time.
        case timeout = 303
        /// Another program uses the card.
        case busy = 304
        /// The reader went away.
        case readerLost = 305
        /// The link cannot carry so much.
        case tooLong = 306
        /// More bytes came than were asked for.
        case overrun = 307
        /// The task was cancelled.
        case cancelled = 308
        /// The link failed.
        case linkFailed = 309
        /// The answer to a secret or to a change was lost: a try may be spent.
        case outcomeUnknown = 310
        /// The session has ended.
        case sessionOver = 311
        /// A secret is needed first; nothing was sent.
        case secretRequired = 401
        /// A limit of the program.
        case bufferTooSmall = 402
        /// A call that can never work.
        case misuse = 403
        /// An argument that cannot be used: an origin, a nonce, a check's code, an authority, a proof, too many bytes.
        case badArgument = 456
        /// No signed file that can be looked at.
        case notSigned = 460
        /// Another kind of file.
        case notAPDF = 461
        /// A PDF that is damaged or not made by the rules.
        case pdfDamaged = 462
        /// A PDF that is encrypted, with or without a password.
        case pdfEncrypted = 463
        /// A PDF with two tables of contents that need not agree.
        case pdfHybrid = 464
        /// A PDF that was certified so that nothing may be added.
        case pdfCertified = 465
        /// An XFA form, which shows other pages than it holds.
        case pdfXFA = 466
        /// A PDF without a page.
        case pdfNoPage = 467
        /// More bytes or form fields than are looked at.
        case pdfTooLarge = 468
        /// A PDF with a signature that fails or that nobody can look at; signing after that is to be asked for.
        case pdfSignatureFails = 472
        /// A signature that takes no timestamp, or an answer that is none to the request.
        case timestampRefused = 473
        /// The device has no NFC, or none that an app may use.
        case nfcUnavailable = 501
        /// NFC is switched off.
        case nfcOff = 502
        /// The app has no entitlement for NFC.
        case missingEntitlement = 503
        /// The app's Info.plist does not list an application of the card.
        case missingAID = 504
        /// The app's Info.plist does not say what NFC is used for.
        case missingUsageText = 505
        /// The system is busy with another NFC session.
        case systemBusy = 506
        /// The system's time for one session is over.
        case sessionTimeout = 507
        /// The user closed the sheet.
        case userCancelled = 508
        /// What was held there cannot be a My Number card.
        case wrongTag = 509
        /// NFC failed, and the system gave no better reason.
        case hostFailed = 510

        /// The stable name, the same in every host of Kazasu: `wrong-secret`.
        public var id: String {
            if self == .notAPDF { return "not-a-pdf" }
            return "\(self)".reduce(into: "") { name, letter in
                if letter.isUppercase, name.last?.isUppercase == false { name.append("-") }
                name.append(letter)
            }.lowercased()
        }
    }

    /// Who can do something about it.
    public enum Who: Sendable {
        /// The holder: type it again, say yes, switch NFC on.
        case user
        /// The card stands in the way.
        case card
        /// The link: hold it again.
        case link
        /// The app that calls.
        case caller
    }

    /// Which one.
    public let code: Code
    /// Which secret it is about.
    public let secret: SecretKind?
    /// Tries left, where it is known.
    public let triesLeft: Int?
    /// Whether a try was spent; `nil` when nobody can know.
    public let spent: Bool?
    /// The status word, where the card refused with one.
    public let status: UInt16?
    /// Any one of these secrets is needed first.
    public let needs: [SecretKind]
    let english: Words
    let japanese: Words
    let language: CardLanguage

    /// For the holder: what happened. In the reader's language, or the user's; ``said(in:)`` tells it in another one.
    public var what: String { words.what }
    /// For the holder: what to do next. In the reader's language.
    public var next: String { words.next }

    private var words: Words { language == .japanese ? japanese : english }

    /// What is said in one language.
    package struct Words: Sendable, Equatable {
        let what, next: String

        package init(what: String, next: String) {
            (self.what, self.next) = (what, next)
        }
    }

    /// The same, told in another language: what is thrown without a reader is in the user's.
    public func said(in language: CardLanguage) -> CardError {
        CardError(
            code: code, secret: secret, triesLeft: triesLeft, spent: spent, status: status, needs: needs,
            english: english, japanese: japanese, language: language)
    }

    /// The stable number.
    public var number: UInt16 { code.rawValue }

    /// Who can do something about it.
    public var who: Who {
        switch code {
        case .nfcUnavailable, .nfcOff, .systemBusy, .sessionTimeout, .userCancelled: .user
        case .wrongTag: .card
        case .hostFailed: .link
        case _ where number < 200: .user
        case _ where number < 300: .card
        case _ where number < 400: .link
        default: .caller
        }
    }
}

extension CardError: LocalizedError, CustomStringConvertible {
    public var errorDescription: String? { what }
    public var recoverySuggestion: String? { next }
    public var description: String { "kazasu \(number) \(code.id)" }
}

/// How a channel's link failed. What it throws else is ``other``.
public enum LinkFailure: Error, Sendable, CaseIterable {
    /// No card, or it left the field.
    case cardLost
    /// Reset by somebody else.
    case cardReset
    /// No answer in time; the card may have acted.
    case timeout
    /// Another program holds it.
    case busy
    /// The reader, or NFC itself, went away.
    case readerLost
    /// The link refused the command for its length; nothing reached the card.
    case tooLong
    /// Anything else.
    case other
}

/// An error of a channel's surroundings (501 to 510) that ends the reading.
public enum HostFailure: UInt16, Error, Sendable, CaseIterable {
    case nfcUnavailable = 501
    case nfcOff = 502
    case missingEntitlement = 503
    case missingAID = 504
    case missingUsageText = 505
    case systemBusy = 506
    case sessionTimeout = 507
    case userCancelled = 508
    case wrongTag = 509
    case hostFailed = 510
}

// MARK: - from the bridge

extension CardError {
    /// From whatever was thrown.
    package init(_ error: any Error, language: CardLanguage = .ofUser) {
        switch error {
        case let error as CardError:
            self = error.said(in: language)
        case let error as KazasuError:
            self.init(error, language)
        case let failure as HostFailure:
            self.init(failure, language)
        default:
            // A defect of the bridge, which says nothing of what it was doing; or an app's own document or channel.
            self.init(HostFailure.hostFailed, language)
        }
    }

    /// Of a document, a proof, a file: no card said anything.
    package init(_ code: Code, english: Words, japanese: Words) {
        self.init(
            code: code, secret: nil, triesLeft: nil, spent: false, status: nil, needs: [], english: english,
            japanese: japanese, language: .ofUser)
    }

    /// A call in the wrong order.
    package static var wrongOrder: CardError {
        do {
            // The words are the bridge's.
            _ = try CardOperation.plan(wants: [.cardKind]).command()
            return CardError(HostFailure.hostFailed)
        } catch {
            return CardError(error)
        }
    }

    private init(_ error: KazasuError, _ language: CardLanguage) {
        // One line for each variant, and no default: a new one does not compile until it is here.
        let (code, detail): (Code, Detail) =
            switch error {
            case .WrongSecret(let detail): (.wrongSecret, detail)
            case .SecretFormat(let detail): (.secretFormat, detail)
            case .LastTry(let detail): (.lastTry, detail)
            case .Blocked(let detail): (.blocked, detail)
            case .WrongCard(let detail): (.wrongCard, detail)
            case .Absent(let detail): (.absent, detail)
            case .Refused(let detail): (.refused, detail)
            case .Malformed(let detail): (.malformed, detail)
            case .OtherCard(let detail): (.otherCard, detail)
            case .CardLost(let detail): (.cardLost, detail)
            case .CardReset(let detail): (.cardReset, detail)
            case .Timeout(let detail): (.timeout, detail)
            case .Busy(let detail): (.busy, detail)
            case .ReaderLost(let detail): (.readerLost, detail)
            case .TooLong(let detail): (.tooLong, detail)
            case .Overrun(let detail): (.overrun, detail)
            case .Cancelled(let detail): (.cancelled, detail)
            case .LinkFailed(let detail): (.linkFailed, detail)
            case .OutcomeUnknown(let detail): (.outcomeUnknown, detail)
            case .SessionOver(let detail): (.sessionOver, detail)
            case .SecretRequired(let detail): (.secretRequired, detail)
            case .BufferTooSmall(let detail): (.bufferTooSmall, detail)
            case .Misuse(let detail): (.misuse, detail)
            }
        self.init(
            code: code, secret: detail.secret.map(SecretKind.init), triesLeft: detail.left.map(Int.init),
            spent: detail.spent, status: detail.status, needs: detail.needs.map(SecretKind.init),
            english: Words(detail.english), japanese: Words(detail.japanese), language: language)
    }

    private init(_ failure: HostFailure, _ language: CardLanguage) {
        func words(japanese: Bool) -> Words {
            let words = try? explainHost(number: failure.rawValue, japanese: japanese)
            return Words(what: words?.what ?? "", next: words?.next ?? "")
        }
        self.init(
            code: Code(failure), secret: nil, triesLeft: nil, spent: false, status: nil, needs: [],
            english: words(japanese: false), japanese: words(japanese: true), language: language)
    }
}

extension CardError.Words {
    fileprivate init(_ said: Explanation) {
        self.init(what: said.what, next: said.next)
    }
}

extension CardError.Code {
    init(_ failure: HostFailure) {
        self =
            switch failure {
            case .nfcUnavailable: .nfcUnavailable
            case .nfcOff: .nfcOff
            case .missingEntitlement: .missingEntitlement
            case .missingAID: .missingAID
            case .missingUsageText: .missingUsageText
            case .systemBusy: .systemBusy
            case .sessionTimeout: .sessionTimeout
            case .userCancelled: .userCancelled
            case .wrongTag: .wrongTag
            case .hostFailed: .hostFailed
            }
    }
}

extension LinkFailure {
    var bridged: KazasuBindings.LinkFailure {
        switch self {
        case .cardLost: .cardLost
        case .cardReset: .cardReset
        case .timeout: .timeout
        case .busy: .busy
        case .readerLost: .readerLost
        case .tooLong: .tooLong
        case .other: .other
        }
    }
}
