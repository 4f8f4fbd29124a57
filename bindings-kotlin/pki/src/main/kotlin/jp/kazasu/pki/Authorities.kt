package jp.kazasu.pki

import jp.kazasu.CardError
import jp.kazasu.SignedRecords
import jp.kazasu.pki.ffi.TestMunicipalAuthority as TheirMunicipal
import jp.kazasu.pki.ffi.Authorities as TheirAuthorities

/** A key above municipalities' certificates, for tests. */
public class TestMunicipalAuthority(
    /** Where it certifies. */
    public val records: SignedRecords,
    /** What certificates call it: 16 bytes. */
    public val id: ByteArray,
    /** Big-endian, 256 bytes; the exponent is 65537. */
    public val modulus: ByteArray,
)

/** The authorities that are believed. */
public class Authorities private constructor(internal val theirs: TheirAuthorities) {
    public companion object {
        /**
         * Those of J-LIS. Their certificates are public, but not in here: hand in those of the card
         * ([jp.kazasu.FreeCertificate]), or of files of J-LIS's, in DER; what is not one of the pinned ones is refused.
         * Those that go along with a signature or a proof need not be handed in.
         *
         * @param timestampAuthorities X.509 in DER
         * @throws CardError 456 for a certificate that is none of the pinned ones
         */
        public fun production(
            certificates: List<ByteArray> = emptyList(),
            timestampAuthorities: List<ByteArray> = emptyList(),
        ): Authorities = Authorities(bridge { TheirAuthorities.production(certificates, timestampAuthorities) })

        /**
         * Only these, and every result is stamped as a test's. Never in an app that meets real cards.
         *
         * @param signing X.509 in DER, as are [userAuthentication] and [timestampAuthorities]
         */
        public fun testOnly(
            signing: List<ByteArray> = emptyList(),
            userAuthentication: List<ByteArray> = emptyList(),
            municipal: List<TestMunicipalAuthority> = emptyList(),
            timestampAuthorities: List<ByteArray> = emptyList(),
        ): Authorities {
            val rows = municipal.map { TheirMunicipal(it.records.theirs(), it.id, it.modulus) }
            return Authorities(bridge { TheirAuthorities.testOnly(signing, userAuthentication, rows, timestampAuthorities) })
        }
    }
}
