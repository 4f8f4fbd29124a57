import Foundation
import Kazasu
import KazasuDemo
import XCTest

/// The API as an app uses it, over the simulated card.
final class ReadingTests: XCTestCase {
    private let digest = Data(repeating: 0x5A, count: 32)

    func testOneTapGivesAllThatWasWanted() async throws {
        let card = try DemoCard()
        let plan = try Plan(
            .cardKind, .certificatesPresent, .cardRecord, .tries(.signPassword), .certificate(.userAuthentication),
            .certificate(.signingCA), .attributes, .myNumber, .signature(.userAuthentication, digest: digest),
            .signature(.signature, digest: digest), .signingCertificate)
        XCTAssertEqual(plan.secretsNeeded, [[.textPin, .numberB], [.textPin, .numberA], [.authPin], [.signPassword]])
        let secrets = Secrets()
        for kind in [SecretKind.textPin, .authPin, .signPassword] { try secrets.give(kind, card.secret(kind)) }
        let result = try await MyNumberCardReader(card).read(plan, secrets: secrets)
        XCTAssertEqual(result.items.count, 11)
        XCTAssertEqual(result.cardKind, .myNumber)
        XCTAssertEqual(result.certificatesPresent?.signing, true)
        XCTAssertEqual(result.cardRecord?.expiry, "20350217")
        XCTAssertEqual(result.tries(.signPassword), .left(5))
        XCTAssertEqual(result.certificate(.userAuthentication)?.count, 1_590)
        XCTAssertNotNil(result.certificate(.signingCA))
        XCTAssertNil(result.certificate(.userAuthenticationCA))
        XCTAssertEqual(result.myNumber?.digits.count, 12)
        XCTAssertEqual(result.attributes?.birth.count, 8)
        XCTAssertEqual(result.signatures(.userAuthentication).map(\.count), [256])
        XCTAssertNotNil(result.signingCertificate)
        XCTAssertNil(result.face)
        XCTAssertEqual(card.secretsSent, 3)
    }

    func testTheFaceIsOpenedByNumberB() async throws {
        let card = try DemoCard()
        let secrets = Secrets()
        try secrets.give(.numberB, card.secret(.numberB))
        let face = try await MyNumberCardReader(card).read(try Plan(.face), secrets: secrets).face
        XCTAssertEqual(face?.nameImage.prefix(4), Data([0x89, 0x50, 0x4E, 0x47]))
        XCTAssertGreaterThan(face?.photo.count ?? 0, 1_000)
    }

    func testAWrongPINSaysHowManyAreLeftInTheLanguageOfTheReader() async throws {
        let card = try DemoCard()
        for (language, words) in [(CardLanguage.japanese, "残り2回"), (.english, "1 try is left")] {
            let secrets = Secrets()
            try secrets.give(.authPin, "9999")
            let reader = MyNumberCardReader(card, language: language)
            let error = await failure { _ = try await reader.read(try signing, secrets: secrets) }
            XCTAssertEqual(error?.code, .wrongSecret)
            XCTAssertEqual(error?.secret, .authPin)
            XCTAssertEqual(error?.spent, true)
            XCTAssertEqual(error?.who, .user)
            XCTAssertTrue(error!.what.contains(words) || error!.next.contains(words), error!.what)
            XCTAssertEqual(error?.errorDescription, error?.what)
        }
        XCTAssertEqual(card.secretsSent, 2)
    }

    func testTheQuestionDecidesWhetherToGoOn() async throws {
        let card = try DemoCard()
        let secrets = Secrets()
        try secrets.give(.authPin, "9999")
        let asked = Heard<CardError>()
        let right = card.secret(.authPin)
        let result = try await MyNumberCardReader(card).read(try signing, secrets: secrets) { error in
            asked.add(error)
            let more = Secrets()
            try? more.give(.authPin, right)
            return more
        }
        XCTAssertEqual(result.signatures(.userAuthentication).count, 1)
        XCTAssertEqual(asked.all.map(\.triesLeft), [2])
        XCTAssertEqual(card.secretsSent, 2)
    }

