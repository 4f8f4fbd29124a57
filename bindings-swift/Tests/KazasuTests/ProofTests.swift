import Foundation
import Kazasu
import KazasuDemo
import KazasuPKI
import XCTest

/// Proofs for a server, certificates as people read them, and what the tables say.
final class ProofTests: XCTestCase {
    private let nonce = Data((0..<32).map { UInt8($0) })
    private let audience = "https://example.jp"

    func testEachPartIsProvenInOneTap() async throws {
        let whose: [(Set<CardProof.Part>, [SecretKind], LookedAtProof.Claim)] = [
            ([.text], [.textPin], .cardPresent), ([.attributes], [.textPin], .cardPresent),
            ([.face], [.numberB], .cardPresent), ([.birthDate], [.birthKey], .cardPresent),
            ([.holder(audience: audience)], [.authPin], .holderEnteredPIN),
        ]
        for (parts, kinds, claim) in whose {
            let card = try DemoCard()
            let proof = try CardProof(nonce: nonce, of: parts)
            let secrets = Secrets()
            for kind in kinds { try secrets.give(kind, card.secret(kind)) }
            let result = try await MyNumberCardReader(card).read(try Plan(proof.wants), secrets: secrets)
            XCTAssertEqual(card.secretsSent, 1)
            let json = try proof.json(from: result)
            let audience = claim == .holderEnteredPIN ? audience : nil
            let looked = try LookedAtProof(json, nonce: nonce, audience: audience, believing: .demo)
            XCTAssertTrue(looked.findings.isTest)
            // Nobody keeps nonces here.
            XCTAssertEqual(try looked.proves(claim).check, "nonce", "\(parts)")
            let without = ["nonce", "revocation"]
            XCTAssertEqual(try looked.proves(claim, without: without).outcome, .everythingAsked, "\(parts)")
            let other: LookedAtProof.Claim = claim == .cardPresent ? .holderEnteredPIN : .cardPresent
            XCTAssertNotEqual(try looked.proves(other, without: without).outcome, .everythingAsked)
            // Another nonce than the verifier's own.
            let replayed = try LookedAtProof(
                json, nonce: Data(repeating: 9, count: 32), audience: audience, believing: .demo)
            XCTAssertEqual(try replayed.proves(claim, without: without).outcome, .fails, "\(parts)")
            // Who believes J-LIS alone.
            let real = try LookedAtProof(json, nonce: nonce, audience: audience, believing: .production())
            XCTAssertNotEqual(try real.proves(claim, without: without).outcome, .everythingAsked, "\(parts)")
        }
    }

    func testAllOfItInOneTapSaysWhoItIs() async throws {
        let card = try DemoCard()
        let reader = MyNumberCardReader(card)
        let proof = try CardProof(nonce: nonce, of: [.attributes, .face, .birthDate, .holder(audience: audience)])
        // Beside another signature with the same key.
        let plan = try Plan(
            [.signature(.userAuthentication, digest: Data(count: 32)), .attributes] + proof.wants)
        let secrets = try Secrets.of(card, .textPin, .numberB, .birthKey, .authPin)
        let result = try await reader.read(plan, secrets: secrets)
        let json = try proof.json(from: result)
        let looked = try LookedAtProof(json, nonce: nonce, audience: audience, believing: .demo)
        let said = looked.said
        XCTAssertEqual(said.name, result.attributes?.name)
        XCTAssertEqual(said.address, result.attributes?.address)
        XCTAssertEqual(said.birth, result.face?.birth)
        XCTAssertEqual(said.sex, result.attributes?.sex)
        XCTAssertEqual(said.photo, result.face?.photo)
        XCTAssertEqual(result.birthRecord?.birth, said.birth)
        XCTAssertEqual(said.municipality?.count, 5)
        XCTAssertFalse("\(looked) \(proof) \(said)".contains(try XCTUnwrap(said.name)))
        // The result of another plan has not what it takes.
        let less = try await reader.read(try Plan(.cardKind))
        XCTAssertThrowsError(try proof.json(from: less)) { XCTAssertEqual(($0 as? CardError)?.code, .misuse) }
    }

