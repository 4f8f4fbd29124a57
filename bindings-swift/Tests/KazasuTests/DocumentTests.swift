import Foundation
import KazasuDemo
import KazasuPKI
import XCTest

@testable import Kazasu

/// Documents that are signed in the tap, over the simulated card.
final class DocumentTests: XCTestCase {
    private let file = Data("契約書".utf8)
    private let nonce = Data(repeating: 7, count: 32)

    func testAPDFIsSignedInOneTapWithOnePassword() async throws {
        let (card, original) = (try DemoCard(), samplePDF())
        let contract = try Document.pdf(original, showing: .nameAddressBirthDateAndSex)
        let plan = try Plan(signing: [contract])
        XCTAssertEqual(plan.secretsNeeded, [[.signPassword]])
        XCTAssertGreaterThan(plan.estimate.commands, 5)
        let result = try await MyNumberCardReader(card).read(plan, secrets: .of(card, .signPassword))
        let signed = try result.signed(contract)
        XCTAssertEqual(card.secretsSent, 1)
        XCTAssertEqual(signed.prefix(original.count), original)
        let looked = try LookedAtFile.pdf(signed, believing: .demo)
        XCTAssertEqual(looked.signatures.count, 1)
        let signature = try XCTUnwrap(looked.signatures.first)
        XCTAssertEqual(try signature.findings.conclusion().outcome, .notEverything)
        XCTAssertEqual(try signature.findings.conclusion().check, "revocation")
        XCTAssertEqual(try signature.findings.conclusion(without: ["revocation"]).outcome, .everythingAsked)
        XCTAssertEqual(signature.signedBytes.first?.lowerBound, 0)
        XCTAssertEqual(signature.signedBytes.last?.upperBound, signed.count)
        XCTAssertNil(looked.unsignedBytes)
        XCTAssertEqual(try signature.certificate?.holder()?.name.isEmpty, false)

        var changed = signed
        changed[40] ^= 1
        let twin = try XCTUnwrap(LookedAtFile.pdf(changed, believing: .demo).signatures.first)
        XCTAssertEqual(try twin.findings.conclusion(without: ["revocation"]).outcome, .fails)
        // Nobody believes a demonstration card who does not say so.
        let real = try XCTUnwrap(LookedAtFile.pdf(signed, believing: .production()).signatures.first)
        XCTAssertFalse(real.findings.isTest)
        XCTAssertNotEqual(try real.findings.conclusion(without: ["revocation"]).outcome, .everythingAsked)
    }

    func testEverythingIsSignedInOneTapWithEachSecretOnce() async throws {
        let card = try DemoCard()
        let reader = MyNumberCardReader(card)
        let registry = try Document.pdf(samplePDF(), showing: .nameAddressBirthDateAndSex)
        let pades = try Document.pdf(samplePDF(), showing: .nameAddressBirthDateAndSex, profile: .pades)
        let detached = try Document.cms(file, showing: .nameAddressBirthDateAndSex)
        let attached = try Document.cms(file, showing: .nameAddressBirthDateAndSex, place: .attached)
        let digested = try Document.cms(sha256: Data(hex: sha256(file)), showing: .nameAddressBirthDateAndSex)
        let message = try Document.jws(file)
        let login = try Document.login(origin: "https://example.jp", nonce: nonce.base64EncodedString())
        let all: [any SignableDocument] = [registry, pades, detached, attached, digested, message, login]
        let plan = try Plan(.attributes, .signingCertificate, signing: all + [registry])
        XCTAssertEqual(plan.documents.count, all.count)
        let secrets = try Secrets.of(card, .textPin, .authPin, .signPassword)
        let result = try await reader.read(plan, secrets: secrets)
        XCTAssertEqual(card.secretsSent, 3)
        XCTAssertEqual(result.items.count, 2)
        // The authority's certificate goes along, so that others need not look for it.
        let authority = try await reader.read(try Plan(.certificate(.signingCA))).certificate(.signingCA)
        for document in [detached, attached, digested] {
            XCTAssertNotNil(try result.signed(document).range(of: try XCTUnwrap(authority)))
        }
        XCTAssertNotNil(result.attributes)
        let authorities = try Authorities.demo
        for looked in [
            try LookedAtFile.pdf(result.signed(registry), believing: authorities),
            try LookedAtFile.pdf(result.signed(pades), believing: authorities),
            try LookedAtFile.cms(result.signed(detached), of: file, believing: authorities),
            try LookedAtFile.cms(result.signed(attached), believing: authorities),
            try LookedAtFile.cms(result.signed(digested), of: file, believing: authorities),
            try LookedAtFile.jws(result.signed(message), believing: authorities),
        ] {
            XCTAssertEqual(looked.signatures.count, 1)
            for signature in looked.signatures {
                XCTAssertTrue(signature.findings.isTest)
                XCTAssertEqual(try signature.findings.conclusion(without: ["revocation"]).outcome, .everythingAsked)
            }
        }
        XCTAssertEqual(try LookedAtFile.jws(result.signed(message), believing: authorities).payload, file)
        let other = try LookedAtFile.cms(result.signed(detached), of: file + [0], believing: authorities)
        XCTAssertEqual(try other.signatures.first?.findings.conclusion(without: ["revocation"]).outcome, .fails)
        let token = try JSONSerialization.jsonObject(with: Data(result.signed(login).utf8)) as? [String: Any]
        XCTAssertEqual(token?["format"] as? String, "web-eid:1.0")
    }

