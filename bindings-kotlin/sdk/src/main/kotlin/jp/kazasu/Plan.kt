package jp.kazasu

import jp.kazasu.ffi.Operation

/** A secret of the card. */
public enum class SecretKind(
    /** The stable name that programs may match. */
    public val id: String,
) {
    /** 利用者証明用電子証明書の暗証番号: 4 digits. */
    AuthPin("auth-pin"),

    /** 署名用電子証明書の暗証番号: 6 to 16 letters and digits. */
    SignPassword("sign-password"),

    /** 券面事項入力補助用の暗証番号: 4 digits. */
    TextPin("text-pin"),

    /** 照合番号A: the 12 digits of the My Number. */
    NumberA("number-a"),

    /** 照合番号B: 14 digits: birth date, expiry year, security code. */
    NumberB("number-b"),

    /** 生年月日: 6 digits. */
    BirthKey("birth-key"),

    /** The card PIN, whose counter alone can be asked for. */
    CardPin("card-pin"),
}

/** A key that signs. */
public enum class SigningKey {
    /** 利用者証明用: opened by the PIN of four digits. */
    UserAuthentication,

    /** 署名用: opened by the password. */
    Signing,
}

/** A certificate that needs no secret. */
public enum class FreeCertificate {
    /** 利用者証明用電子証明書. */
    UserAuthentication,

    /** The CA certificate over it. */
    UserAuthenticationCA,

    /** The CA certificate over the signing certificate. */
    SigningCA,
}

/** One thing that is wanted of the card. */
public sealed class Want {
    /** What kind of card it is. */
    public data object CardKind : Want()

    /** Which certificates exist. */
    public data object CertificatesPresent : Want()

    /** Serial number, municipality and expiry. */
    public data object CardRecord : Want()

    /** How many tries are left of a secret. */
    public class Tries(public val secret: SecretKind) : Want()

    /** A certificate that needs no secret. */
    public class Certificate(public val which: FreeCertificate) : Want()

    /** 署名用電子証明書: name, address, birth date and sex are in it, so it needs the password. */
    public data object SigningCertificate : Want()

    /** A signature over [digest]: 32, 48 or 64 bytes (SHA-256, SHA-384, SHA-512). */
    public class Signature(public val key: SigningKey, public val digest: ByteArray) : Want()

    /** 個人番号. */
    public data object MyNumber : Want()

    /** 基本4情報: name, address, birth date, sex. */
    public data object Attributes : Want()

    /** The card face, photo included. */
    public data object Face : Want()
}

/** Any one of these secrets is needed; the one that most people know comes first. */
public class SecretNeed internal constructor(public val oneOf: List<SecretKind>) {
    override fun toString(): String = oneOf.joinToString("|") { it.id }
}

/** What a plan will cost. */
public class Estimate internal constructor(
    /** Commands. */
    public val commands: Int,
    /** Bytes of files. */
    public val bytes: Int,
    /** Milliseconds over a phone's antenna: an estimate, nobody has published how long a signature takes. */
    public val milliseconds: Int,
)

/** Everything that is wanted of one contact with the card. Results are numbered as these are. */
public class Plan(public val wants: List<Want>) {
    public constructor(vararg wants: Want) : this(wants.toList())

    /** The secrets that must be typed, known before a card is there. */
    public val secretsNeeded: List<SecretNeed>
        get() = bridge { operation().use { it.needs() } }.map { it.ours() }

    /** What it will cost over a link that carries so much. */
    public fun estimate(limits: CardLimits = CardLimits.SHORT): Estimate {
        val estimate = bridge { operation().use { it.estimate(limits.maxResponse.toUInt()) } }
        return Estimate(estimate.commands.toInt(), estimate.bytes.toInt(), estimate.milliseconds.toInt())
    }

    internal fun operation(): Operation = Operation.plan(wants.map { it.theirs() })
}
