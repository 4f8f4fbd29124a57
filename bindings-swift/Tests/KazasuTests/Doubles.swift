import Foundation
import Kazasu
import KazasuDemo

/// What was heard, from whatever thread.
final class Heard<T: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var heard: [T] = []

    var all: [T] { lock.withLock { heard } }
    func add(_ one: T) { lock.withLock { heard.append(one) } }
}

/// The card slips away once so many answers were given; or again and again.
final class Slipping: CardChannel, @unchecked Sendable {
    private let card: DemoCard
    private let lock = NSLock()
    private let always: Bool
    private var left: Int
    private var slipped = false
    private var back = 0

    init(_ card: DemoCard, after answers: Int, always: Bool = false) {
        (self.card, left, self.always) = (card, answers, always)
    }

    var limits: CardLimits { card.limits }
    var takesPower: Bool { true }
    var didSlip: Bool { lock.withLock { slipped } }
    var reconnects: Int { lock.withLock { back } }

    func transceive(_ command: Data) async throws -> Data {
        let slips = lock.withLock {
            left -= 1
            let slips = always || (left == -1 && !slipped)
            if slips { slipped = true }
            return slips
        }
        if slips {
            // The command arrives, the answer does not.
            _ = try await card.transceive(command)
            throw LinkFailure.cardLost
        }
        return try await card.transceive(command)
    }

    func reconnect(_ line: String) async throws {
        lock.withLock { back += 1 }
        try await card.reconnect(line)
    }
}

/// A channel that leaves the card its power.
final class Keeping: CardChannel {
    private let card: DemoCard
    let instructions = Heard<UInt8>()

    init(_ card: DemoCard) { self.card = card }

    func transceive(_ command: Data) async throws -> Data {
        instructions.add(command[1])
        return try await card.transceive(command)
    }
}

/// After so many answers it never answers again, until its task is cancelled.
actor Stuck: CardChannel {
    private let card: DemoCard
    private var left: Int
    private var stuck = false
    private var watcher: CheckedContinuation<Void, Never>?

    init(_ card: DemoCard, after answers: Int) {
        (self.card, left) = (card, answers)
    }

    func transceive(_ command: Data) async throws -> Data {
        left -= 1
        if left >= 0 { return try await card.transceive(command) }
        stuck = true
        watcher?.resume()
        watcher = nil
        try await Task.sleep(nanoseconds: 60_000_000_000)
        throw LinkFailure.timeout
    }

    func isStuck() async {
        if stuck { return }
        await withCheckedContinuation { watcher = $0 }
    }
}

/// What a call fails with; nothing if it does not, or with something else than it may.
func failure(_ body: () async throws -> Void) async -> CardError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? CardError
    }
}
