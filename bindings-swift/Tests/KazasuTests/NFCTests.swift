import CoreNFC
import Foundation
import KazasuDemo
import XCTest

@testable import Kazasu

/// The Core NFC host, on a phone that is played.
final class NFCTests: XCTestCase {
    private static var info: [String: Any] {
        [
            AppSettings.usageKey: "To read the card",
            AppSettings.identifiersKey: [
                "D392F000260100000001", "d3921000310001010408", "D3921000310001010402", "D3921000310001010100",
            ],
        ]
    }

    static func reader(
        _ times: NFCSheet.Times = NFCSheet.Times(), language: CardLanguage = .japanese,
        settings: @escaping @Sendable () -> AppSettings = { AppSettings(info: info, profile: nil) }
    ) -> MyNumberCardReader {
        MyNumberCardReader(
            NFCChannel(language: language, times: times, settings: settings), turn: NFCChannel.turn, language: language)
    }

    private func signature(_ card: DemoCard) throws -> (Plan, Secrets) {
        let secrets = Secrets()
        try secrets.give(.authPin, card.secret(.authPin))
        let plan = try Plan(
            .certificate(.userAuthentication), .signature(.userAuthentication, digest: Data(repeating: 7, count: 32)))
        return (plan, secrets)
    }

    func testOneTapInOneSheetAndItsLinesAreInTheUsersLanguage() async throws {
        let phone = FakePhone(try DemoCard())
        let (plan, secrets) = try signature(phone.card)
        let result = try await Self.reader().read(plan, secrets: secrets)
        XCTAssertEqual(result.signatures(.userAuthentication).count, 1)
        try await quiet(phone)
        XCTAssertEqual(phone.saw.sessions, 1)
        XCTAssertEqual(phone.saw.endedWith, [nil])
        XCTAssertEqual(phone.saw.lines.first, "マイナンバーカードを端末の背面の上部にかざし、そのまま動かさないでください。")
        XCTAssertTrue(phone.saw.lines.contains { $0.hasPrefix("読み取り中です。") && $0.hasSuffix("%") })
        XCTAssertEqual(phone.saw.lines.last, "完了しました。")
    }

    /// Where the antenna is; and after a slip or two, what may be in the way.
    func testTheSheetSaysWhereToHoldTheCard() async throws {
        let count = Count()
        var decisions = FakePhone.Decisions()
        decisions.answers = { [2, 4].contains(count.next()) ? .slips : .answer }
        let phone = FakePhone(try DemoCard(), decisions)
        _ = try await Self.reader(language: .english).read(try Plan(.certificate(.userAuthentication)))
        try await quiet(phone)
        let said = phone.saw.lines.filter { !$0.hasSuffix("%") }
        XCTAssertEqual(
            said,
            [
                "Hold your My Number card to the upper part of the phone's back and keep it there.",
                "The card slipped away. Hold it there again.",
                "The card slips away. Take the phone out of its case and try another place.", "Done.",
            ])
    }

    func testTheSheetGoesOnAfterASlip() async throws {
        let count = Count()
        var decisions = FakePhone.Decisions()
        decisions.answers = { count.next() == 3 ? .slips : .answer }
        let phone = FakePhone(try DemoCard(), decisions)
        let (plan, secrets) = try signature(phone.card)
        let result = try await Self.reader(language: .english).read(plan, secrets: secrets)
        XCTAssertEqual(result.certificate(.userAuthentication)?.count, 1_590)
        try await quiet(phone)
        XCTAssertEqual(phone.saw.sessions, 1)
        XCTAssertEqual(phone.saw.restarts, 1)
        XCTAssertTrue(phone.saw.lines.contains("The card slipped away. Hold it there again."))
        XCTAssertEqual(phone.card.secretsSent, 1)
    }

    func testAFailureIsSaidOnTheSheet() async throws {
        let phone = FakePhone(try DemoCard())
        let secrets = Secrets()
        try secrets.give(.authPin, "9999")
        let (plan, _) = try signature(phone.card)
        let error = await failure { _ = try await Self.reader().read(plan, secrets: secrets) }
        XCTAssertEqual(error?.code, .wrongSecret)
        try await quiet(phone)
        XCTAssertEqual(phone.saw.endedWith, [error?.what])
    }