    func testTheLastTryNeedsAYes() async throws {
        let card = try DemoCard()
        let reader = MyNumberCardReader(card)
        for left in [2, 1] {
            let secrets = Secrets()
            try secrets.give(.textPin, "9999")
            let error = await failure { _ = try await reader.read(try Plan(.attributes), secrets: secrets) }
            XCTAssertEqual(error?.triesLeft, left)
        }
        let refused = Secrets()
        try refused.give(.textPin, card.secret(.textPin))
        let error = await failure { _ = try await reader.read(try Plan(.attributes), secrets: refused) }
        XCTAssertEqual(error?.code, .lastTry)
        XCTAssertEqual(error?.spent, false)
        let allowed = Secrets()
        try allowed.give(.textPin, card.secret(.textPin))
        allowed.allowLastTry(.textPin)
        let result = try await reader.read(try Plan(.attributes), secrets: allowed)
        XCTAssertNotNil(result.attributes)
    }

    func testASecretThatIsMissingIsSaidBeforeThereIsACard() async throws {
        let card = try DemoCard()
        let error = await failure { _ = try await MyNumberCardReader(card).read(signing) }
        XCTAssertEqual(error?.code, .secretRequired)
        XCTAssertEqual(error?.needs, [.authPin])
        XCTAssertFalse(error!.what.isEmpty)
        XCTAssertEqual(card.commands, 0)
    }

    func testWhatCannotBeASecretIsRefusedWhenItIsGiven() throws {
        let secrets = Secrets()
        XCTAssertThrowsError(try secrets.give(.authPin, "12a4")) { error in
            XCTAssertEqual((error as? CardError)?.code, .secretFormat)
            XCTAssertEqual((error as? CardError)?.secret, .authPin)
            XCTAssertFalse("\(error)".contains("12a4"))
        }
        XCTAssertThrowsError(try Plan([])) { XCTAssertEqual(($0 as? CardError)?.code, .misuse) }
        XCTAssertThrowsError(try Plan(.signature(.signature, digest: Data(count: 20)))) {
            XCTAssertEqual(($0 as? CardError)?.code, .misuse)
        }
    }

    func testSecretsAreTakenOnce() async throws {
        let card = try DemoCard()
        let secrets = Secrets()
        try secrets.give(.authPin, card.secret(.authPin))
        let reader = MyNumberCardReader(card)
        _ = try await reader.read(try signing, secrets: secrets)
        let error = await failure { _ = try await reader.read(try signing, secrets: secrets) }
        XCTAssertEqual(error?.code, .secretRequired)
    }

    func testBytesThatASecretTakesAreWiped() throws {
        var typed = Array("1234".utf8)
        let secret = Secret(wiping: &typed)
        XCTAssertEqual(typed, [])
        XCTAssertEqual("\(secret)", "Secret(…)")
        secret.wipe()
        XCTAssertThrowsError(try Secrets().give(.authPin, secret))
    }

    func testAPINIsChanged() async throws {
        let card = try DemoCard()
        let reader = MyNumberCardReader(card)
        try await reader.changePIN(.authPin, from: Secret(card.secret(.authPin)), to: Secret("5678"))
        let secrets = Secrets()
        try secrets.give(.authPin, "5678")
        let result = try await reader.read(try signing, secrets: secrets)
        XCTAssertEqual(result.signatures(.userAuthentication).count, 1)
        let inJapanese = MyNumberCardReader(card, language: .japanese)
        let error = await failure {
            try await inJapanese.changePIN(.authPin, from: Secret("5678"), to: Secret("123"))
        }
        XCTAssertEqual(error?.code, .secretFormat)
        // The Kotlin library says the same.
        XCTAssertEqual(error?.what, "利用者証明用電子証明書の暗証番号(数字4桁)の形式ではありません。正しくは4文字です。")
    }

    /// The reason stands in it, in the user's language.
    func testAPlanThatCannotBeSaysWhy() {
        let tooShort = Want.signature(.signature, digest: Data(count: 20))
        for (wants, why) in [([], "a plan has 1 to 64 items"), ([tooShort], "32, 48 or 64 bytes")] {
            XCTAssertThrowsError(try Plan(wants)) { XCTAssertTrue(($0 as? CardError)?.what.contains(why) == true, "\($0)") }
        }
    }

