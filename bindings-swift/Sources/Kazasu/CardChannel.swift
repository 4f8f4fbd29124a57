import Foundation

/// How much a link carries, in bytes.
public struct CardLimits: Sendable, Hashable {
    /// The longest command.
    public let maxCommand: Int
    /// The longest response, status word included.
    public let maxResponse: Int

    public init(maxCommand: Int, maxResponse: Int) {
        (self.maxCommand, self.maxResponse) = (maxCommand, maxResponse)
    }

    /// Short APDUs, which every link carries.
    public static let short = CardLimits(maxCommand: 261, maxResponse: 258)
    /// Extended APDUs.
    public static let extended = CardLimits(maxCommand: 65_544, maxResponse: 65_538)
}

/// A way to a card: NFC, the simulated card, a reader of your own. Only ``transceive(_:)`` must be written.
///
/// A reader calls ``open(_:)``, then ``transceive(_:)`` and ``reconnect(_:)`` as needed, and ``close(_:)`` once after
/// every ``open(_:)``, whatever came of it; never two of them at a time.
///
/// ``transceive(_:)`` and ``reconnect(_:)`` throw a ``LinkFailure``, and all three a ``HostFailure`` or a
/// `CancellationError`.
public protocol CardChannel: Sendable {
    /// One command out, one response in: data and status word. Sends it once, whatever happens, and keeps no copy:
    /// commands carry secrets. Returns soon after its task is cancelled.
    func transceive(_ command: Data) async throws -> Data

    /// What the link carries.
    var limits: CardLimits { get }

    /// Whether there is time for another command. One that would run into the end of a session is better not sent.
    var hasTime: Bool { get }

    /// Where on the phone's back the antenna is, for the first line that the holder sees.
    var place: CardPlace? { get }

    /// Waits until a card is there.
    func open(_ line: String) async throws

    /// Waits until it is there again, after a slip.
    func reconnect(_ line: String) async throws

    /// A new line for the holder.
    func show(_ line: String)

    /// The end. Returns when the next ``open(_:)`` may come.
    ///
    /// It should take the card's power away: after a cancelled reading, and after a link that failed, nothing else
    /// closes what a secret opened there.
    func close(_ ending: CardEnding) async

    /// Whether ``close(_:)`` takes the card's power away. Otherwise a reading in which a secret was sent ends with one
    /// more command, which closes what the secret opened by selecting another application of the card.
    var takesPower: Bool { get }
}

/// Where on the back of a phone a card is held.
public enum CardPlace: Sendable, CaseIterable {
    case top
    case middle
    case bottom
}

/// How a reading ended.
public enum CardEnding: Sendable {
    /// Well; with a line for the holder.
    case done(String)
    /// With an error; with a line for the holder.
    case failed(String)
    /// The app, or the holder, cancelled.
    case cancelled
}

extension CardChannel {
    public var limits: CardLimits { .short }
    public var hasTime: Bool { true }
    public var place: CardPlace? { nil }
    public func open(_ line: String) async throws {}
    public func reconnect(_ line: String) async throws { throw LinkFailure.cardLost }
    public func show(_ line: String) {}
    public func close(_ ending: CardEnding) async {}
    public var takesPower: Bool { false }
}
