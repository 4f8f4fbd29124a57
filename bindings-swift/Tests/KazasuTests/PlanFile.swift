import Foundation
import Kazasu

/// A file of fixtures/plans: see the README there.
struct PlanFile {
    /// What a contact ends with, and what is given after it.
    struct Ending {
        let number: Int
        var left: String?
        var spent: String?
        var given: [Given] = []
    }

    enum Given {
        case secret(SecretKind, String)
        case lastTry(SecretKind)
    }

    var card = ("adult", "standard")
    var limits = CardLimits.short
    /// What is wanted, and what is signed later, by their place in the file.
    var asked: [Asked] = []
    var given: [Given] = []
    var endings: [Ending] = []
    var slip: Int?
    var needs: [[SecretKind]]?
    var commands: Int?
    var secrets: Int?
    /// Want, and the words after it.
    var expected: [(Int, [String])] = []
    /// The plan ends with its last error.
    var endsBadly = false

    enum Asked {
        case want(Want)
        case later(SigningKey, digest: Data)
    }

    struct Wrong: Error, CustomStringConvertible {
        let description: String
    }

    init(_ text: String) throws {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let colon = line.firstIndex(of: ":") else { throw Wrong(description: "no key: \(line)") }
            let words = line[line.index(after: colon)...].split(separator: " ").map(String.init)
            let key = String(line[..<colon])
            try take(key, words, of: line)
            // A slip is no end: the card comes back.
            if key == "error" { endsBadly = endings.last.map { $0.number / 100 != 3 } ?? false }
            if key == "give" || key == "allow-last-try" { endsBadly = false }
        }
    }

    private mutating func take(_ key: String, _ words: [String], of line: Substring) throws {
        let wrong = Wrong(description: "\(line)")
        func word(_ at: Int) throws -> String {
            guard at < words.count else { throw wrong }
            return words[at]
        }
        func number(_ at: Int) throws -> Int {
            guard let number = Int(try word(at)) else { throw wrong }
            return number
        }
        func secret(_ name: String) throws -> SecretKind {
            guard let kind = SecretKind(rawValue: name) else { throw wrong }
            return kind
        }
        switch key {
        case "card": card = (try word(0), try word(1))
        case "link": limits = try word(0) == "short" ? .short : .extended
        case "want": asked.append(try later(words, wrong) ?? .want(try want(words, wrong)))
        case "give": give(.secret(try secret(word(0)), try word(1)))
        case "allow-last-try": give(.lastTry(try secret(word(0))))
        case "slip": slip = try number(0)
        case "error":
            var ending = Ending(number: try number(0))
            if let at = words.firstIndex(of: "left") { ending.left = try word(at + 1) }
            if let at = words.firstIndex(of: "spent") { ending.spent = try word(at + 1) }
            endings.append(ending)
        case "expect": expected.append((try number(0), Array(words.dropFirst())))
        case "needs": needs = try words.map { try $0.split(separator: "|").map { try secret(String($0)) } }
        case "commands": commands = try number(0)
        case "secrets": secrets = try number(0)
        default: throw wrong
        }
    }

    private mutating func give(_ one: Given) {
        if endings.isEmpty { given.append(one) } else { endings[endings.count - 1].given.append(one) }
    }

    private func later(_ words: [String], _ wrong: Wrong) throws -> Asked? {
        switch words.first == "sign-later" ? Array(words.dropFirst()) : [] {
        case let words where words.count == 2 && words[0] == "auth":
            .later(.userAuthentication, digest: try data(hex: words[1], wrong))
        case let words where words.count == 2 && words[0] == "sign":
            .later(.signature, digest: try data(hex: words[1], wrong))
        default: nil
        }
    }

    private func want(_ words: [String], _ wrong: Wrong) throws -> Want {
        switch (words.first, words.dropFirst().first, words.dropFirst(2).first) {
        case ("card-kind", nil, nil): return .cardKind
        case ("certificates-present", nil, nil): return .certificatesPresent
        case ("card-record", nil, nil): return .cardRecord
        case ("tries", let name?, nil):
            guard let kind = SecretKind(rawValue: name) else { throw wrong }
            return .tries(kind)
        case ("certificate", "auth", nil): return .certificate(.userAuthentication)
        case ("certificate", "auth-ca", nil): return .certificate(.userAuthenticationCA)
        case ("certificate", "sign-ca", nil): return .certificate(.signingCA)
        case ("signing-certificate", nil, nil): return .signingCertificate
        case ("sign", "auth", let digest?): return .signature(.userAuthentication, digest: try data(hex: digest, wrong))
        case ("sign", "sign", let digest?): return .signature(.signature, digest: try data(hex: digest, wrong))
        case ("my-number", nil, nil): return .myNumber
        case ("attributes", nil, nil): return .attributes
        case ("face", nil, nil): return .face
        case ("presence", "text", let digest?): return .presence(.text, digest: try data(hex: digest, wrong))
        case ("presence", "surface", let digest?): return .presence(.surface, digest: try data(hex: digest, wrong))
        case ("municipality-certificate", "text", nil): return .municipalityCertificate(.text)
        case ("municipality-certificate", "surface", nil): return .municipalityCertificate(.surface)
        case ("authentication-key", nil, nil): return .authenticationKey
        case ("integrity-record", nil, nil): return .integrityRecord
        case ("birth-record", nil, nil): return .birthRecord
        default: throw wrong
        }
    }

    private func data(hex: String, _ wrong: Wrong) throws -> Data {
        guard hex.count % 2 == 0, hex.allSatisfy(\.isHexDigit) else { throw wrong }
        return Data(hex: hex)
    }
}

extension Data {
    /// Of pairs of hexadecimal digits.
    init(hex: String) {
        let digits = hex.compactMap(\.hexDigitValue)
        self.init(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }
}
