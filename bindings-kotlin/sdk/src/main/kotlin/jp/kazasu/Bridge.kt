package jp.kazasu

// The bridge's words for ours, and ours for the bridge's. Each `when` is exhaustive: a variant that is new there does
// not compile here.

import jp.kazasu.ffi.Detail
import jp.kazasu.ffi.FoundCard
import jp.kazasu.ffi.FreeCertificateKind
import jp.kazasu.ffi.InternalException
import jp.kazasu.ffi.KazasuException
import jp.kazasu.ffi.Need
import jp.kazasu.ffi.Prompt
import jp.kazasu.ffi.explainHost
import jp.kazasu.ffi.prompt
import java.nio.ByteBuffer
import jp.kazasu.ffi.Explanation as TheirExplanation
import jp.kazasu.ffi.LinkFailure as TheirFailure
import jp.kazasu.ffi.SecretKind as TheirSecret
import jp.kazasu.ffi.SignedRecords as TheirRecords
import jp.kazasu.ffi.SigningKey as TheirKey
import jp.kazasu.ffi.TriesLeft as TheirTries
import jp.kazasu.ffi.Want as TheirWant
import jp.kazasu.ffi.Who as TheirWho

internal fun SecretKind.theirs(): TheirSecret = when (this) {
    SecretKind.AuthPin -> TheirSecret.AUTH_PIN
    SecretKind.SignPassword -> TheirSecret.SIGN_PASSWORD
    SecretKind.TextPin -> TheirSecret.TEXT_PIN
    SecretKind.NumberA -> TheirSecret.NUMBER_A
    SecretKind.NumberB -> TheirSecret.NUMBER_B
    SecretKind.BirthKey -> TheirSecret.BIRTH_KEY
    SecretKind.CardPin -> TheirSecret.CARD_PIN
}

private fun TheirSecret.ours(): SecretKind = when (this) {
    TheirSecret.AUTH_PIN -> SecretKind.AuthPin
    TheirSecret.SIGN_PASSWORD -> SecretKind.SignPassword
    TheirSecret.TEXT_PIN -> SecretKind.TextPin
    TheirSecret.NUMBER_A -> SecretKind.NumberA
    TheirSecret.NUMBER_B -> SecretKind.NumberB
    TheirSecret.BIRTH_KEY -> SecretKind.BirthKey
    TheirSecret.CARD_PIN -> SecretKind.CardPin
}

private fun SigningKey.theirs(): TheirKey = when (this) {
    SigningKey.UserAuthentication -> TheirKey.AUTH
    SigningKey.Signing -> TheirKey.SIGN
}

private fun FreeCertificate.theirs(): FreeCertificateKind = when (this) {
    FreeCertificate.UserAuthentication -> FreeCertificateKind.AUTH
    FreeCertificate.UserAuthenticationCA -> FreeCertificateKind.AUTH_CA
    FreeCertificate.SigningCA -> FreeCertificateKind.SIGN_CA
}

private fun SignedRecords.theirs(): TheirRecords = when (this) {
    SignedRecords.Text -> TheirRecords.TEXT
    SignedRecords.Surface -> TheirRecords.SURFACE
}

internal fun Want.theirs(): TheirWant = when (this) {
    Want.CardKind -> TheirWant.CardKind
    Want.CertificatesPresent -> TheirWant.CertificatesPresent
    Want.CardRecord -> TheirWant.CardRecord
    is Want.Tries -> TheirWant.Tries(secret.theirs())
    is Want.Certificate -> TheirWant.Certificate(which.theirs())
    Want.SigningCertificate -> TheirWant.SigningCertificate
    is Want.Signature -> TheirWant.Sign(key.theirs(), digest)
    Want.MyNumber -> TheirWant.MyNumber
    Want.Attributes -> TheirWant.Attributes
    Want.Face -> TheirWant.Face
    is Want.Presence -> TheirWant.Presence(records.theirs(), digest)
    is Want.MunicipalityCertificate -> TheirWant.MunicipalityCertificate(records.theirs())
    Want.AuthenticationKey -> TheirWant.AuthenticationKey
    Want.IntegrityRecord -> TheirWant.IntegrityRecord
    Want.BirthRecord -> TheirWant.BirthRecord
}

internal fun SignableDocument<*>.theirs(): TheirWant = TheirWant.SignLater(key.theirs())

internal fun LinkFailure.theirs(): TheirFailure = when (this) {
    LinkFailure.CardLost -> TheirFailure.CARD_LOST
    LinkFailure.CardReset -> TheirFailure.CARD_RESET
    LinkFailure.Timeout -> TheirFailure.TIMEOUT
    LinkFailure.Busy -> TheirFailure.BUSY
    LinkFailure.ReaderLost -> TheirFailure.READER_LOST
    LinkFailure.TooLong -> TheirFailure.TOO_LONG
    LinkFailure.Other -> TheirFailure.OTHER
}

private fun TheirExplanation.ours(): Explanation = Explanation(what, next)

internal fun Need.ours(): SecretNeed = SecretNeed(oneOf.map { it.ours() })

