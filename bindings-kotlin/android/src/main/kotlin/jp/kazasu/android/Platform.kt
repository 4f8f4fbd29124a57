package jp.kazasu.android

import android.nfc.TagLostException
import jp.kazasu.CardError
import jp.kazasu.ErrorCode
import jp.kazasu.LinkException
import jp.kazasu.LinkFailure
import java.io.IOException

// What Android throws, each as exactly one code.

/** While nothing is connected: opening NFC itself. */
internal fun hostCode(thrown: Exception): ErrorCode = when (thrown) {
    // android.permission.NFC is not in the manifest.
    is SecurityException -> ErrorCode.MissingEntitlement
    // The device says that it has no such feature.
    is UnsupportedOperationException -> ErrorCode.NfcUnavailable
    // The activity has been destroyed, or the service does not answer.
    else -> ErrorCode.HostFailed
}

/** While a tag is there. */
internal fun failure(thrown: Throwable): Throwable = when (thrown) {
    is LinkException, is CardError -> thrown
    is TagLostException -> LinkException(LinkFailure.CardLost, thrown)
    is IOException -> LinkException(LinkFailure.Other, thrown)
    // "Permission Denial: Tag … is out of date": another tag has come since.
    is SecurityException -> LinkException(LinkFailure.CardLost, thrown)
    // "Only one TagTechnology can be connected to a tag at a time", or it was closed by a cancelled read.
    is IllegalStateException -> LinkException(LinkFailure.CardLost, thrown)
    is Exception -> CardError(ErrorCode.HostFailed, thrown)
    else -> thrown
}
