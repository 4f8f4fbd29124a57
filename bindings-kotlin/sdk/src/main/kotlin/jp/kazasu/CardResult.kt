package jp.kazasu

import jp.kazasu.ffi.Field
import jp.kazasu.ffi.Operation

/** What kind of card it is. */
public enum class CardKind {
    /** 個人番号カード. */
    MyNumber,

    /** 住民基本台帳カード. */
    Juki,

    /** スマホ用電子証明書 on Android. */
    AndroidToken,

    /** スマホ用電子証明書 on an iPhone. */
    IPhoneToken,

    /** Another card. */
    Other,
}

/** Tries left of a secret. */
public sealed class TriesLeft {
    /** So many; never 0. */
    public data class Left(public val count: Int) : TriesLeft()

    /** None: only an office can help. */
    public data object Blocked : TriesLeft()

    /** The card did not tell. */
    public data object Unknown : TriesLeft()
}

/** Which certificates a card carries. */
public data class CertificatesPresent(
    /** 署名用電子証明書; holders under 15 have none. */
    public val signing: Boolean,
    /** 利用者証明用電子証明書. */
    public val userAuthentication: Boolean,
)

/** 性別, as the card says it. */
public enum class Sex {
    Male,
    Female,
    NotApplicable,
    Unknown,
}

// The classes below hold a person's data. None is a data class and none is serialisable, so that neither a log nor a
// saved state gets it by accident.

/** About the card itself. */
public class CardRecord internal constructor(
    public val serial: String,
    /** The municipality's code. */
    public val municipality: String,
    /** `YYYYMMDD`. */
    public val expiry: String,
) {
    override fun toString(): String = "CardRecord(…)"
}

/** 個人番号. */
public class MyNumber internal constructor(
    /** Twelve digits. */
    public val digits: String,
) {
    override fun toString(): String = "MyNumber(…)"
}

/** 基本4情報. */
public class Attributes internal constructor(
    public val name: String,
    public val address: String,
    /** `YYYYMMDD`. */
    public val birth: String,
    public val sex: Sex,
    /** The file as it is on the card, for a later verifier. */
    public val record: ByteArray,
) {
    override fun toString(): String = "Attributes(…)"
}

/** The card face. */
public class Face internal constructor(
    /** `YYYYMMDD`. */
    public val birth: String,
    public val sex: Sex,
    /** `YYYYMMDD`. */
    public val expiry: String,
    /** JPEG 2000. */
    public val photo: ByteArray,
    /** The name as printed, PNG. */
    public val nameImage: ByteArray,
    /** The address as printed, PNG. */
    public val addressImage: ByteArray,
    /** The security code as printed, PNG. */
    public val securityCodeImage: ByteArray,
    /** The file as it is on the card, for a later verifier. */
    public val record: ByteArray,
) {
    override fun toString(): String = "Face(…)"
}

/** The birth date alone. */
public class BirthRecord internal constructor(
    /** `YYYYMMDD`. */
    public val birth: String,
    /** The file as it is on the card, for a later verifier. */
    public val record: ByteArray,
) {
    override fun toString(): String = "BirthRecord(…)"
}