    /// Cancel, timeout, busy, another card, a wrong PIN: five codes; and what else ends a session.
    func testEveryEndOfASessionHasItsOwnCode() async throws {
        let ends: [(FakePhone.Polling, CardError.Code)] = [
            (.ends(.readerSessionInvalidationErrorUserCanceled), .userCancelled),
            (.ends(.readerSessionInvalidationErrorSessionTimeout), .sessionTimeout),
            (.ends(.readerSessionInvalidationErrorSystemIsBusy), .systemBusy),
            (.ends(.readerErrorSecurityViolation), .missingEntitlement),
            (.ends(.readerErrorRadioDisabled), .nfcOff),
            (.ends(.readerSessionInvalidationErrorSessionTerminatedUnexpectedly), .hostFailed),
            (.otherCard, .wrongTag),
        ]
        for (polling, code) in ends {
            var decisions = FakePhone.Decisions()
            decisions.polls = { polling }
            let phone = FakePhone(try DemoCard(), decisions)
            let error = await failure { _ = try await Self.reader().read(try Plan(.cardKind)) }
            XCTAssertEqual(error?.code, code)
            XCTAssertFalse(error!.what.isEmpty || error!.next.isEmpty)
            try await quiet(phone)
        }
    }

    func testWithoutNFCThereIsNoSheet() async throws {
        let phone = FakePhone(try DemoCard(), available: false)
        let error = await failure { _ = try await Self.reader().read(try Plan(.cardKind)) }
        XCTAssertEqual(error?.code, .nfcUnavailable)
        XCTAssertEqual(phone.saw.sessions, 0)
    }

    func testTwoCardsAreOneTooMany() async throws {
        let count = Count()
        var decisions = FakePhone.Decisions()
        decisions.polls = { count.next() == 1 ? .cards(2) : .card }
        let phone = FakePhone(try DemoCard(), decisions)
        _ = try await Self.reader(language: .english).read(try Plan(.cardKind))
        XCTAssertTrue(phone.saw.lines.contains("There are several cards. Hold only one."))
        XCTAssertEqual(phone.saw.restarts, 1)
    }

    func testWhatAnAppForgotIsSaidBeforeThereIsASheet() async throws {
        let phone = FakePhone(try DemoCard())
        let good = Self.info
        func without(_ key: String) -> [String: Any] { good.filter { $0.key != key } }
        func with(_ key: String, _ value: Any) -> [String: Any] { good.merging([key: value]) { $1 } }
        let provisioned = Data("…<key>com.apple.developer.nfc.readersession.formats</key>…".utf8)
        let cases: [(AppSettings, HostFailure?)] = [
            (AppSettings(info: good, profile: nil), nil),
            (AppSettings(info: good, profile: provisioned), nil),
            (AppSettings(info: [:], profile: nil), .missingUsageText),
            (AppSettings(info: with(AppSettings.usageKey, " "), profile: nil), .missingUsageText),
            (AppSettings(info: without(AppSettings.identifiersKey), profile: nil), .missingAID),
            (AppSettings(info: with(AppSettings.identifiersKey, ["D392F000260100000001"]), profile: nil), .missingAID),
            (AppSettings(info: with(AppSettings.identifiersKey, "D392F000260100000001"), profile: nil), .missingAID),
            (AppSettings(info: good, profile: Data("…".utf8)), .missingEntitlement),
        ]
        for (settings, missing) in cases {
            XCTAssertEqual(
                settings.missing([
                    "D3921000310001010100", "D392F000260100000001", "D3921000310001010408", "D3921000310001010402",
                ]), missing)
        }
        let error = await failure {
            _ = try await Self.reader(settings: { AppSettings(info: [:], profile: nil) }).read(try Plan(.cardKind))
        }
        XCTAssertEqual(error?.code, .missingUsageText)
        XCTAssertEqual(phone.saw.sessions, 0)
    }

    /// Less than the margin before the end, nothing more is sent: the system would end it in the middle of a secret.
    func testNothingIsSentIntoTheEndOfASession() async throws {
        let phone = FakePhone(try DemoCard())
        let (plan, secrets) = try signature(phone.card)
        let times = NFCSheet.Times(session: 1, margin: 1.1)
        let error = await failure { _ = try await Self.reader(times).read(plan, secrets: secrets) }
        XCTAssertEqual(error?.code, .sessionTimeout)
        XCTAssertEqual(error?.spent, false)
        XCTAssertEqual(phone.card.commands, 0)
        try await quiet(phone)
    }

