package jp.kazasu.demo

import jp.kazasu.SignedRecords
import jp.kazasu.demo.ffi.demoAuthorities
import jp.kazasu.demo.ffi.demoMunicipalAuthorities

/** Who issued the demonstration cards. Whoever believes them believes a card that anybody can make: for tests alone. */
public object DemoAuthorities {
    /** Above the signing certificates: X.509, DER. */
    public val signing: List<ByteArray> get() = demoAuthorities(true)

    /** Above the certificates for user authentication: X.509, DER. */
    public val userAuthentication: List<ByteArray> get() = demoAuthorities(false)

    /** Above the municipalities. */
    public val municipal: List<Municipal>
        get() = demoMunicipalAuthorities().mapNotNull { row ->
            val records = mapOf("text" to SignedRecords.Text, "surface" to SignedRecords.Surface)[row.application]
            records?.let { Municipal(it, row.id, row.modulus) }
        }

    /** A key above municipalities. */
    public class Municipal internal constructor(
        public val records: SignedRecords,
        /** What certificates call it. */
        public val id: ByteArray,
        /** Big-endian; the exponent is 65537. */
        public val modulus: ByteArray,
    )
}
