internal import KazasuBindings
import Foundation

/// A secret as its holder typed it. Wiped when it is given to a card, or let go.
///
/// What lies outside cannot be wiped from here: a `String` in a text field, the copies that a system's NFC service
/// makes.
public final class Secret: @unchecked Sendable, Redacted {
    // The lock is what makes this Sendable.
    private let lock = NSLock()
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private var isWiped = false

    /// Takes the bytes (UTF-8) and wipes them in place.
    public init(wiping typed: inout [UInt8]) {
        bytes = .allocate(capacity: typed.count)
        _ = bytes.initialize(from: typed)
        typed.withUnsafeMutableBytes { zero($0) }
        typed = []
    }

    /// Takes a text. The text itself stays where it is: clear the field that it came from.
    public convenience init(_ typed: String) {
        var bytes = Array(typed.utf8)
        self.init(wiping: &bytes)
    }

    deinit {
        zero(UnsafeMutableRawBufferPointer(bytes))
        bytes.deallocate()
    }

    /// Wipes it. What it is given to afterwards refuses it.
    public func wipe() {
        lock.withLock {
            zero(UnsafeMutableRawBufferPointer(bytes))
            isWiped = true
        }
    }

    /// Hands a copy to `body`, which is wiped when nobody holds it any more.
    func lend<T>(_ body: (Data) throws -> T) rethrows -> T {
        let copy = lock.withLock { isWiped ? Data() : Data(wipedWhenFreed: UnsafeRawBufferPointer(bytes)) }
        return try body(copy)
    }
}

/// The secrets for one reading, and what their holder allowed. Wiped by the reading that takes them.
public final class Secrets: @unchecked Sendable, Redacted {
    // The lock is what makes this Sendable.
    private let lock = NSLock()
    private var given: [SecretKind: Secret] = [:]
    private var lastTries: Set<SecretKind> = []

    /// None yet.
    public init() {}

    /// Adds a secret.
    ///
    /// - Throws: ``CardError`` 102 where it cannot be a secret of this kind. Nothing was sent and no try is spent.
    public func give(_ kind: SecretKind, _ secret: Secret) throws(CardError) {
        do {
            // An operation that is thrown away: the format is core's to know.
            let check = try CardOperation.plan(wants: [.cardKind])
            try secret.lend { try check.give(secret: kind.bridged, typed: $0) }
        } catch {
            throw CardError(error)
        }
        lock.withLock { given[kind] = secret }
    }

    /// Adds a secret as text.
    ///
    /// - Throws: ``CardError`` 102, as above.
    public func give(_ kind: SecretKind, _ typed: String) throws(CardError) {
        try give(kind, Secret(typed))
    }

    /// The holder was told that one try is left, or that nobody knows, and said yes.
    public func allowLastTry(_ kind: SecretKind) {
        lock.withLock { _ = lastTries.insert(kind) }
    }

    /// Wipes all of them.
    public func wipe() {
        take().given.values.forEach { $0.wipe() }
    }

    func take() -> (given: [SecretKind: Secret], lastTries: Set<SecretKind>) {
        lock.withLock {
            defer { (given, lastTries) = ([:], []) }
            return (given, lastTries)
        }
    }
}

extension Data {
    /// For whoever holds it alone.
    mutating func wipe() {
        guard !isEmpty else { return }
        resetBytes(in: startIndex..<endIndex)
    }
}
