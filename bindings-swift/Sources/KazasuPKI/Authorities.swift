internal import KazasuPKIBindings
import Foundation
import Kazasu

/// Whom a verification believes.
public final class Authorities: Sendable {
    let bridged: KazasuPKIBindings.Authorities

    private init(_ make: () throws -> KazasuPKIBindings.Authorities) throws(CardError) {
        bridged = try told(make)
    }

    /// Those of J-LIS. Their certificates are public, but not in here: hand in those of the card
    /// (``Kazasu/CertificateKind/signingCA``) or of files of J-LIS's, in DER; what is not one of the pinned ones is
    /// refused. Certificates that go along with a signature or a proof need not be handed in.
    ///
    /// - Throws: ``Kazasu/CardError`` 456: one is not of J-LIS's.
    public static func production(
        _ certificates: [Data] = [], timestampAuthorities: [Data] = []
    ) throws(CardError) -> Authorities {
        try Authorities {
            try .production(certificates: certificates, timestampAuthorities: timestampAuthorities)
        }
    }

    /// Only these, and every result is stamped as a test's. Never in an app that meets real cards.
    ///
    /// - Parameters:
    ///   - signing: above certificates for signing, DER.
    ///   - userAuthentication: above certificates for user authentication, DER.
    ///   - municipal: above municipalities' certificates.
    ///   - timestampAuthorities: whose timestamps to believe, DER.
    /// - Throws: ``Kazasu/CardError`` 456: one cannot be read.
    public static func testOnly(
        signing: [Data], userAuthentication: [Data], municipal: [TestMunicipalAuthority] = [],
        timestampAuthorities: [Data] = []
    ) throws(CardError) -> Authorities {
        try Authorities {
            try .testOnly(
                signing: signing, authentication: userAuthentication, municipal: municipal.map(\.bridged),
                timestampAuthorities: timestampAuthorities)
        }
    }
}

/// A key above municipalities' certificates, for tests.
public struct TestMunicipalAuthority: Sendable, Hashable {
    /// Where it certifies.
    public let records: SignedRecords
    /// What certificates call it: 16 bytes.
    public let id: Data
    /// Big-endian, 256 bytes; the exponent is 65537.
    public let modulus: Data

    public init(records: SignedRecords, id: Data, modulus: Data) {
        (self.records, self.id, self.modulus) = (records, id, modulus)
    }

    fileprivate var bridged: KazasuPKIBindings.TestMunicipalAuthority {
        let records: RecordsOf =
            switch records {
            case .text: .text
            case .surface: .surface
            }
        return .init(records: records, id: id, modulus: modulus)
    }
}
