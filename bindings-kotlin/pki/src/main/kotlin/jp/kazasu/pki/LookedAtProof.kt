package jp.kazasu.pki

import jp.kazasu.CardError
import jp.kazasu.Sex
import jp.kazasu.pki.ffi.ProvenField
import jp.kazasu.pki.ffi.LookedAtProof as TheirProof

/** What can be wanted of a proof. */
public enum class Claim {
    /** A genuine card signed the nonce. Who held it is not said. */
    CardPresent,

    /** Somebody who knows the PIN let the key for user authentication sign nonce and audience. */
    HolderEnteredPin,
}

/**
 * A proof that was looked at. What it says is here only where each link above it holds.
 */
public class LookedAtProof private constructor(private val theirs: TheirProof) : AutoCloseable {
    /**
     * @param json the proof
     * @param nonce the verifier's own. Nobody keeps nonces here: that it was used once is not checked, and the table
     *   says so
     * @param audience the verifier's own name, where the holder is to have entered the PIN
     * @throws CardError 456 where it is none that can be looked at
     */
    public constructor(json: ByteArray, nonce: ByteArray, audience: String? = null, believing: Authorities) : this(
        json.lend { lent -> nonce.lend { bridge { TheirProof(lent, it, audience, believing.theirs) } } },
    )

    /** The table. */
    public val findings: Findings = Findings(bridge { theirs.findings() })

    /**
     * What is concluded about one claim, whatever else is in the table; but where any line fails, nothing is proven.
     *
     * @param without as of [Findings.conclusion]
     */
    public fun proves(claim: Claim, without: List<String> = emptyList()): Conclusion =
        Conclusion(bridge { theirs.proves(claim.theirs(), without) })

    /** The municipality's code, five digits. */
    public val municipality: String? get() = text(ProvenField.MUNICIPALITY)

    /** 氏名. */
    public val name: String? get() = text(ProvenField.NAME)

    /** 住所. */
    public val address: String? get() = text(ProvenField.ADDRESS)

    /** 生年月日, `YYYYMMDD`. */
    public val birth: String? get() = text(ProvenField.BIRTH)

    /** 性別. */
    public val sex: Sex? get() = text(ProvenField.SEX)?.let(::sex)

    /** JPEG 2000. */
    public val photo: ByteArray? get() = field(ProvenField.PHOTO)

    /** The name as printed, PNG. */
    public val nameImage: ByteArray? get() = field(ProvenField.NAME_IMAGE)

    /** The address as printed, PNG. */
    public val addressImage: ByteArray? get() = field(ProvenField.ADDRESS_IMAGE)

    /** Wipes it. */
    override fun close() {
        theirs.close()
    }

    override fun toString(): String = "LookedAtProof(…)"

    private fun text(field: ProvenField) = field(field)?.text()

    private fun field(field: ProvenField) = bridge { theirs.field(field) }
}
