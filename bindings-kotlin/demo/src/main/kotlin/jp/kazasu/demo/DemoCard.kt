package jp.kazasu.demo

import jp.kazasu.CardChannel
import jp.kazasu.LinkException
import jp.kazasu.LinkFailure
import jp.kazasu.CardLimits
import jp.kazasu.SecretKind
import jp.kazasu.SignedRecords
import jp.kazasu.SigningKey
import jp.kazasu.demo.ffi.demoAuthorities
import jp.kazasu.demo.ffi.demoMunicipalAuthorities
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import jp.kazasu.demo.ffi.DemoCard as Simulated

/**
 * A card of a person who does not exist, for apps under development: no NFC, no reader, no network.
 *
 * @param person `adult`, `child`, `long` or `expired`
 * @param profile one of the ways in which cards differ, such as `standard` or `short-only`
 * @param limits how much the link to it carries
 */
public class DemoCard(
    person: String = "adult",
    profile: String = "standard",
    private val limits: CardLimits = CardLimits.EXTENDED,
) : CardChannel {
    private val card = Simulated(person, profile)

    /** Commands answered so far. */
    public val commands: Int get() = card.commands().toInt()

    /** Secrets sent so far. */
    public val secretsSent: Int get() = card.secretsSent().toInt()

    /** A secret of this person as it would be typed. */
    public fun secret(kind: SecretKind): CharArray = card.secret(kind.id).toCharArray()

    /** The card enters the field, with everything closed. */
    override suspend fun connect(): CardLimits {
        card.powerCycle()
        return limits
    }

    override suspend fun transceive(command: ByteArray): ByteArray = withContext(Dispatchers.IO) {
        card.transmit(command) ?: throw LinkException(LinkFailure.CardLost)
    }

    /** The card leaves the field. */
    override fun close(): Unit = card.powerCycle()

    override val takesPower: Boolean get() = true

    /** A key above the demonstration cards' municipalities. */
    public class MunicipalAuthority internal constructor(
        /** Where it certifies. */
        public val records: SignedRecords,
        /** What certificates call it. */
        public val id: ByteArray,
        /** Big-endian; the exponent is 65537. */
        public val modulus: ByteArray,
    )

    // Whoever believes these believes a card that anybody can make: for tests alone.
    public companion object {
        /** What the demonstration cards' certificates are under: X.509, DER. */
        public fun authorities(over: SigningKey): List<ByteArray> = demoAuthorities(signing = over == SigningKey.Signing)

        /** The keys above the demonstration cards' municipalities, likewise. */
        public val municipalAuthorities: List<MunicipalAuthority>
            get() = demoMunicipalAuthorities().mapNotNull { row ->
                val records = mapOf("text" to SignedRecords.Text, "surface" to SignedRecords.Surface)[row.application]
                records?.let { MunicipalAuthority(it, row.id, row.modulus) }
            }
    }
}