    /// Whoever signs after somebody else is told, and signs all the same only when the app says so.
    func testAPDFInWhichAnEarlierSignatureFailsIsRefusedUnlessItMay() async throws {
        let card = try DemoCard()
        func sign(_ contract: Document<Data>) async throws -> Data {
            try await MyNumberCardReader(card).read(
                try Plan(signing: [contract]), secrets: .of(card, .signPassword)
            ).signed(contract)
        }
        let first = try await sign(.pdf(samplePDF(), showing: .nameAddressBirthDateAndSex))
        let second = try await sign(.pdf(first, showing: .nameAddressBirthDateAndSex))
        XCTAssertEqual(try LookedAtFile.pdf(second, believing: .demo).signatures.count, 2)
        var changed = first
        let box = try XCTUnwrap(changed.range(of: Data("595 842".utf8)))
        changed[box.lowerBound] = UInt8(ascii: "9")
        let before = card.commands
        XCTAssertThrowsError(try Document.pdf(changed, showing: .nameAddressBirthDateAndSex)) { error in
            let error = error as? CardError
            XCTAssertEqual(error?.code, .pdfSignatureFails)
            XCTAssertEqual(error?.number, 472)
            XCTAssertEqual(error?.said(in: .english).what.contains("its content was changed"), true)
        }
        XCTAssertEqual(card.commands, before)
        let signed = try await sign(.pdf(changed, showing: .nameAddressBirthDateAndSex, earlier: .mayFail))
        let looked = try LookedAtFile.pdf(signed, believing: .demo).signatures
        XCTAssertEqual(try looked.map { try $0.findings.conclusion(without: ["revocation"]).outcome }, [.fails, .everythingAsked])
    }

    func testABareSignatureIsMadeWithEitherKeyAndLookedAtWithItsCertificate() async throws {
        let card = try DemoCard()
        let (signing, server) = (try Document.raw(file, key: .signature), try Document.raw(file, key: .userAuthentication))
        let same = try Document.raw(sha256: Data(hex: sha256(file)), key: .signature)
        XCTAssertFalse(signing.wantsAuthority)
        let plan = try Plan(.signingCertificate, .certificate(.userAuthentication), signing: [signing, server, same])
        let result = try await MyNumberCardReader(card).read(plan, secrets: .of(card, .signPassword, .authPin))
        XCTAssertEqual(try result.signed(signing).count, 256)
        XCTAssertEqual(try result.signed(signing), try result.signed(same))
        let own = try XCTUnwrap(result.signingCertificate)
        let other = try XCTUnwrap(result.certificate(.userAuthentication))
        for (signature, certificate, key) in [
            (try result.signed(signing), own, SigningKey.signature), (try result.signed(server), other, .userAuthentication),
        ] {
            func outcome(_ signature: Data, _ content: Data?) throws -> Conclusion.Outcome? {
                try LookedAtFile.raw(signature, certificate: certificate, key: key, of: content, believing: .demo)
                    .signatures.first?.findings.conclusion(without: ["revocation"]).outcome
            }
            XCTAssertEqual(try outcome(signature, file), .everythingAsked)
            XCTAssertEqual(try outcome(signature, file + [0]), .fails)
            XCTAssertEqual(try outcome(file, file), .fails)
            XCTAssertEqual(try outcome(signature, nil), .notEverything)
        }
        XCTAssertThrowsError(try LookedAtFile.raw(file, certificate: file, key: .signature, believing: .demo)) {
            XCTAssertEqual(($0 as? CardError)?.code, .unreadable)
        }
    }

