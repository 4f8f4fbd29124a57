package jp.kazasu

import jp.kazasu.ffi.Field
import jp.kazasu.ffi.Operation
import jp.kazasu.ffi.Want as TheirWant

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

/** An application of the card whose records a municipality signed, and in which the card has a key of its own. */
public enum class SignedRecords {
    /** 券面事項入力補助AP. */
    Text,

    /** 券面事項確認AP. */
    Surface,
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

    /** A signature over [digest] with the card's own key, which needs no secret: the chip is here. */
    public class Presence(public val records: SignedRecords, public val digest: ByteArray) : Want()

    /** The certificate over the key with which a municipality signed the records. */
    public class MunicipalityCertificate(public val records: SignedRecords) : Want()

    /** The card's own public key for [SignedRecords.Text], signed by the municipality's. */
    public data object AuthenticationKey : Want()

    /** Digests of My Number and attributes, signed by the municipality's key. */
    public data object IntegrityRecord : Want()

    /**
     * The birth date alone, with the card's own public key for [SignedRecords.Surface], signed by the municipality's.
     */
    public data object BirthRecord : Want()
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

/**
 * Everything that is wanted of one contact with the card, and the documents that are signed in it. What documents need
 * beside is read with them. A document is signed once: one that is in here twice, or that was signed before, is refused
 * before a card is there.
 */
public class Plan(public val wants: List<Want>, public val signing: List<SignableDocument<*>> = emptyList()) {
    public constructor(vararg wants: Want, signing: List<SignableDocument<*>> = emptyList()) : this(wants.toList(), signing)

    init {
        require(signing.indices.none { at -> signing.take(at).any { it === signing[at] } }) { "a document is signed once" }
    }

    /** The secrets that must be typed, known before a card is there. */
    public val secretsNeeded: List<SecretNeed>
        get() = bridge { Asked(this).operation().use { it.needs() } }.map { it.ours() }

    /** What it will cost over a link that carries so much. */
    public fun estimate(limits: CardLimits = CardLimits.SHORT): Estimate {
        val estimate = bridge { Asked(this).operation().use { it.estimate(limits.maxResponse.toUInt()) } }
        return Estimate(estimate.commands.toInt(), estimate.bytes.toInt(), estimate.milliseconds.toInt())
    }
}

/**
 * What the bridge is asked for: a plan's wants, behind them its documents, and behind those the certificates that they
 * name.
 */
internal class Asked(val plan: Plan) {
    private val all = plan.wants.map { it.theirs() } + plan.signing.map { it.theirs() }
    private val beside = plan.signing.flatMap { listOfNotNull(certificate(it), authority(it)) }.distinct() - all.toSet()

    fun isEmpty(): Boolean = all.isEmpty()

    fun operation(): Operation = Operation.plan(all + beside)

    /** The document that the bridge asks about. */
    fun document(at: UInt): SignableDocument<*> = plan.signing[at.toInt() - plan.wants.size]

    /** Where the certificate of its key is. */
    fun certificateAt(document: SignableDocument<*>): UInt = at(certificate(document))

    /** Where its authority's is, if it wants that. */
    fun authorityAt(document: SignableDocument<*>): UInt? = authority(document)?.let(::at)

    /** How many of the certificates that nobody wants for themselves are read. */
    fun readBeside(operation: Operation): Int = beside.count { operation.field(at(it), Field.VALUE)?.fill(0) != null }

    /** What the card signed, for each document. */
    fun signatures(operation: Operation): List<Pair<SignableDocument<*>, ByteArray>> = plan.signing.mapIndexed { at, document ->
        document to checkNotNull(operation.field((plan.wants.size + at).toUInt(), Field.VALUE))
    }

    private fun at(want: TheirWant) = (all + beside).indexOf(want).toUInt()

    private fun certificate(document: SignableDocument<*>) = when (document.key) {
        SigningKey.UserAuthentication -> Want.Certificate(FreeCertificate.UserAuthentication)
        SigningKey.Signing -> Want.SigningCertificate
    }.theirs()

    private fun authority(document: SignableDocument<*>) = when (document.key) {
        SigningKey.UserAuthentication -> FreeCertificate.UserAuthenticationCA
        SigningKey.Signing -> FreeCertificate.SigningCA
    }.takeIf { document.wantsAuthority }?.let { Want.Certificate(it).theirs() }
}