    func testWhatIsNoProofIsRefused() throws {
        func code(_ body: () throws -> Void) -> CardError.Code? {
            do { try body() } catch { return (error as? CardError)?.code }
            return nil
        }
        XCTAssertEqual(code { _ = try CardProof(nonce: Data(count: 8), of: [.text]) }, .badArgument)
        XCTAssertEqual(code { _ = try CardProof(nonce: nonce, of: []) }, .misuse)
        XCTAssertEqual(
            code { _ = try CardProof(nonce: nonce, of: [.holder(audience: "a"), .holder(audience: "b")]) }, .misuse)
        XCTAssertEqual(
            code { _ = try LookedAtProof(Data("{}x".utf8), nonce: nonce, believing: .demo) }, .badArgument)
        XCTAssertEqual(code { _ = try LookedAtFile.cms(Data([0x30, 0x00]), believing: .demo) }, .notSigned)
        XCTAssertEqual(code { _ = try LookedAtFile.pdf(samplePDF(), believing: .demo) }, .notSigned)
        XCTAssertEqual(code { _ = try LookedAtFile.jws("a.b", believing: .demo) }, .notSigned)
        XCTAssertEqual(code { _ = try HolderCertificate(Data([0x30, 0x00]), of: .signature) }, .unreadable)
        XCTAssertEqual(code { _ = try Authorities.production([Data([0x30, 0x00])]) }, .badArgument)
        XCTAssertEqual(
            code { _ = try Authorities.production(DemoCard.authorities(over: .signature)) }, .badArgument)
    }

    func testACertificateSaysWhoseItIsAndForHowLong() async throws {
        let card = try DemoCard()
        let result = try await MyNumberCardReader(card).read(
            try Plan(.attributes, .signingCertificate, .certificate(.userAuthentication)),
            secrets: .of(card, .textPin, .signPassword))
        let signing = try HolderCertificate(try XCTUnwrap(result.signingCertificate), of: .signature)
        let holder = try XCTUnwrap(signing.holder())
        XCTAssertEqual(holder.name, result.attributes?.name)
        XCTAssertEqual(holder.address, result.attributes?.address)
        XCTAssertEqual(holder.birth, result.attributes?.birth)
        XCTAssertEqual(holder.sex, result.attributes?.sex)
        XCTAssertNotNil(holder.era)
        let validity = try signing.validity()
        XCTAssertEqual(validity.lastDay.count, 10)
        XCTAssertLessThan(validity.firstDay, validity.lastDay)
        XCTAssertGreaterThan(try XCTUnwrap(validity.daysLeft), 30)
        XCTAssertEqual(try signing.key(), .signature)
        XCTAssertEqual(try signing.algorithm(), "RS256")
        XCTAssertEqual(try signing.keyBits(), 2_048)
        XCTAssertFalse(try signing.policies().isEmpty)
        XCTAssertNil(try signing.authority(among: .production()))
        let findings = try signing.examine(believing: .demo)
        XCTAssertEqual(try findings.conclusion(without: ["revocation"]).outcome, .everythingAsked)

        let user = try HolderCertificate(
            try XCTUnwrap(result.certificate(.userAuthentication)), of: .userAuthentication)
        XCTAssertNil(try user.holder())
        // Said to be of the other key.
        let mistaken = try HolderCertificate(try XCTUnwrap(result.certificate(.userAuthentication)), of: .signature)
        XCTAssertEqual(try mistaken.examine(believing: .demo).conclusion(without: ["revocation"]).outcome, .fails)

        let expired = try DemoCard("expired")
        let old = try await MyNumberCardReader(expired).read(try Plan(.certificate(.userAuthentication)))
        let over = try HolderCertificate(
            try XCTUnwrap(old.certificate(.userAuthentication)), of: .userAuthentication)
        XCTAssertNil(try over.validity().daysLeft)
    }

    func testEveryLineHasItsWordsInBothLanguages() async throws {
        let card = try DemoCard()
        let result = try await MyNumberCardReader(card).read(try Plan(.certificate(.userAuthentication)))
        let certificate = try HolderCertificate(
            try XCTUnwrap(result.certificate(.userAuthentication)), of: .userAuthentication)
        let findings = try certificate.examine(believing: .demo)
        XCTAssertGreaterThan(findings.lines.count, 5)
        for line in findings.lines {
            let (english, japanese) = (line.words(in: .english), line.words(in: .japanese))
            XCTAssertFalse(english.check.isEmpty || english.by.isEmpty)
            XCTAssertNotEqual(english.check, japanese.check)
            XCTAssertEqual(english.because == nil, line.outcome == .holds)
            XCTAssertEqual(line.because == nil, line.outcome == .holds)
            XCTAssertEqual(line.by == .nobody, line.outcome == .notChecked, line.check)
        }
        let conclusion = try findings.conclusion()
        XCTAssertEqual(conclusion.outcome, .notEverything)
        XCTAssertEqual(conclusion.because, "not-asked")
        XCTAssertTrue(conclusion.isTest)
        XCTAssertNotEqual(conclusion.text(in: .english), conclusion.text(in: .japanese))
        XCTAssertThrowsError(try findings.conclusion(without: ["no-such-check"])) {
            XCTAssertEqual(($0 as? CardError)?.code, .badArgument)
        }
    }
}
