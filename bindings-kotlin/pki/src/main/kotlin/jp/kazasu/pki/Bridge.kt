package jp.kazasu.pki

// The bridge's words for ours, and ours for the bridge's. Each `when` is exhaustive: a variant that is new there does
// not compile here.

import jp.kazasu.CardError
import jp.kazasu.ErrorCode
import jp.kazasu.Explanation
import jp.kazasu.SignedRecords
import jp.kazasu.SigningKey
import jp.kazasu.Who
import jp.kazasu.pki.ffi.Detail
import jp.kazasu.pki.ffi.InternalException
import jp.kazasu.pki.ffi.Key
import jp.kazasu.pki.ffi.PkiException
import jp.kazasu.pki.ffi.RecordsOf
import java.nio.ByteBuffer
import java.util.Locale
import jp.kazasu.pki.ffi.By as TheirBy
import jp.kazasu.pki.ffi.ByteRange as TheirRange
import jp.kazasu.pki.ffi.Claim as TheirClaim
import jp.kazasu.pki.ffi.Concluded as TheirConcluded
import jp.kazasu.pki.ffi.Content as TheirContent
import jp.kazasu.pki.ffi.Disclosure as TheirDisclosure
import jp.kazasu.pki.ffi.EarlierSignatures as TheirEarlier
import jp.kazasu.pki.ffi.Expired as TheirExpired
import jp.kazasu.pki.ffi.Explanation as TheirExplanation
import jp.kazasu.pki.ffi.Outcome as TheirOutcome
import jp.kazasu.pki.ffi.PdfProfile as TheirProfile
import jp.kazasu.pki.ffi.Who as TheirWho

internal fun SigningKey.theirs(): Key = when (this) {
    SigningKey.UserAuthentication -> Key.AUTH
    SigningKey.Signing -> Key.SIGN
}

internal fun Key.ours(): SigningKey = when (this) {
    Key.AUTH -> SigningKey.UserAuthentication
    Key.SIGN -> SigningKey.Signing
}

internal fun SignedRecords.theirs(): RecordsOf = when (this) {
    SignedRecords.Text -> RecordsOf.TEXT
    SignedRecords.Surface -> RecordsOf.SURFACE
}

internal fun Disclosure.theirs(): TheirDisclosure = when (this) {
    Disclosure.NameAddressBirthDateAndSex -> TheirDisclosure.THE_FILE_WILL_SHOW_NAME_ADDRESS_BIRTH_DATE_AND_SEX
}

internal fun PdfProfile.theirs(): TheirProfile = when (this) {
    PdfProfile.Registry -> TheirProfile.REGISTRY
    PdfProfile.Pades -> TheirProfile.PADES
}

internal fun EarlierSignatures.theirs(): TheirEarlier = when (this) {
    EarlierSignatures.MustHold -> TheirEarlier.MUST_HOLD
    EarlierSignatures.MayFail -> TheirEarlier.MAY_FAIL
}

internal fun Content.theirs(): TheirContent = when (this) {
    Content.Detached -> TheirContent.DETACHED
    Content.Attached -> TheirContent.ATTACHED
}

internal fun Expired.theirs(): TheirExpired = when (this) {
    Expired.Refuse -> TheirExpired.REFUSE
    Expired.Allow -> TheirExpired.ALLOW
}

internal fun Claim.theirs(): TheirClaim = when (this) {
    Claim.CardPresent -> TheirClaim.CARD_PRESENT
    Claim.HolderEnteredPin -> TheirClaim.HOLDER_ENTERED_PIN
}

internal fun TheirOutcome.ours(): Outcome = when (this) {
    TheirOutcome.HOLDS -> Outcome.Holds
    TheirOutcome.FAILS -> Outcome.Fails
    TheirOutcome.NOT_CHECKED -> Outcome.NotChecked
}

internal fun TheirBy.ours(): By = when (this) {
    TheirBy.KAZASU -> By.Kazasu
    TheirBy.OTHER -> By.Other
    TheirBy.NOBODY -> By.Nobody
}

internal fun TheirConcluded.ours(): Concluded = when (this) {
    TheirConcluded.EVERYTHING_ASKED -> Concluded.EverythingAsked
    TheirConcluded.FAILS -> Concluded.Fails
    TheirConcluded.NOT_EVERYTHING -> Concluded.NotEverything
}

internal fun TheirRange.ours(): LongRange = start.toLong() until end.toLong()

private fun TheirWho.ours(): Who = when (this) {
    TheirWho.USER -> Who.User
    TheirWho.CARD -> Who.Card
    TheirWho.LINK -> Who.Link
    TheirWho.CALLER -> Who.Caller
}

private fun PkiException.ours(): Pair<ErrorCode, Detail> = when (this) {
    is PkiException.Expired -> ErrorCode.CertificateExpired to detail
    is PkiException.SignatureWrong -> ErrorCode.SignatureWrong to detail
    is PkiException.Unreadable -> ErrorCode.Unreadable to detail
    is PkiException.Misuse -> ErrorCode.Misuse to detail
    is PkiException.BadArgument -> ErrorCode.BadArgument to detail
    is PkiException.NotSigned -> ErrorCode.NotSigned to detail
    is PkiException.NotPdf -> ErrorCode.NotAPdf to detail
    is PkiException.PdfDamaged -> ErrorCode.PdfDamaged to detail
    is PkiException.PdfEncrypted -> ErrorCode.PdfEncrypted to detail
    is PkiException.PdfHybrid -> ErrorCode.PdfHybrid to detail
    is PkiException.PdfCertified -> ErrorCode.PdfCertified to detail
    is PkiException.PdfXfa -> ErrorCode.PdfXfa to detail
    is PkiException.PdfNoPage -> ErrorCode.PdfNoPage to detail
    is PkiException.PdfTooLarge -> ErrorCode.PdfTooLarge to detail
    is PkiException.PdfSignatureFails -> ErrorCode.PdfSignatureFails to detail
    is PkiException.TimestampRefused -> ErrorCode.TimestampRefused to detail
}

private fun TheirExplanation.ours() = Explanation(what, next)

/** A call into the bridge; its errors in our words. */
internal inline fun <T> bridge(call: () -> T): T = try {
    call()
} catch (e: PkiException) {
    throw e.told()
} catch (e: InternalException) {
    throw CardError(ErrorCode.HostFailed, e)
}

internal fun PkiException.told(): CardError {
    val (code, detail) = ours()
    return CardError(code, detail.who.ours(), detail.english.ours(), detail.japanese.ours())
}

/** Lends a copy outside the JVM's heap, where no collector makes further ones, and wipes it. */
internal inline fun <T> ByteArray.lend(use: (ByteBuffer) -> T): T {
    val copy = ByteBuffer.allocateDirect(size)
    try {
        // Through another view: this one's position stays where it is. Whole files come this way.
        copy.duplicate().put(this)
        return use(copy)
    } finally {
        val rest = copy.duplicate()
        val zeros = ByteArray(minOf(size, 1 shl 16))
        while (rest.hasRemaining()) rest.put(zeros, 0, minOf(zeros.size, rest.remaining()))
    }
}

/** As text; the bytes are wiped. */
internal fun ByteArray.text(): String = decodeToString().also { fill(0) }

internal fun Locale.isJapanese(): Boolean = language == "ja"
