internal import KazasuDemoBindings
import Foundation
import Kazasu

/// The simulated card: no card, no phone, no network. For apps under development and for tests, never in a release.
///
/// ```swift
/// let reader = MyNumberCardReader(try DemoCard())
/// ```
public final class DemoCard: CardChannel {
    private let card: KazasuDemoBindings.DemoCard
    public let limits: CardLimits

    /// There is no such person or profile.
    public struct NotFound: Error {}

    /// The card of a person who does not exist, in one of the ways in which cards differ.
    ///
    /// - Parameters:
    ///   - person: `adult`, `child`, `long` or `expired`.
    ///   - profile: `standard`, or the name of another profile of the simulated card.
    ///   - limits: what the link to it carries.
    public init(_ person: String = "adult", profile: String = "standard", limits: CardLimits = .short) throws(NotFound) {
        self.limits = limits
        do {
            card = try KazasuDemoBindings.DemoCard(person: person, profile: profile)
        } catch {
            throw NotFound()
        }
    }

    public func transceive(_ command: Data) async throws -> Data {
        guard let response = try card.transmit(command: command) else { throw LinkFailure.cardLost }
        return response
    }

    public func reconnect(_ line: String) async throws {
        try card.powerCycle()
    }

    /// Takes it out of the field, so that what was unlocked is locked again.
    public func close(_ ending: CardEnding) async {
        try? card.powerCycle()
    }

    public var takesPower: Bool { true }

    /// The secret of this person, as it would be typed.
    public func secret(_ kind: SecretKind) -> String {
        (try? card.secret(name: kind.rawValue)) ?? ""
    }

    /// Commands that it answered.
    public var commands: Int { Int((try? card.commands()) ?? 0) }

    /// Secrets that it was sent.
    public var secretsSent: Int { Int((try? card.secretsSent()) ?? 0) }

    /// What is above every demonstration card's certificate of this key, DER: for `Authorities.testOnly` of
    /// `KazasuPKI`. Whoever believes them believes a card that anybody can make.
    public static func authorities(over key: SigningKey) -> [Data] {
        (try? demoAuthorities(signing: key == .signature)) ?? []
    }

    /// The keys above the demonstration cards' municipalities, likewise.
    public static var municipalAuthorities: [(records: SignedRecords, id: Data, modulus: Data)] {
        ((try? demoMunicipalAuthorities()) ?? []).compactMap { row in
            let records: SignedRecords? = row.application == "text" ? .text : row.application == "surface" ? .surface : nil
            return records.map { ($0, row.id, row.modulus) }
        }
    }
}