    func testASignatureBesideALargeFileIsLookedAtByTheFilesDigest() async throws {
        let card = try DemoCard()
        let contract = try Document.cms(file, showing: .nameAddressBirthDateAndSex)
        let signed = try await MyNumberCardReader(card).read(
            try Plan(signing: [contract]), secrets: .of(card, .signPassword)
        ).signed(contract)
        for (content, outcome) in [(file, Conclusion.Outcome.everythingAsked), (file + [0], .fails)] {
            let looked = try LookedAtFile.cms(signed, sha256: Data(hex: sha256(content)), believing: .demo)
            XCTAssertEqual(try looked.signatures.first?.findings.conclusion(without: ["revocation"]).outcome, outcome)
        }
        XCTAssertThrowsError(try LookedAtFile.cms(signed, sha256: file, believing: .demo)) {
            XCTAssertEqual(($0 as? CardError)?.code, .misuse)
        }
    }

    func testATimestampOfTheDocumentIsToldFromASignature() throws {
        func field(_ name: String, _ value: Int) -> String {
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(\(name))/V \(value) 0 R/Rect[0 0 0 0]/F 132/P 3 0 R>>"
        }
        // CMS without a signature that would verify: with the content type of a timestamp, and of a file's.
        let token =
            "304F06092A864886F70D010702A04230400201033100300D060B2A86"
            + "4886F70D0109100104312A302802010130053000020101300B0609608648016503040201300D06092A864886F70D01010105000400"
        let cms =
            "304D06092A864886F70D010702A040303E0201033100300B06092A86"
            + "4886F70D010701312A302802010130053000020101300B0609608648016503040201300D06092A864886F70D01010105000400"
        func value(_ kind: String, _ cms: String) -> String {
            "<<\(kind)/Filter/Adobe.PPKLite/ByteRange[0 9 11 9]/Contents<\(cms + String(repeating: "0", count: 400))>>>"
        }
        let pdf = samplePDF(
            catalog: "/AcroForm<</Fields[5 0 R 7 0 R]/SigFlags 3>>",
            more: [
                field("Timestamp1", 6), value("/Type/DocTimeStamp/SubFilter/ETSI.RFC3161", token),
                field("Signature1", 8), value("/Type/Sig/SubFilter/adbe.pkcs7.detached", cms),
            ])
        let kinds = try LookedAtFile.pdf(pdf, believing: .demo).signatures.map { ($0.field, $0.isDocumentTimestamp) }
        XCTAssertEqual(kinds.filter(\.1).map(\.0), ["Timestamp1"])
        XCTAssertEqual(kinds.filter { !$0.1 }.map(\.0), ["Signature1"])
    }

