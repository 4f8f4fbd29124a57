package jp.kazasu.pki

import jp.kazasu.CardError
import jp.kazasu.Sex
import jp.kazasu.SigningKey
import jp.kazasu.pki.ffi.HolderField
import jp.kazasu.pki.ffi.Certificate as TheirCertificate

/** 元号. */
public enum class Era {
    Meiji,
    Taisho,
    Showa,
    Heisei,
    Reiwa,
}

/** What a signing certificate says of its holder. */
public class Holder internal constructor(
    /** 氏名; parts are separated by U+3000. */
    public val name: String,
    /** 住所. */
    public val address: String,
    /** 生年月日, `YYYYMMDD`, Gregorian; parts that are not known are zeros. */
    public val birth: String,
    /** Of the birth date; null where it is another. */
    public val era: Era?,
    public val sex: Sex,
    /**
     * The characters of the name that stand for others, which the certificate cannot write. Null where nobody can tell.
     */
    public val nameSubstitutes: String?,
    /** The same of the address. */
    public val addressSubstitutes: String?,
) {
    override fun toString(): String = "Holder(…)"
}

/** From when to when a certificate is for use, by days in Japan. */
public class Validity internal constructor(
    /** `YYYY-MM-DD`. */
    public val firstDay: String,
    /** `YYYY-MM-DD`. */
    public val lastDay: String,
    /** From today to the last day: 0 on the last day itself, null when it is over. */
    public val daysLeft: Int?,
)

/**
 * A certificate of a holder's as a person reads it. It is held outside the JVM's heap, and wiped when it is closed.
 */
public class HolderCertificate internal constructor(private val theirs: TheirCertificate) : AutoCloseable {
    /**
     * @param der X.509
     * @param of the key that it is said to be of; [examine] finds out
     * @throws CardError 253 when it cannot be read
     */
    public constructor(der: ByteArray, of: SigningKey) : this(der.lend { bridge { TheirCertificate(it, of.theirs()) } })

    /** The key that it is said to be of. */
    public val key: SigningKey get() = bridge { theirs.key() }.ours()

    /** What it says of its holder; null of one for user authentication, which does not say. */
    public fun holder(): Holder? {
        fun field(field: HolderField) = bridge { theirs.holder(field) }?.text()
        return Holder(
            field(HolderField.NAME) ?: return null,
            field(HolderField.ADDRESS).orEmpty(),
            field(HolderField.BIRTH).orEmpty(),
            when (field(HolderField.ERA)) {
                "meiji" -> Era.Meiji
                "taisho" -> Era.Taisho
                "showa" -> Era.Showa
                "heisei" -> Era.Heisei
                "reiwa" -> Era.Reiwa
                else -> null
            },
            sex(field(HolderField.SEX)),
            field(HolderField.NAME_SUBSTITUTES),
            field(HolderField.ADDRESS_SUBSTITUTES),
        )
    }

    /** From when to when it is for use. */
    public fun validity(): Validity =
        bridge { Validity(theirs.firstDay(), theirs.lastDay(), theirs.daysLeft()?.coerceAtMost(Int.MAX_VALUE.toUInt())?.toInt()) }

    /** `RS256` or `ES384`; null for a key that no card has. */
    public fun algorithm(): String? = bridge { theirs.algorithm() }

    /** The key's size. */
    public fun keyBits(): Int? = bridge { theirs.keyBits() }?.toInt()

    /** Under which policies it was issued: object identifiers. */
    public fun policies(): List<String> = bridge { theirs.policies() }

    /** Which authority of J-LIS's issued it, such as `signca03`; null where it is none of the pinned ones. */
    public fun authority(among: Authorities): String? = bridge { theirs.authority(among.theirs) }

    /** Looks at everything that can be looked at without asking its authority, as of now. */
    public fun examine(believing: Authorities): Findings = Findings(bridge { theirs.examine(believing.theirs) })

    /** Wipes it. */
    override fun close() {
        theirs.close()
    }

    override fun toString(): String = "HolderCertificate(…)"
}

internal fun sex(digit: String?): Sex = when (digit) {
    "1" -> Sex.Male
    "2" -> Sex.Female
    "9" -> Sex.NotApplicable
    else -> Sex.Unknown
}
