import Foundation

/// What an app must say in its settings before Core NFC works. The system's own complaint about a missing one says
/// nothing, or nothing useful.
struct AppSettings: Sendable {
    static let usageKey = "NFCReaderUsageDescription"
    static let identifiersKey = "com.apple.developer.nfc.readersession.iso7816.select-identifiers"
    static let entitlement = "com.apple.developer.nfc.readersession.formats"

    private let usage: String
    private let listed: Set<String>
    /// `embedded.mobileprovision`, which a development build has and an App Store build has not.
    private let profile: Data?

    init(info: [String: Any], profile: Data?) {
        usage = info[Self.usageKey] as? String ?? ""
        listed = Set((info[Self.identifiersKey] as? [String] ?? []).map { $0.uppercased() })
        self.profile = profile
    }

    static var ofApp: AppSettings {
        let profile = Bundle.main.url(forResource: "embedded", withExtension: "mobileprovision")
        return AppSettings(info: Bundle.main.infoDictionary ?? [:], profile: profile.flatMap { try? Data(contentsOf: $0) })
    }

    /// What is missing first, or nothing. An entitlement that only an App Store build lacks shows when the session
    /// begins.
    func missing(_ needed: [String]) -> HostFailure? {
        if usage.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty { return .missingUsageText }
        if !listed.isSuperset(of: needed) { return .missingAID }
        // The property list in it is signed, not encrypted.
        if let profile, profile.range(of: Data(Self.entitlement.utf8)) == nil { return .missingEntitlement }
        return nil
    }
}