    /// The card plays the authority: it signs what a timestamp says, under a certificate that nobody believes for that.
    func testATimestampIsAskedForAndAttachedAsBytes() async throws {
        let card = try DemoCard()
        let pades = try Document.pdf(samplePDF(), showing: .nameAddressBirthDateAndSex, profile: .pades)
        let registry = try Document.pdf(samplePDF(), showing: .nameAddressBirthDateAndSex)
        let beside = try Document.cms(file, showing: .nameAddressBirthDateAndSex)
        let result = try await MyNumberCardReader(card).read(
            try Plan(signing: [pades, registry, beside]), secrets: .of(card, .signPassword))
        let asked: [(TimestampRequest, (Data) throws -> LookedAtFile)] = [
            (try .pdf(result.signed(pades)), { try LookedAtFile.pdf($0, believing: .demo) }),
            (try .cms(result.signed(beside)), { try LookedAtFile.cms($0, of: self.file, believing: .demo) }),
        ]
        for (request, look) in asked {
            let answer = try await timestamp(answering: request.request)
            let signature = try XCTUnwrap(look(request.attach(answer)).signatures.first)
            XCTAssertEqual(signature.timestamp, Date(timeIntervalSince1970: 1_795_132_800))
            XCTAssertEqual(signature.findings.lines.first { $0.check == "timestamp-imprint" }?.outcome, .holds)
            XCTAssertEqual(try signature.findings.conclusion(without: ["revocation"]).outcome, .fails)
            for wrong in [file, answer.dropLast(), try await timestamp(answering: request.request, nonce: [2, 1, 7])] {
                XCTAssertThrowsError(try request.attach(wrong)) { XCTAssertEqual(($0 as? CardError)?.code, .timestampRefused) }
            }
        }
        let refusals: [(CardError.Code, () throws -> TimestampRequest)] = [
            (.timestampRefused, { try .pdf(result.signed(registry)) }), (.timestampRefused, { try .pdf(samplePDF()) }),
            (.timestampRefused, { try .cms(self.file) }), (.notSigned, { try .pdf(self.file) }),
        ]
        for (code, ask) in refusals {
            XCTAssertThrowsError(try ask()) { XCTAssertEqual(($0 as? CardError)?.code, code) }
        }
    }

    func testWhatCannotBeSignedIsRefusedBeforeThereIsACard() throws {
        let encrypted = samplePDF(trailer: "/Encrypt 4 0 R ")
        let refusals: [(CardError.Code, () throws -> any SignableDocument)] = [
            (.pdfEncrypted, { try Document.pdf(encrypted, showing: .nameAddressBirthDateAndSex) }),
            (.notAPDF, { try Document.pdf(self.file, showing: .nameAddressBirthDateAndSex) }),
            (.pdfDamaged, { try Document.pdf(samplePDF().prefix(200), showing: .nameAddressBirthDateAndSex) }),
            (.badArgument, { try Document.login(origin: "http://example.jp", nonce: self.nonce.base64EncodedString()) }),
            (.badArgument, { try Document.login(origin: "https://example.jp", nonce: "short") }),
            (.misuse, { try Document.cms(sha256: self.file, showing: .nameAddressBirthDateAndSex) }),
        ]
        for (code, make) in refusals {
            XCTAssertThrowsError(try make(), "\(code)") { error in
                let error = error as? CardError
                XCTAssertEqual(error?.code, code)
                XCTAssertEqual(error?.who, .caller)
                XCTAssertEqual(error?.spent, false)
                XCTAssertTrue(error?.said(in: .english).next.hasSuffix(".") == true, "\(code)")
                XCTAssertTrue(error?.said(in: .japanese).next.hasSuffix("。") == true, "\(code)")
            }
        }
    }

    /// Nothing is signed, the password's key is closed, and the sheet says so in the reader's language.
    func testAnExpiredCertificateIsRefusedInTheTapUnlessItIsAllowed() async throws {
        for (language, words) in [(CardLanguage.english, "expired"), (.japanese, "有効期限")] {
            let card = try DemoCard("expired")
            let keeping = Keeping(card)
            let contract = try Document.cms(file, showing: .nameAddressBirthDateAndSex)
            let error = await failure {
                _ = try await MyNumberCardReader(keeping, language: language)
                    .read(try Plan(signing: [contract]), secrets: .of(card, .signPassword))
            }
            XCTAssertEqual(error?.code, .certificateExpired)
            XCTAssertEqual(error?.who, .card)
            XCTAssertTrue(error?.what.contains(words) == true, error?.what ?? "")
            XCTAssertFalse(keeping.instructions.all.contains(0x2A))
            XCTAssertEqual(keeping.instructions.all.last, 0xA4)

            let allowed = try Document.cms(file, showing: .nameAddressBirthDateAndSex, expired: .allow)
            let result = try await MyNumberCardReader(card).read(
                try Plan(signing: [allowed]), secrets: .of(card, .signPassword))
            let looked = try LookedAtFile.cms(result.signed(allowed), of: file, believing: .demo)
            let conclusion = try XCTUnwrap(looked.signatures.first).findings.conclusion(without: ["revocation"])
            XCTAssertEqual(conclusion.outcome, .fails)
            XCTAssertEqual(conclusion.check, "validity")
        }
    }

