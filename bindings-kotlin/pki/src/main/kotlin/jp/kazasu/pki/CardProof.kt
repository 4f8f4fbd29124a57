package jp.kazasu.pki

import jp.kazasu.CardError
import jp.kazasu.CardResult
import jp.kazasu.FreeCertificate
import jp.kazasu.SignedRecords
import jp.kazasu.SigningKey
import jp.kazasu.Want
import jp.kazasu.pki.ffi.Proof as TheirProof

/**
 * The proof that a genuine card was there, or that its holder entered the PIN, for a server that drew the nonce:
 * [wants] goes into a plan, and [json] makes the proof of what came of it.
 */
public class CardProof private constructor(private val nonce: ByteArray, private val parts: Set<Part>, digests: Digests) {
    /** What a proof says. */
    public sealed class Part {
        /** A genuine card is here; by 券面事項入力補助AP, which one of three secrets opens. */
        public data object Text : Part()

        /** The same, with name, address, birth date and sex. */
        public data object Attributes : Part()

        /** The card face, photo included, and that the card is here; by 券面事項確認AP. */
        public data object Face : Part()

        /** The birth date, and that the card is here; by 券面事項確認AP. */
        public data object BirthDate : Part()

        /** The holder entered the PIN for this server: [audience] is its own name, such as `https://example.jp`. */
        public data class Holder(public val audience: String) : Part()
    }

    /**
     * @param nonce of the server's: 32 to 64 bytes
     * @param of what it says
     * @throws CardError 456 for another nonce
     */
    public constructor(nonce: ByteArray, vararg of: Part) : this(nonce.copyOf(), of.toSet(), Digests(nonce, of.toSet()))

    init {
        require(parts.isNotEmpty()) { "a proof says something" }
        require(parts.count { it is Part.Holder } < 2) { "a proof is for one server" }
    }

    private val text = Part.Text in parts || Part.Attributes in parts
    private val surface = Part.Face in parts || Part.BirthDate in parts
    private val presence = SignedRecords.entries.associateWith { Want.Presence(it, digests.presence) }
    private val signature = digests.holder?.let { Want.Signature(SigningKey.UserAuthentication, it) }

    /** What it wants of the card. */
    public val wants: List<Want> = buildList {
        if (text) {
            add(presence.getValue(SignedRecords.Text))
            add(Want.MunicipalityCertificate(SignedRecords.Text))
            add(Want.AuthenticationKey)
        }
        if (Part.Attributes in parts) {
            add(Want.IntegrityRecord)
            add(Want.Attributes)
        }
        if (surface) {
            add(presence.getValue(SignedRecords.Surface))
            add(Want.MunicipalityCertificate(SignedRecords.Surface))
        }
        if (Part.Face in parts) add(Want.Face)
        if (Part.BirthDate in parts) add(Want.BirthRecord)
        if (signature != null) {
            add(Want.Certificate(FreeCertificate.UserAuthentication))
            add(Want.Certificate(FreeCertificate.UserAuthenticationCA))
            add(signature)
        }
    }

    /**
     * The proof as JSON, for the way to the server: it has personal data in it; wipe it when it is sent. The My Number
     * is never in it.
     *
     * @param from what came of a plan with all [wants]
     * @throws CardError when the card's signature does not fit, for one
     */
    public fun json(from: CardResult): ByteArray = begin(nonce).use { proof ->
        if (text) {
            val attributes = if (Part.Attributes in parts) there(from.attributes).record else null
            val integrity = if (Part.Attributes in parts) there(from.integrityRecord) else null
            municipal(from, SignedRecords.Text) { certificate, signature ->
                proof.text(certificate, signature, there(from.authenticationKey), integrity, attributes)
            }
        }
        if (surface) {
            val face = if (Part.Face in parts) there(from.face).record else null
            val birth = if (Part.BirthDate in parts) there(from.birthRecord).record else null
            municipal(from, SignedRecords.Surface) { certificate, signature -> proof.surface(certificate, signature, face, birth) }
        }
        parts.filterIsInstance<Part.Holder>().forEach { part ->
            val signed = there(signature?.let(from::signature))
            val authority = there(from.certificate(FreeCertificate.UserAuthenticationCA))
            there(from.certificate(FreeCertificate.UserAuthentication)).lend { certificate ->
                signed.lend { bridge { proof.holder(part.audience, certificate, it, authority) } }
            }
        }
        bridge { proof.json() }
    }

    override fun toString(): String = "CardProof(${parts.size})"

    private inline fun municipal(from: CardResult, records: SignedRecords, add: (java.nio.ByteBuffer, java.nio.ByteBuffer) -> Unit) {
        there(from.municipalityCertificate(records)).lend { certificate ->
            there(from.presence(presence.getValue(records))).lend { signature -> bridge { add(certificate, signature) } }
        }
    }

    private fun <T : Any> there(part: T?): T = requireNotNull(part) { "the result of another plan" }

    private class Digests(nonce: ByteArray, parts: Set<Part>) {
        val presence: ByteArray
        val holder: ByteArray?

        init {
            begin(nonce).use { proof ->
                presence = bridge { proof.presenceDigest() }
                holder = parts.filterIsInstance<Part.Holder>().firstOrNull()?.let { bridge { proof.holderDigest(it.audience) } }
            }
        }
    }

    private companion object {
        fun begin(nonce: ByteArray): TheirProof = nonce.lend { bridge { TheirProof(it) } }
    }
}
