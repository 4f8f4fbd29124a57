package jp.kazasu.android

import android.app.Activity
import android.nfc.NfcAdapter
import android.nfc.Tag
import android.nfc.tech.IsoDep
import android.os.Bundle
import jp.kazasu.CardChannel
import jp.kazasu.CardError
import jp.kazasu.ErrorCode
import jp.kazasu.CardLimits
import jp.kazasu.CardPlace
import jp.kazasu.LinkException
import jp.kazasu.LinkFailure
import jp.kazasu.MyNumberCardReader
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.sync.Mutex
import java.io.IOException
import java.util.concurrent.Executors
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/** What can be said about the phone's NFC. The values are those that apps for this card have found to work. */
public class NfcOptions(
    /** Milliseconds that a command may take; Android's own value is too short for this card's longer answers. */
    public val timeout: Int = 5_000,
    /** Milliseconds that a signature may take. */
    public val signingTimeout: Int = 20_000,
    /**
     * Milliseconds between Android's own questions whether the card is still there; they get in the way of a command.
     */
    public val presenceCheckDelay: Int = 1_000,
)

/** By name, because the Android that this is compiled against has no such method. */
private fun Any.said(method: String): Any? = javaClass.getMethod(method).invoke(this)

/**
 * Of an android.nfc.NfcAntennaInfo: millimetres from the top of an upright phone (developer.android.com,
 * AvailableNfcAntenna).
 */
private fun place(phone: Any): CardPlace? {
    val antenna = (phone.said("getAvailableNfcAntennas") as List<*>).singleOrNull() ?: return null
    val (at, height) = antenna.said("getLocationY") as Int to phone.said("getDeviceHeight") as Int
    if (phone.said("isDeviceFoldable") == true || at !in 0 until height) return null
    return CardPlace.entries[3 * at / height]
}

/** A reader that uses the phone's NFC, over [activity] while it is in front. */
public fun MyNumberCardReader(activity: Activity, options: NfcOptions = NfcOptions()): MyNumberCardReader =
    MyNumberCardReader(NfcChannel(activity, options))

/**
 * The phone's NFC as a channel. One of them at a time holds it, whatever activity it is for; others wait for their
 * turn.
 */
public class NfcChannel(private val activity: Activity, private val options: NfcOptions = NfcOptions()) : CardChannel {
    private val tags = Channel<Tag>(Channel.CONFLATED)

    /** Held from the first [connect] to [close]. */
    private var open: NfcAdapter? = null
    @Volatile private var card: IsoDep? = null
    private var extended = Extended.Untried

    /** Whether extended length works, which is more than that the phone says so. */
    private enum class Extended { Untried, Works, Fails }

    /** Where Android (14 or newer) says that the antenna is, on a phone that does not fold and has only one. */
    override val place: CardPlace?
        get() = try {
            NfcAdapter.getDefaultAdapter(activity)?.said("getNfcAntennaInfo")?.let(::place)
        } catch (_: ReflectiveOperationException) {
            // An older Android, or NFC is switched off, which is told when it is opened.
            null
        } catch (_: RuntimeException) {
            null
        }

    override suspend fun connect(): CardLimits {
        val adapter = open ?: enter()
        while (true) {
            if (!adapter.isEnabled) throw CardError(ErrorCode.NfcOff)
            // After a failure that was no loss the same tag is still there, and Android does not tell of it again.
            val isoDep = tags.tryReceive().getOrNull()?.let(::isoDep) ?: card ?: isoDep(tags.receive())
            try {
                return take(isoDep)
            } catch (_: LinkException) {
                // It was gone before it was there: the next tag is waited for.
                card = null
            }
        }
    }

    override suspend fun transceive(command: ByteArray): ByteArray {
        val isoDep = card ?: throw LinkException(LinkFailure.CardLost)
        val signs = command[1] == PERFORM_SECURITY_OPERATION
        val long = command.isExtended()
        if (long && extended == Extended.Fails) throw LinkException(LinkFailure.TooLong)
        // The caller wipes its own as soon as this is cancelled, and the exchange may still be reading it.
        val copy = command.copyOf()
        try {
            val response = blocking(isoDep, { copy.fill(0) }) {
                if (copy.size > maxOf(isoDep.maxTransceiveLength, CardLimits.SHORT.maxCommand)) throw LinkException(LinkFailure.TooLong)
                if (signs) timeout(isoDep, options.signingTimeout)
                isoDep.transceive(copy).also { if (signs) timeout(isoDep, options.timeout) }
            }
            if (long) extended = Extended.Works
            return response
        } catch (e: LinkException) {
            // What the phone said is not so, or the card slipped; short commands work in both cases.
            if (long && extended == Extended.Untried) extended = Extended.Fails
            throw e
        }
    }