    /// A slip after every number of answers, between certificate and signature too: it goes on by itself, and each
    /// document is signed.
    func testASlipAnywhereGoesOn() async throws {
        for answers in 0... {
            let card = try DemoCard()
            let slipping = Slipping(card, after: answers)
            let contract = try Document.pdf(samplePDF(), showing: .nameAddressBirthDateAndSex)
            let copy = try Document.cms(file, showing: .nameAddressBirthDateAndSex)
            let password = card.secret(.signPassword)
            let asked = Heard<CardError>()
            let result = try await MyNumberCardReader(slipping).read(
                try Plan(signing: [contract, copy]), secrets: .of(card, .signPassword)
            ) { error in
                asked.add(error)
                let again = Secrets()
                try? again.give(.signPassword, password)
                return again
            }
            for looked in [
                try LookedAtFile.pdf(result.signed(contract), believing: .demo),
                try LookedAtFile.cms(result.signed(copy), of: file, believing: .demo),
            ] {
                let conclusion = try looked.signatures.first?.findings.conclusion(without: ["revocation"])
                XCTAssertEqual(conclusion?.outcome, .everythingAsked, "\(answers)")
            }
            // Sent again only where the holder typed it again; asked for without need where only the authority's
            // certificate had been read, which tells no card from another.
            XCTAssertTrue((0...1).contains(1 + asked.all.count - card.secretsSent), "\(answers): \(asked.all)")
            if !slipping.didSlip {
                XCTAssertGreaterThan(answers, 15)
                break
            }
        }
    }

    func testCancellingAtTheDigestSignsNothingAndClosesTheKey() async throws {
        let card = try DemoCard()
        let keeping = Keeping(card)
        let asked = Heard<Int>()
        let document = OwnDocument { certificate in
            asked.add(certificate.count)
            withUnsafeCurrentTask { $0?.cancel() }
            return Data(repeating: 7, count: 32)
        }
        let plan = try Plan(signing: [document])
        let reading = Task {
            await failure { _ = try await MyNumberCardReader(keeping).read(plan, secrets: .of(card, .authPin)) }
        }
        let error = await reading.value
        XCTAssertEqual(error?.code, .cancelled)
        XCTAssertEqual(asked.all, [1_590])
        XCTAssertEqual(card.secretsSent, 1)
        XCTAssertFalse(keeping.instructions.all.contains(0x2A))
        XCTAssertEqual(keeping.instructions.all.last, 0xA4)
    }

    /// Its own error ends the reading, and a digest that is none is refused.
    func testADocumentThatRefusesSignsNothingAndClosesTheKey() async throws {
        struct Refusal: Error {}
        let right = Data(repeating: 7, count: 32)
        let cases: [(CardError.Code?, @Sendable (Data) throws -> Data)] = [
            (.hostFailed, { _ in throw Refusal() }), (.cancelled, { _ in throw CancellationError() }),
            (.misuse, { _ in right.dropLast() }), (nil, { _ in right }),
        ]
        for (code, makes) in cases {
            let card = try DemoCard()
            let keeping = Keeping(card)
            let document = OwnDocument(.userAuthentication, makes)
            let signed = Heard<Data>()
            let error = await failure {
                let result = try await MyNumberCardReader(keeping)
                    .read(try Plan(signing: [document]), secrets: .of(card, .authPin))
                signed.add(try result.signed(document))
            }
            XCTAssertEqual(error?.code, code)
            XCTAssertEqual(keeping.instructions.all.contains(0x2A), code == nil, "\(String(describing: code))")
            XCTAssertEqual(keeping.instructions.all.last, 0xA4)
            XCTAssertEqual(signed.all.map(\.count), code == nil ? [256] : [])
        }
    }

    func testADocumentIsSignedOnceAndOnlyInItsPlan() async throws {
        let card = try DemoCard()
        let (login, other) = (try login(), try login())
        let plan = try Plan(signing: [login])
        let reader = MyNumberCardReader(card)
        let result = try await reader.read(plan, secrets: .of(card, .authPin))
        XCTAssertFalse(try result.signed(login).isEmpty)
        XCTAssertThrowsError(try result.signed(other)) { XCTAssertEqual(($0 as? CardError)?.code, .misuse) }
        // It is used up, which is said before there is a card.
        let before = card.commands
        let error = await failure { _ = try await reader.read(plan, secrets: .of(card, .authPin)) }
        XCTAssertEqual(error?.code, .misuse)
        XCTAssertEqual(card.commands, before)
        XCTAssertThrowsError(try Plan(signing: [login])) { XCTAssertEqual(($0 as? CardError)?.code, .misuse) }
    }

