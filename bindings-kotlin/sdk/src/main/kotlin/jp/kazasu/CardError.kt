package jp.kazasu

import java.util.Locale

/** Who can do something about an error. */
public enum class Who {
    /** The holder: type it again, say yes, switch NFC on. */
    User,

    /** The card itself stands in the way. */
    Card,

    /** The link: hold it again. */
    Link,

    /** The app. */
    Caller,
}

/**
 * Everything that a read can end with instead of its result. Numbers and names never change their meaning, and are the
 * same in every host of Kazasu. 251 to 253, 456, 460 to 468, 472 and 473 are of documents (`kazasu-pki`). Android never
 * ends with [MissingAid], [MissingUsageText], [SessionTimeout] or [UserCancelled], which are of iOS, nor with
 * [SystemBusy], of which it says nothing; a [CardChannel] of an app's own may.
 */
public enum class ErrorCode(public val number: Int, public val id: String) {
    /** The secret was wrong; one try is spent. */
    WrongSecret(101, "wrong-secret"),

    /** Not the format of this secret; nothing was sent. */
    SecretFormat(102, "secret-format"),

    /** One try left, or nobody knows, and no permission to spend it; nothing is spent. */
    LastTry(103, "last-try"),

    /** Blocked: only an office can help. */
    Blocked(201, "blocked"),

    /** Something else than a My Number card. */
    WrongCard(202, "wrong-card"),

    /** This card has no such file, key or application. */
    Absent(203, "absent"),

    /** The card refused. */
    Refused(204, "refused"),

    /** The card's answer cannot be used. */
    Malformed(205, "malformed"),

    /** Another card than before. */
    OtherCard(206, "other-card"),

    /** The certificate has expired; nothing was signed. */
    CertificateExpired(251, "certificate-expired"),

    /** The card's signature does not fit its certificate; nothing was made of it. */
    SignatureWrong(252, "signature-wrong"),

    /** Something that came of a card cannot be read, or is something else. */
    Unreadable(253, "unreadable"),

    /** The card left the field. */
    CardLost(301, "card-lost"),

    /** Somebody else reset the card. */
    CardReset(302, "card-reset"),

    /** No answer in time. */
    Timeout(303, "timeout"),

    /** Another program uses the card. */
    Busy(304, "busy"),

    /** The reader went away. */
    ReaderLost(305, "reader-lost"),

    /** The link cannot carry so much. */
    TooLong(306, "too-long"),

    /** More bytes came than were asked for. */
    Overrun(307, "overrun"),

    /** Cancelled. */
    Cancelled(308, "cancelled"),

    /** The link failed. */
    LinkFailed(309, "link-failed"),

    /** The answer to VERIFY or to a change was lost: a try may be spent. */
    OutcomeUnknown(310, "outcome-unknown"),

    /** The session has ended. */
    SessionOver(311, "session-over"),

    /** A secret is needed first; nothing was sent. */
    SecretRequired(401, "secret-required"),

    /** A buffer is too small. */
    BufferTooSmall(402, "buffer-too-small"),

    /** A call that can never work, or in the wrong order. */
    Misuse(403, "misuse"),

    /** An origin, a nonce, a check's code, an authority or a proof that cannot be used, or too many bytes. */
    BadArgument(456, "bad-argument"),

    /** No signed file that can be looked at. */
    NotSigned(460, "not-signed"),

    /** Another kind of file than a PDF. */
    NotAPdf(461, "not-a-pdf"),

    /** A PDF that is damaged or not made by the rules. */
    PdfDamaged(462, "pdf-damaged"),

    /** A PDF that is encrypted, with or without a password. */
    PdfEncrypted(463, "pdf-encrypted"),

    /** A PDF with two tables of contents that need not agree. */
    PdfHybrid(464, "pdf-hybrid"),

    /** A PDF that was certified so that nothing may be added. */
    PdfCertified(465, "pdf-certified"),

    /** An XFA form, which shows other pages than it holds. */
    PdfXfa(466, "pdf-xfa"),

    /** A PDF without a page. */
    PdfNoPage(467, "pdf-no-page"),

    /** More bytes or form fields than are looked at. */
    PdfTooLarge(468, "pdf-too-large"),

    /** A PDF with a signature that fails or that nobody can look at; signing after that is to be asked for. */
    PdfSignatureFails(472, "pdf-signature-fails"),

    /** A signature that takes no timestamp, or an answer that is none to the request. */
    TimestampRefused(473, "timestamp-refused"),

    /** This device has no NFC. */
    NfcUnavailable(501, "nfc-unavailable"),

    /** NFC is switched off. */
    NfcOff(502, "nfc-off"),

    /** The app is not allowed to use NFC. */
    MissingEntitlement(503, "missing-entitlement"),

    /** The app does not list the card's application (iOS). */
    MissingAid(504, "missing-aid"),

    /** The app does not say what it uses NFC for (iOS). */
    MissingUsageText(505, "missing-usage-text"),

    /** The system's NFC is busy (iOS). */
    SystemBusy(506, "system-busy"),

    /** The system ended the session (iOS). */
    SessionTimeout(507, "session-timeout"),

    /** The holder cancelled on the system's own sheet (iOS). In Kotlin a cancelled coroutine says so instead. */
    UserCancelled(508, "user-cancelled"),

    /** A tag that cannot be a My Number card. */
    WrongTag(509, "wrong-tag"),

    /** The system's NFC failed. */
    HostFailed(510, "host-failed"),
}

/** A text for the holder. */
public class Explanation(
    /** What happened. */
    public val what: String,
    /** What to do next. */
    public val next: String,
) {
    override fun toString(): String = "$what $next"
}

/** Why there is no result: numbers, names and texts, never what a card or a person said. */
public class CardError internal constructor(
    public val code: ErrorCode,
    /** Who must act. */
    public val who: Who,
    /** Which secret it is about. */
    public val secret: SecretKind?,
    /** Tries left of it, where that is known. */
    public val triesLeft: Int?,
    /** Whether a try was spent; null when nobody can know. */
    public val spentATry: Boolean?,
    /** The status word, where the card refused with one. */
    public val status: Int?,
    /** Any one of these secrets is needed first. */
    public val needs: List<SecretKind>,
    private val english: Explanation,
    private val japanese: Explanation,
    cause: Throwable? = null,
) : Exception("kazasu ${code.number} ${code.id}", cause) {
    /** What a [CardChannel] ends with when there will be no card: one of the codes from 501. */
    public constructor(code: ErrorCode, cause: Throwable? = null) : this(
        code, whoActs(code), null, null, false, null, emptyList(), hostText(code, false), hostText(code, true), cause,
    )

    /** What a [SignableDocument] ends with: [english] and [japanese] are for the holder. */
    public constructor(code: ErrorCode, who: Who, english: Explanation, japanese: Explanation) : this(
        code, who, null, null, false, null, emptyList(), english, japanese,
    )

    /** The stable number. */
    public val number: Int get() = code.number

    /** For the holder, in [locale]'s language where that is Japanese, in English otherwise. */
    public fun explanation(locale: Locale = Locale.getDefault()): Explanation =
        if (locale.language == "ja") japanese else english
}
