// Reads, unlocks and signs with the simulated card: `scripts/swift examples` builds and runs it. Nothing that is shown is a real person's.
import Foundation
import Kazasu
import KazasuDemo
import KazasuPKI

let card = try DemoCard("adult")
let reader = MyNumberCardReader(card, language: .english)

// 1. What is wanted, and what it takes, before there is a card.
let digest = Data(repeating: 0x5A, count: 32)
let plan = try Plan(
    .cardKind, .tries(.signPassword), .attributes, .certificate(.userAuthentication),
    .signature(.userAuthentication, digest: digest))
print("needed: \(plan.secretsNeeded.map { $0.map(\.rawValue).joined(separator: " or ") })")
print("estimated: \(plan.estimate.commands) commands, \(plan.estimate.bytes) bytes, \(plan.estimate.seconds) s")

// 2. A wrong PIN first: the reading asks, with the card still there, and says how many tries are left.
let secrets = Secrets()
try secrets.give(.textPin, card.secret(.textPin))
try secrets.give(.authPin, "9999")
let right = card.secret(.authPin)
do {
    let result = try await reader.read(plan, secrets: secrets) { error in
        print("\(error): \(error.what) \(error.next)")
        let again = Secrets()
        try? again.give(.authPin, right)
        return again
    }
    print("\(result)  <- shows nothing by itself")
    print("name: \(result.attributes?.name ?? "-"), birth: \(result.attributes?.birth ?? "-")")
    print("tries left of the password: \(result.tries(.signPassword).map { "\($0)" } ?? "-")")
    print("certificate: \(result.certificate(.userAuthentication)?.count ?? 0) bytes")
    print("signature: \(result.signatures(.userAuthentication).first?.count ?? 0) bytes")
} catch {
    print("\(error): \(error.what) \(error.next)")
    exit(1)
}

// 3. A PIN is changed, and an error is told in Japanese.
try await reader.changePIN(.authPin, from: Secret(right), to: Secret("5678"))
do {
    let old = Secrets()
    try old.give(.authPin, right)
    let plan = try Plan(.signature(.userAuthentication, digest: digest))
    _ = try await MyNumberCardReader(card, language: .japanese).read(plan, secrets: old)
    exit(1)
} catch {
    print("\(error): \(error.what)\(error.next)")
}

// 4. A file is signed in one tap with one password, and looked at: what was checked, and what was not.
let contract = Data("契約書".utf8)
let document = try Document.cms(contract, showing: .nameAddressBirthDateAndSex)
let password = Secrets()
try password.give(.signPassword, card.secret(.signPassword))
let signed = try await reader.read(try Plan(signing: [document]), secrets: password).signed(document)
let believed = try Authorities.testOnly(
    signing: DemoCard.authorities(over: .signature), userAuthentication: DemoCard.authorities(over: .userAuthentication))
print("signed: \(signed.count) bytes")
for signature in try LookedAtFile.cms(signed, of: contract, believing: believed).signatures {
    for line in signature.findings.lines {
        let words = line.words(in: .english)
        print("\(line.outcome): \(words.check) \(words.because ?? "") (\(words.by))")
    }
    print(try signature.findings.conclusion().text(in: .english))
}