    /// On a channel that leaves the card its power, what was opened is closed by one more command: SELECT.
    func testWhatASecretOpenedIsClosedOnLeaving() async throws {
        for (typed, selects) in [("1234", 2), ("9999", 2), (nil, 1)] {
            let keeping = Keeping(try DemoCard())
            let secrets = Secrets()
            if let typed { try secrets.give(.authPin, typed) }
            let plan = try typed == nil ? Plan(.cardKind) : signing
            let error = await failure { _ = try await MyNumberCardReader(keeping).read(plan, secrets: secrets) }
            XCTAssertEqual(error?.code, typed == "9999" ? .wrongSecret : nil)
            XCTAssertEqual(keeping.instructions.all.filter { $0 == 0xA4 }.count, selects)
            if typed != nil { XCTAssertEqual(keeping.instructions.all.last, 0xA4) }
        }
    }

    /// What was read before everything began anew is told again when it is read again.
    func testAnItemIsToldAgainWhenEverythingBeginsAnew() async throws {
        let card = try DemoCard()
        let pin = card.secret(.textPin)
        let secrets = Secrets()
        try secrets.give(.textPin, pin)
        let told = Heard<Int>()
        // SELECT, counter, PIN, the number; the attributes are lost, and nothing proves the card.
        let slipping = Slipping(card, after: 4)
        _ = try await MyNumberCardReader(slipping).read(try Plan(.myNumber, .attributes), secrets: secrets) { _ in
            let again = Secrets()
            try? again.give(.textPin, pin)
            return again
        } onProgress: {
            if case .read(let want, _) = $0 { told.add(want) }
        }
        XCTAssertEqual(told.all, [0, 0, 1])
    }

    /// A change is made in one contact: where the card slips away, it says so, and whether anybody can know what came
    /// of it.
    func testASlipEndsAChange() async throws {
        var unknown = 0
        for answers in 0... {
            let card = try DemoCard()
            let slipping = Slipping(card, after: answers)
            let pin = card.secret(.authPin)
            let error = await failure {
                try await MyNumberCardReader(slipping).changePIN(.authPin, from: Secret(pin), to: Secret("5678"))
            }
            if !slipping.didSlip {
                XCTAssertNil(error)
                XCTAssertGreaterThan(answers, 2)
                break
            }
            XCTAssertTrue(error?.code == .cardLost || error?.code == .outcomeUnknown, "\(answers): \(String(describing: error))")
            XCTAssertEqual(slipping.reconnects, 0)
            unknown += error?.code == .outcomeUnknown ? 1 : 0
        }
        XCTAssertGreaterThan(unknown, 0)
    }

    /// A slip after every number of answers: the reading goes on by itself, and no secret is sent a second time unless
    /// it was asked for.
    func testASlipAnywhereGoesOn() async throws {
        for answers in 0... {
            let card = try DemoCard()
            let slipping = Slipping(card, after: answers)
            let pin = card.secret(.authPin)
            let secrets = Secrets()
            try secrets.give(.authPin, pin)
            let asked = Heard<CardError>()
            let plan = try Plan(
                .certificate(.userAuthentication), .tries(.textPin),
                .signature(.userAuthentication, digest: digest))
            let slips = Heard<CardError>()
            do {
                let result = try await MyNumberCardReader(slipping).read(plan, secrets: secrets) { error in
                    asked.add(error)
                    let more = Secrets()
                    try? more.give(.authPin, pin)
                    return more
                } onProgress: {
                    if case .cardLost(let error) = $0 { slips.add(error) }
                }
                XCTAssertEqual(result.certificate(.userAuthentication)?.count, 1_590, "\(answers)")
                XCTAssertEqual(result.signatures(.userAuthentication).count, 1)
            } catch {
                XCTFail("\(answers): \(error)")
            }
            XCTAssertEqual(card.secretsSent, 1 + asked.all.count, "\(answers)")
            if !slipping.didSlip {
                XCTAssertEqual(slips.all.count, 0)
                XCTAssertGreaterThan(answers, 5)
                break
            }
            XCTAssertEqual(slips.all.count + asked.all.filter { $0.code == .outcomeUnknown }.count, 1, "\(answers)")
        }
    }

