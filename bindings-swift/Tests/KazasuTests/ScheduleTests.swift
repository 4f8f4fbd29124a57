import CoreNFC
import Foundation
import KazasuDemo
import XCTest

@testable import Kazasu

/// R13: a thousand random schedules of openings, cancellations, timeouts and slips. None hangs; none answers a caller
/// twice (a checked continuation ends the program if one does); no sheet comes while another is up.
final class ScheduleTests: XCTestCase {
    func testAThousandSchedulesEndAndNoneCollides() async throws {
        let seed = ProcessInfo.processInfo.environment["KAZASU_SEED"].flatMap(UInt64.init) ?? 20_261_120
        var outcomes: [String: Int] = [:]
        for at in 0..<1_000 {
            for (outcome, count) in try await run(seed &+ UInt64(at)) { outcomes[outcome, default: 0] += count }
        }
        print("schedules: \(outcomes.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))")
        // What the card never says in these schedules, the host has made up: an answer to another command, for example.
        let possible: Set = [
            "good", "cancelled", "userCancelled", "sessionTimeout", "systemBusy", "cardLost", "readerLost", "linkFailed",
            "outcomeUnknown", "wrongTag", "missingEntitlement",
        ]
        XCTAssertTrue(possible.isSuperset(of: outcomes.keys), "\(outcomes.keys)")
        // A test of nothing but successes, or of none, would show nothing.
        for outcome in ["good", "cancelled", "userCancelled", "sessionTimeout", "systemBusy", "cardLost", "outcomeUnknown"] {
            XCTAssertGreaterThan(outcomes[outcome] ?? 0, 0, outcome)
        }
    }

    private func run(_ seed: UInt64) async throws -> [String: Int] {
        let dice = Dice(seed)
        var decisions = FakePhone.Decisions()
        decisions.polls = {
            dice.one(of: [
                (80, .card), (4, .ends(.readerSessionInvalidationErrorUserCanceled)),
                (4, .ends(.readerSessionInvalidationErrorSessionTimeout)),
                (4, .ends(.readerSessionInvalidationErrorSystemIsBusy)), (1, .ends(.readerErrorSecurityViolation)),
                (3, .cards(2)), (2, .otherCard), (2, .nothing),
            ])
        }
        decisions.connects = { dice.one(of: [(90, nil), (10, .readerTransceiveErrorTagConnectionLost)]) }
        decisions.answers = {
            dice.one(of: [
                (900, .answer), (30, .answerTwice), (30, .slips), (10, .fails(.readerTransceiveErrorTagResponseError)),
                (5, .nothing), (10, .ends(.readerSessionInvalidationErrorSessionTimeout, commandFirst: true)),
                (10, .ends(.readerSessionInvalidationErrorUserCanceled, commandFirst: false)),
                (5, .fails(.readerTransceiveErrorSessionInvalidated)),
            ])
        }
        decisions.tells = { dice.one(of: [(97, true), (3, false)]) }
        decisions.delay = { dice.one(of: [(70, 0), (20, 0.000_5), (10, 0.002)]) }
        let phone = FakePhone(try DemoCard(), decisions)

        let times = NFCSheet.Times(session: 0.3, margin: 0.01, patience: 0.05)
        let plan = try Plan(
            .certificate(.userAuthentication), .signature(.userAuthentication, digest: Data(repeating: 7, count: 32)))
        let outcomes = Heard<String>()
        let readings = dice.one(of: [(70, 1), (20, 2), (10, 3)])
        for _ in 0..<readings {
            let secrets = Secrets()
            try secrets.give(.authPin, phone.card.secret(.authPin))
            let reader = NFCTests.reader(times)
            let reading = Task {
                do {
                    let result = try await reader.read(plan, secrets: secrets)
                    outcomes.add(result.signatures(.userAuthentication).count == 1 ? "good" : "nothing")
                } catch {
                    outcomes.add((error as? CardError).map { "\($0.code)" } ?? "\(error)")
                }
            }
            if dice.one(of: [(70, false), (30, true)]) {
                let after = dice.one(of: [(30, UInt64(0)), (30, 500_000), (40, 3_000_000)])
                Task {
                    try? await Task.sleep(nanoseconds: after)
                    reading.cancel()
                }
            }
        }
        let deadline = Date(timeIntervalSinceNow: 30)
        while outcomes.all.count < readings {
            if Date() > deadline {
                XCTFail("seed \(seed): \(readings - outcomes.all.count) of \(readings) readings hang")
                throw CancellationError()
            }
            try await Task.sleep(nanoseconds: 200_000)
        }
        XCTAssertEqual(phone.saw.collisions, 0, "seed \(seed): a sheet while another was up")
        XCTAssertEqual(phone.saw.strays, 0, "seed \(seed): a command to a session that had ended")
        XCTAssertLessThanOrEqual(phone.secretsSent, readings, "seed \(seed): a secret sent twice")
        XCTAssertFalse(outcomes.all.contains("nothing"), "seed \(seed)")
        return Dictionary(outcomes.all.map { ($0, 1) }, uniquingKeysWith: +)
    }
}

/// SplitMix64: the same seed, the same numbers.
private final class Dice: @unchecked Sendable {
    private let lock = NSLock()
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    /// One of these, by its weight.
    func one<T>(of choices: [(weight: Int, choice: T)]) -> T {
        let number: UInt64 = lock.withLock {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        var left = Int(number % UInt64(choices.reduce(0) { $0 + $1.weight }))
        for (weight, choice) in choices {
            left -= weight
            if left < 0 { return choice }
        }
        return choices[0].choice
    }
}