    /// The user closes the sheet while the PIN is being checked: that a try may be spent is what matters.
    func testClosingTheSheetWhileAPINIsOnItsWaySaysSo() async throws {
        let count = Count()
        var decisions = FakePhone.Decisions()
        decisions.answers = {
            count.next() == 3 ? .ends(.readerSessionInvalidationErrorUserCanceled, commandFirst: true) : .answer
        }
        let phone = FakePhone(try DemoCard(), decisions)
        let secrets = Secrets()
        try secrets.give(.authPin, phone.card.secret(.authPin))
        let plan = try Plan(.signature(.userAuthentication, digest: Data(count: 32)))
        let error = await failure { _ = try await Self.reader().read(plan, secrets: secrets) }
        XCTAssertEqual(error?.code, .outcomeUnknown)
        XCTAssertNil(error?.spent)
        try await quiet(phone)
    }

    /// Whatever it waits for, a card or an answer that never comes: it ends now, and not with the session.
    func testCancellingWaitsForNothing() async throws {
        for commands in 0...2 {
            let count = Count()
            var decisions = FakePhone.Decisions()
            decisions.polls = { commands == 0 ? .nothing : .card }
            decisions.answers = { count.next() == commands ? .nothing : .answer }
            let phone = FakePhone(try DemoCard(), decisions)
            let (reader, plan) = (Self.reader(), try Plan(.certificate(.userAuthentication)))
            let reading = Task { () -> CardError? in
                await failure { _ = try await reader.read(plan) }
            }
            while phone.saw.sessions == 0 || phone.saw.commands < commands { try await Task.sleep(nanoseconds: 200_000) }
            let start = Date()
            reading.cancel()
            let error = await reading.value
            XCTAssertEqual(error?.code, .cancelled, "\(commands)")
            XCTAssertLessThan(Date().timeIntervalSince(start), 3, "\(commands)")
            XCTAssertEqual(phone.saw.commands, commands)
            try await quiet(phone)
        }
    }

    func testTheNextSheetWaitsUntilTheLastIsGone() async throws {
        var decisions = FakePhone.Decisions()
        decisions.delay = { 0.01 }
        let phone = FakePhone(try DemoCard(), decisions)
        for _ in 0..<3 { _ = try await Self.reader().read(try Plan(.cardKind)) }
        XCTAssertEqual(phone.saw.sessions, 3)
        XCTAssertEqual(phone.saw.collisions, 0)
        try await quiet(phone)
    }

    func testAPhoneThatNeverSaysThatASheetIsGoneIsNotWaitedForForEver() async throws {
        var decisions = FakePhone.Decisions()
        decisions.tells = { false }
        let phone = FakePhone(try DemoCard(), decisions)
        let reader = Self.reader(NFCSheet.Times(patience: 0.05))
        for _ in 0..<2 { _ = try await reader.read(try Plan(.cardKind)) }
        XCTAssertEqual(phone.saw.sessions, 2)
    }

    func testEveryErrorOfCoreNFCHasExactlyOneMeaning() {
        let meanings: [NFCReaderError.Code: NFCMeaning] = [
            .readerErrorUnsupportedFeature: .host(.nfcUnavailable),
            .readerErrorSecurityViolation: .host(.missingEntitlement),
            .readerErrorInvalidParameter: .host(.hostFailed),
            .readerErrorInvalidParameterLength: .host(.hostFailed),
            .readerErrorParameterOutOfBound: .host(.hostFailed),
            .readerErrorRadioDisabled: .host(.nfcOff),
            .readerErrorIneligible: .host(.nfcUnavailable),
            .readerErrorAccessNotAccepted: .host(.userCancelled),
            .readerTransceiveErrorTagConnectionLost: .link(.cardLost),
            .readerTransceiveErrorRetryExceeded: .link(.other),
            .readerTransceiveErrorTagResponseError: .link(.other),
            .readerTransceiveErrorSessionInvalidated: .link(.readerLost),
            .readerTransceiveErrorTagNotConnected: .link(.cardLost),
            .readerTransceiveErrorPacketTooLong: .link(.tooLong),
            .readerSessionInvalidationErrorUserCanceled: .host(.userCancelled),
            .readerSessionInvalidationErrorSessionTimeout: .host(.sessionTimeout),
            .readerSessionInvalidationErrorSessionTerminatedUnexpectedly: .host(.hostFailed),
            .readerSessionInvalidationErrorSystemIsBusy: .host(.systemBusy),
            .readerSessionInvalidationErrorFirstNDEFTagRead: .host(.hostFailed),
            .tagCommandConfigurationErrorInvalidParameters: .host(.hostFailed),
            .ndefReaderSessionErrorTagNotWritable: .host(.hostFailed),
            .ndefReaderSessionErrorTagUpdateFailure: .host(.hostFailed),
            .ndefReaderSessionErrorTagSizeTooSmall: .host(.hostFailed),
            .ndefReaderSessionErrorZeroLengthMessage: .host(.hostFailed),
        ]
        XCTAssertEqual(Set(meanings.keys), Set(NFCReaderError.Code.allCases))
        for (code, meaning) in meanings { XCTAssertEqual(NFCMeaning(code.rawValue), meaning, "\(code)") }
        XCTAssertEqual(NFCMeaning(9_999), .host(.hostFailed))
    }