    /// A signature that the certificate does not verify does not leave; what else came of the plan does.
    func testWhatCannotBeFinishedIsThatDocumentsOwnError() async throws {
        let card = try DemoCard()
        let (login, message) = (try login(), try Document.jws(file))
        let result = try await MyNumberCardReader(Garbling(card)).read(
            try Plan(.cardKind, signing: [login, message]), secrets: .of(card, .authPin))
        XCTAssertEqual(result.cardKind, .myNumber)
        XCTAssertThrowsError(try result.signed(login)) { XCTAssertEqual(($0 as? CardError)?.code, .signatureWrong) }
        XCTAssertFalse(try result.signed(message).isEmpty)
    }

    /// A holder under 15 has no certificate to sign with.
    func testACardWithoutTheCertificateSignsNothing() async throws {
        let card = try DemoCard("child")
        let contract = try Document.cms(file, showing: .nameAddressBirthDateAndSex)
        let secrets = try Secrets.of(card, .signPassword)
        let error = await failure {
            _ = try await MyNumberCardReader(card).read(try Plan(signing: [contract]), secrets: secrets)
        }
        XCTAssertEqual(error?.code, .absent)
    }

    func testACertificateOfTheOtherKeyIsRefused() async throws {
        let card = try DemoCard()
        // One reader: the next reading waits until the card has gone from the field.
        let reader = MyNumberCardReader(card)
        let result = try await reader.read(try Plan(.certificate(.userAuthentication)))
        let contract = try Document.cms(file, showing: .nameAddressBirthDateAndSex)
        let certificate = try XCTUnwrap(result.certificate(.userAuthentication))
        XCTAssertThrowsError(try contract.digest(certificate: certificate, authority: nil)) {
            XCTAssertEqual(($0 as? CardError)?.code, .misuse)
        }
        XCTAssertThrowsError(try contract.digest(certificate: file, authority: nil)) {
            XCTAssertEqual(($0 as? CardError)?.code, .unreadable)
        }
        XCTAssertThrowsError(try contract.finish(signature: Data(count: 256))) {
            XCTAssertEqual(($0 as? CardError)?.code, .misuse)
        }
        // Nothing of it is lost: with the right certificate it can be signed.
        let signed = try await reader.read(
            try Plan(signing: [contract]), secrets: .of(card, .signPassword)
        ).signed(contract)
        XCTAssertFalse(signed.isEmpty)
    }

    /// What holds something of a person shows nothing of it.
    func testDocumentsAndResultsShowNothing() async throws {
        let card = try DemoCard()
        let message = try Document.jws(Data("山田".utf8))
        let result = try await MyNumberCardReader(card).read(
            try Plan(.signingCertificate, signing: [message]), secrets: .of(card, .authPin, .signPassword))
        let certificate = try HolderCertificate(try XCTUnwrap(result.signingCertificate), of: .signature)
        let holder = try XCTUnwrap(certificate.holder())
        let looked = try LookedAtFile.jws(result.signed(message), believing: .demo)
        var printed = "\(result) \(message) \(certificate) \(holder) \(looked) \(looked.signatures)"
        for one in [result, message, certificate, holder, looked] as [Any] { dump(one, to: &printed) }
        for shown in ["山田", holder.name, holder.birth, "payload"] { XCTAssertFalse(printed.contains(shown), printed) }
    }

    private func login() throws -> Document<String> {
        try .login(origin: "https://example.jp", nonce: nonce.base64EncodedString())
    }
}

/// A card whose first signature has one bit turned.
private final class Garbling: CardChannel {
    private let card: DemoCard
    private let signed = Heard<Int>()

    init(_ card: DemoCard) { self.card = card }

    func transceive(_ command: Data) async throws -> Data {
        var answer = try await card.transceive(command)
        if command[1] == 0x2A {
            signed.add(answer.count)
            if signed.all.count == 1 { answer[20] ^= 1 }
        }
        return answer
    }
}