    /// Without a ask, a slip that costs a secret is the error; the holder is not made to hold the card there for
    /// nothing.
    func testASlipThatCostsASecretEndsIt() async throws {
        let card = try DemoCard()
        let secrets = Secrets()
        try secrets.give(.authPin, card.secret(.authPin))
        let slipping = Slipping(card, after: 3)
        let error = await failure {
            _ = try await MyNumberCardReader(slipping).read(try signing, secrets: secrets)
        }
        XCTAssertEqual(error?.code, .cardLost)
        XCTAssertEqual(slipping.reconnects, 0)
    }

    func testACardThatNeverStaysIsGivenUp() async throws {
        let never = Slipping(try DemoCard(), after: 0, always: true)
        let error = await failure { _ = try await MyNumberCardReader(never).read(try Plan(.cardKind)) }
        XCTAssertEqual(error?.code, .cardLost)
        XCTAssertEqual(never.reconnects, 8)
    }

    func testCancellingATaskStopsWithinOneExchange() async throws {
        for answers in 0..<6 {
            let card = try DemoCard()
            let stuck = Stuck(card, after: answers)
            let secrets = Secrets()
            try secrets.give(.authPin, card.secret(.authPin))
            let plan = try Plan(.certificate(.userAuthentication), .signature(.userAuthentication, digest: digest))
            let reading = Task { () -> CardError? in
                await failure { _ = try await MyNumberCardReader(stuck).read(plan, secrets: secrets) }
            }
            await stuck.isStuck()
            let before = card.commands
            reading.cancel()
            let error = await reading.value
            // Where the PIN was on its way, nobody knows; it is never just cancelled.
            XCTAssertTrue(error?.code == .cancelled || error?.code == .outcomeUnknown, "\(answers): \(String(describing: error))")
            XCTAssertEqual(error?.code == .outcomeUnknown, error?.spent == nil && error != nil)
            XCTAssertEqual(card.commands, before)
        }
    }

    func testAChannelThatKnowsItsAntennaSaysWhereToHoldTheCard() async throws {
        struct Placed: CardChannel {
            let place: CardPlace?
            let heard: Heard<String>
            func open(_ line: String) async throws { heard.add(line) }
            func transceive(_ command: Data) async throws -> Data { Data([0x6A, 0x82]) }
        }
        let heard = Heard<String>()
        for place in CardPlace.allCases.map(Optional.some) + [nil] {
            let reader = MyNumberCardReader(Placed(place: place, heard: heard), language: .english)
            _ = await failure { _ = try await reader.read(try Plan(.cardKind)) }
        }
        let places =
            ["the upper part of the phone's back", "the middle of the phone's back"]
            + ["the lower part of the phone's back", "the phone"]
        XCTAssertEqual(heard.all, places.map { "Hold your My Number card to \($0) and keep it there." })
    }

    func testAnEmptyChannelIsEnough() async throws {
        struct Nothing: CardChannel {
            func transceive(_ command: Data) async throws -> Data { Data([0x6A, 0x82]) }
        }
        let error = await failure {
            _ = try await MyNumberCardReader(Nothing()).read(try Plan(.attributes), secrets: Secrets()) { _ in nil }
        }
        XCTAssertNotNil(error)
    }

    func testTwoReadingsOfOneReaderComeOneAfterTheOther() async throws {
        let card = try DemoCard()
        let reader = MyNumberCardReader(card)
        let secrets = (0..<8).map { _ in Secrets() }
        for each in secrets { try each.give(.authPin, card.secret(.authPin)) }
        let plan = try signing
        let good = await withTaskGroup(of: Bool.self) { group in
            for each in secrets {
                group.addTask { (try? await reader.read(plan, secrets: each))?.signatures(.userAuthentication).count == 1 }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        XCTAssertEqual(good, 8)
        XCTAssertEqual(card.secretsSent, 8)
    }

    func testThereIsNoNFCHere() async throws {
        let error = await failure { _ = try await MyNumberCardReader(language: .japanese).read(try Plan(.cardKind)) }
        XCTAssertTrue([.nfcUnavailable, .missingUsageText].contains(error?.code), "\(String(describing: error))")
        XCTAssertFalse(error!.what.isEmpty)
    }

    private var signing: Plan {
        get throws { try Plan(.signature(.userAuthentication, digest: digest)) }
    }
}