    /// R11: the four cases of ISO/IEC 7816-3, short and extended, as Core NFC's parameters.
    func testTheGoldenTableOfCommandsAndCoreNFCParameters() throws {
        let pin = "31323334"
        let byte300 = String(repeating: "AA", count: 300)
        let table: [(String, UInt8, UInt8, UInt8, UInt8, String, Int)] = [
            // Case 1: VERIFY without a secret, which asks for the counter.
            ("00200080", 0x00, 0x20, 0x00, 0x80, "", -1),
            // Case 2 short.
            ("00B0000004", 0x00, 0xB0, 0x00, 0x00, "", 4),
            ("00B00000FF", 0x00, 0xB0, 0x00, 0x00, "", 255),
            ("00B0010000", 0x00, 0xB0, 0x01, 0x00, "", 256),
            // Case 2 extended.
            ("00B00000000800", 0x00, 0xB0, 0x00, 0x00, "", 2_048),
            ("00B00000000000", 0x00, 0xB0, 0x00, 0x00, "", 65_536),
            // Case 3 short: VERIFY, SELECT.
            ("0020008004\(pin)", 0x00, 0x20, 0x00, 0x80, pin, -1),
            ("00A4040C0AD392F000260100000001", 0x00, 0xA4, 0x04, 0x0C, "D392F000260100000001", -1),
            // Case 3 extended.
            ("80D6000000012C\(byte300)", 0x80, 0xD6, 0x00, 0x00, byte300, -1),
            ("00D600000000020102", 0x00, 0xD6, 0x00, 0x00, "0102", -1),
            // Case 4 short: COMPUTE DIGITAL SIGNATURE.
            ("802A008002303100", 0x80, 0x2A, 0x00, 0x80, "3031", 256),
            ("802A00800230310A", 0x80, 0x2A, 0x00, 0x80, "3031", 10),
            // Case 4 extended.
            ("802A008000000230310000", 0x80, 0x2A, 0x00, 0x80, "3031", 65_536),
            ("802A008000000230310100", 0x80, 0x2A, 0x00, 0x80, "3031", 256),
        ]
        for (command, cla, ins, p1, p2, data, le) in table {
            let parameters = try XCTUnwrap(CommandParameters(bytes(command)), command)
            XCTAssertEqual([parameters.cla, parameters.ins, parameters.p1, parameters.p2], [cla, ins, p1, p2], command)
            XCTAssertEqual(parameters.data, bytes(data), command)
            XCTAssertEqual(parameters.expectedResponseLength, le, command)
        }
        for nothing in ["", "00B000", "002000800431", "0020008004313233343536", "00B000000001", "00D6000000000201"] {
            XCTAssertNil(CommandParameters(bytes(nothing)), nothing)
        }
        XCTAssertEqual(response(bytes("0102"), 0x90, 0x00), bytes("01029000"))
        XCTAssertEqual(response(Data(), 0x63, 0xC2), bytes("63C2"))
    }

    private func bytes(_ hex: String) -> Data {
        let digits = hex.compactMap(\.hexDigitValue)
        return Data(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }

    /// Waits until no sheet is up: the caller of a reading does not.
    private func quiet(_ phone: FakePhone) async throws {
        for _ in 0..<5_000 where phone.sheetsUp > 0 { try await Task.sleep(nanoseconds: 1_000_000) }
        XCTAssertEqual(phone.sheetsUp, 0)
    }
}

/// 1, 2, 3, …
final class Count: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0
    func next() -> Int {
        lock.withLock {
            count += 1
            return count
        }
    }
}