internal fun FoundCard.ours(): CardKind = when (this) {
    FoundCard.MY_NUMBER -> CardKind.MyNumber
    FoundCard.JUKI -> CardKind.Juki
    FoundCard.ANDROID_TOKEN -> CardKind.AndroidToken
    FoundCard.IPHONE_TOKEN -> CardKind.IPhoneToken
    FoundCard.OTHER -> CardKind.Other
}

internal fun TheirTries.ours(): TriesLeft = when (this) {
    is TheirTries.Left -> TriesLeft.Left(tries.toInt())
    TheirTries.Blocked -> TriesLeft.Blocked
    TheirTries.Unknown -> TriesLeft.Unknown
}

private fun TheirWho.ours(): Who = when (this) {
    TheirWho.USER -> Who.User
    TheirWho.CARD -> Who.Card
    TheirWho.LINK -> Who.Link
    TheirWho.CALLER -> Who.Caller
}

private fun KazasuException.ours(): Pair<ErrorCode, Detail> = when (this) {
    is KazasuException.WrongSecret -> ErrorCode.WrongSecret to detail
    is KazasuException.SecretFormat -> ErrorCode.SecretFormat to detail
    is KazasuException.LastTry -> ErrorCode.LastTry to detail
    is KazasuException.Blocked -> ErrorCode.Blocked to detail
    is KazasuException.WrongCard -> ErrorCode.WrongCard to detail
    is KazasuException.Absent -> ErrorCode.Absent to detail
    is KazasuException.Refused -> ErrorCode.Refused to detail
    is KazasuException.Malformed -> ErrorCode.Malformed to detail
    is KazasuException.OtherCard -> ErrorCode.OtherCard to detail
    is KazasuException.CardLost -> ErrorCode.CardLost to detail
    is KazasuException.CardReset -> ErrorCode.CardReset to detail
    is KazasuException.Timeout -> ErrorCode.Timeout to detail
    is KazasuException.Busy -> ErrorCode.Busy to detail
    is KazasuException.ReaderLost -> ErrorCode.ReaderLost to detail
    is KazasuException.TooLong -> ErrorCode.TooLong to detail
    is KazasuException.Overrun -> ErrorCode.Overrun to detail
    is KazasuException.Cancelled -> ErrorCode.Cancelled to detail
    is KazasuException.LinkFailed -> ErrorCode.LinkFailed to detail
    is KazasuException.OutcomeUnknown -> ErrorCode.OutcomeUnknown to detail
    is KazasuException.SessionOver -> ErrorCode.SessionOver to detail
    is KazasuException.SecretRequired -> ErrorCode.SecretRequired to detail
    is KazasuException.BufferTooSmall -> ErrorCode.BufferTooSmall to detail
    is KazasuException.Misuse -> ErrorCode.Misuse to detail
}

/** Lends a copy outside the JVM's heap, where no collector makes further ones, and wipes it. */
internal inline fun <T> ByteArray.lend(use: (ByteBuffer) -> T): T {
    val copy = ByteBuffer.allocateDirect(size)
    try {
        // By index: what returns a ByteBuffer of newer Java is not in older Androids.
        forEachIndexed { at, byte -> copy.put(at, byte) }
        return use(copy)
    } finally {
        for (at in indices) copy.put(at, 0)
    }
}

/** The same error in our words. */
internal fun KazasuException.told(): CardError {
    val (code, detail) = ours()
    return CardError(
        code, detail.who.ours(), detail.secret?.ours(), detail.left?.toInt(), detail.spent, detail.status?.toInt(),
        detail.needs.map { it.ours() }, detail.english.ours(), detail.japanese.ours(),
    )
}

/** A call that needs no card. */
internal inline fun <T> bridge(call: () -> T): T = try {
    call()
} catch (e: KazasuException) {
    throw e.told()
} catch (e: InternalException) {
    throw CardError(ErrorCode.HostFailed, e)
}

/** Who acts on a host's own error. */
internal fun whoActs(code: ErrorCode): Who = when (code) {
    ErrorCode.MissingEntitlement, ErrorCode.MissingAid, ErrorCode.MissingUsageText -> Who.Caller
    ErrorCode.WrongTag -> Who.Card
    ErrorCode.HostFailed -> Who.Link
    else -> Who.User
}

/** The catalogue's words for a host's own error. */
internal fun hostText(code: ErrorCode, japanese: Boolean): Explanation {
    val said = requireNotNull(explainHost(code.number.toUShort(), japanese)) { "a channel ends with one of the codes from 501" }
    return said.ours()
}

/** The catalogue's line for the holder while a card is read. */
internal fun Progress.line(japanese: Boolean): String? = when (this) {
    is Progress.Waiting -> when (place) {
        null -> Prompt.HOLD
        CardPlace.Top -> Prompt.HOLD_TOP
        CardPlace.Middle -> Prompt.HOLD_MIDDLE
        CardPlace.Bottom -> Prompt.HOLD_BOTTOM
    }
    Progress.Connected, is Progress.Advanced -> Prompt.READING
    is Progress.CardLost -> if (times == 1) Prompt.HOLD_AGAIN else Prompt.OTHER_PLACE
    is Progress.Stopped -> null
}?.let { prompt(it, japanese) }