    override fun close() {
        card?.let(::letGo)
        card = null
        open?.let { adapter ->
            open = null
            try {
                adapter.disableReaderMode(activity)
            } catch (_: IllegalStateException) {
                // The activity has gone, and its reader mode with it.
            }
        }
        if (turn.holdsLock(this)) turn.unlock(this)
    }

    private suspend fun enter(): NfcAdapter {
        if (!turn.holdsLock(this)) turn.lock(this)
        // A tag of an earlier turn is none of this one.
        do {
            val stale = tags.tryReceive()
        } while (stale.isSuccess)
        return platform {
            val adapter = NfcAdapter.getDefaultAdapter(activity) ?: throw CardError(ErrorCode.NfcUnavailable)
            if (!adapter.isEnabled) throw CardError(ErrorCode.NfcOff)
            val extras = Bundle()
            extras.putInt(NfcAdapter.EXTRA_READER_PRESENCE_CHECK_DELAY, options.presenceCheckDelay)
            val flags = NfcAdapter.FLAG_READER_NFC_B or NfcAdapter.FLAG_READER_SKIP_NDEF_CHECK
            open = adapter
            adapter.enableReaderMode(activity, { tag -> tags.trySend(tag) }, flags, extras)
            adapter
        }
    }

    private fun isoDep(tag: Tag): IsoDep = IsoDep.get(tag) ?: throw CardError(ErrorCode.WrongTag)

    private suspend fun take(isoDep: IsoDep): CardLimits {
        card?.let(::letGo)
        card = isoDep
        return blocking(isoDep) {
            timeout(isoDep, options.timeout)
            isoDep.connect()
            limits(isoDep)
        }
    }

    private fun limits(isoDep: IsoDep): CardLimits {
        val longest = isoDep.maxTransceiveLength
        val works = isoDep.isExtendedLengthApduSupported && extended != Extended.Fails && longest > CardLimits.SHORT.maxCommand
        // No short command of this card comes near 253 bytes, which is what some phones say.
        return if (works) CardLimits(minOf(longest, CardLimits.EXTENDED.maxCommand), minOf(longest, CardLimits.EXTENDED.maxResponse)) else CardLimits.SHORT
    }

    private companion object {
        /** The one that has the phone's NFC. */
        val turn = Mutex()

        /** The one thread on which NFC blocks: what was cancelled has left it before the next begins. */
        val thread = Executors.newSingleThreadExecutor { run -> Thread(run, "kazasu-nfc").apply { isDaemon = true } }

        /** INS of the command that signs. */
        const val PERFORM_SECURITY_OPERATION: Byte = 0x2A

        /** Lc or Le in three bytes: the first of them is 00, and there is more. */
        fun ByteArray.isExtended() = size > 5 && this[4] == 0.toByte()

        fun timeout(isoDep: IsoDep, milliseconds: Int) = try {
            isoDep.timeout = milliseconds
        } catch (_: IllegalArgumentException) {
            // The phone keeps its own.
        }

        fun letGo(isoDep: IsoDep) = try {
            isoDep.close()
        } catch (_: IOException) {
            // It has gone already.
        } catch (_: SecurityException) {
            // Another tag has taken its place.
        }

        /** On the thread; cancelling closes the tag from outside, which is what ends a command that is on its way. */
        suspend fun <T> blocking(isoDep: IsoDep, after: () -> Unit = {}, action: () -> T): T =
            suspendCancellableCoroutine { continuation: CancellableContinuation<T> ->
                continuation.invokeOnCancellation { letGo(isoDep) }
                thread.execute {
                    try {
                        if (!continuation.isActive) return@execute
                        val outcome = runCatching(action)
                        outcome.fold(continuation::resume) { continuation.resumeWithException(failure(it)) }
                    } finally {
                        after()
                        // Cancelled before it had connected, it was closed too early.
                        if (continuation.isCancelled) letGo(isoDep)
                    }
                }
            }

        inline fun <T> platform(action: () -> T): T = try {
            action()
        } catch (e: CardError) {
            throw e
        } catch (e: Exception) {
            throw CardError(hostCode(e), e)
        }
    }
}