/** What came of a plan. What was not wanted, or was not read before an error, is null. */
public class CardResult internal constructor(
    private val parts: List<Pair<Want, Any>>,
    private val signed: List<Pair<SignableDocument<*>, Result<Any>>> = emptyList(),
) {
    public val cardKind: CardKind? get() = first()
    public val certificatesPresent: CertificatesPresent? get() = first()
    public val cardRecord: CardRecord? get() = first()
    public val myNumber: MyNumber? get() = first()
    public val attributes: Attributes? get() = first()
    public val face: Face? get() = first()
    public val birthRecord: BirthRecord? get() = first()

    /** X.509, DER. */
    public val signingCertificate: ByteArray? get() = first { it is Want.SigningCertificate }

    /** RSA, PKCS #1 v1.5; in the order in which they were wanted. */
    public val signatures: List<ByteArray> get() = parts.filter { it.first is Want.Signature }.map { it.second as ByteArray }

    /** Of this want of the plan's: RSA, PKCS #1 v1.5. */
    public fun signature(want: Want.Signature): ByteArray? = first { it === want }

    /**
     * What came of this document of the plan's. Null where the whole plan was not done: then it can be signed in
     * another read.
     *
     * @throws CardError when nothing came of the card's signature; of the other documents, something may
     */
    @Suppress("UNCHECKED_CAST")
    public fun <T : Any> signed(document: SignableDocument<T>): T? =
        signed.firstOrNull { it.first === document }?.second?.getOrThrow() as T?

    /** Of this want of the plan's: RSA, PKCS #1 v1.5. */
    public fun presence(want: Want.Presence): ByteArray? = first { it === want }

    /** The file as it is on the card, for a verifier. */
    public fun municipalityCertificate(records: SignedRecords): ByteArray? =
        first { it is Want.MunicipalityCertificate && it.records == records }

    /** The file as it is on the card, for a verifier. */
    public val authenticationKey: ByteArray? get() = first { it is Want.AuthenticationKey }

    /** The file as it is on the card, for a verifier. */
    public val integrityRecord: ByteArray? get() = first { it is Want.IntegrityRecord }

    /** X.509, DER. */
    public fun certificate(which: FreeCertificate): ByteArray? = first { it is Want.Certificate && it.which == which }

    public fun tries(secret: SecretKind): TriesLeft? = first { it is Want.Tries && it.secret == secret }

    /** How many results there are; never what they are. */
    override fun toString(): String = "CardResult(${parts.size + signed.size})"

    private inline fun <reified T> first(of: (Want) -> Boolean = { true }): T? =
        parts.firstOrNull { (want, part) -> part is T && of(want) }?.second as T?

    /** With what comes of the documents. */
    internal fun signing(signatures: List<Pair<SignableDocument<*>, ByteArray>>): CardResult = CardResult(
        parts,
        signatures.map { (document, signature) -> document to runCatching { document.finish(signature) } },
    )

    internal companion object {
        fun of(wants: List<Want>, operation: Operation): CardResult =
            CardResult(wants.mapIndexedNotNull { at, want -> operation.part(at.toUInt(), want)?.let { want to it } })
    }
}

/** What came of a want; null when nothing did yet. */
private fun Operation.part(at: UInt, want: Want): Any? {
    fun bytes(field: Field) = checkNotNull(field(at, field))
    fun text(field: Field): String {
        val bytes = bytes(field)
        return bytes.decodeToString().also { bytes.fill(0) }
    }
    fun <T> ifRead(field: Field, part: () -> T): T? = field(at, field)?.let { it.fill(0); part() }
    return when (want) {
        Want.CardKind -> cardKind()?.ours()
        Want.CertificatesPresent -> certificatesPresent()?.let { CertificatesPresent(it.sign, it.auth) }
        Want.CardRecord ->
            ifRead(Field.SERIAL) { CardRecord(text(Field.SERIAL), text(Field.MUNICIPALITY), text(Field.EXPIRY)) }
        is Want.Tries -> tries(at)?.ours()
        is Want.Certificate, Want.SigningCertificate, is Want.Signature, is Want.Presence, is Want.MunicipalityCertificate,
        Want.AuthenticationKey, Want.IntegrityRecord,
        -> field(at, Field.VALUE)
        Want.MyNumber -> ifRead(Field.VALUE) { MyNumber(text(Field.VALUE)) }
        Want.Attributes -> ifRead(Field.NAME) {
            Attributes(
                text(Field.NAME), text(Field.ADDRESS), text(Field.BIRTH), sex(text(Field.SEX)), bytes(Field.RECORD),
            )
        }
        Want.Face -> ifRead(Field.BIRTH) {
            Face(
                text(Field.BIRTH), sex(text(Field.SEX)), text(Field.EXPIRY), bytes(Field.PHOTO), bytes(Field.NAME_IMAGE),
                bytes(Field.ADDRESS_IMAGE), bytes(Field.SECURITY_CODE_IMAGE), bytes(Field.RECORD),
            )
        }
        Want.BirthRecord -> ifRead(Field.BIRTH) { BirthRecord(text(Field.BIRTH), bytes(Field.RECORD)) }
    }
}

private fun sex(digit: String): Sex = when (digit) {
    "1" -> Sex.Male
    "2" -> Sex.Female
    "9" -> Sex.NotApplicable
    else -> Sex.Unknown
}
