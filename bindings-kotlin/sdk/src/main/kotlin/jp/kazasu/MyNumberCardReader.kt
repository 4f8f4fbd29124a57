package jp.kazasu

import jp.kazasu.ffi.Field
import jp.kazasu.ffi.InternalException
import jp.kazasu.ffi.KazasuException
import jp.kazasu.ffi.Next
import jp.kazasu.ffi.Operation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import java.util.Locale
import java.util.WeakHashMap

/** How far a read is, for whoever draws the screen. */
public sealed class Progress {
    /**
     * A line for the holder, in [locale]'s language where that is Japanese, in English otherwise; null where there is
     * none.
     */
    public fun line(locale: Locale = Locale.getDefault()): String? = line(locale.language == "ja")

    /**
     * Nothing is there yet: ask the holder to hold the card to the phone, there where [place] says if that is known.
     */
    public data class Waiting(public val place: CardPlace?) : Progress()

    /** A card is there. */
    public data object Connected : Progress()

    /**
     * So many commands were answered, of so many that it will be; so many wants and documents have come to something.
     */
    public data class Advanced(public val commands: Int, public val of: Int, public val wants: Int) : Progress()

    /**
     * The card slipped away, so many times by now; it goes on when it is back. From the second time on show where to
     * hold it.
     */
    public class CardLost(public val error: CardError, public val times: Int) : Progress()

    /**
     * It ends with [error], which is thrown next, and [result] is what was read before. A cancelled coroutine learns
     * here whether a try may be spent: [ErrorCode.OutcomeUnknown] instead of [ErrorCode.Cancelled].
     */
    public class Stopped(public val error: CardError, public val result: CardResult) : Progress()
}

/** The one that has a channel, whichever reader it came from. */
private val turns = WeakHashMap<CardChannel, Mutex>()

/**
 * Reads, unlocks and signs with a My Number card behind [channel]. One read at a time, also where two readers have the
 * same channel: a second one waits until the first has let go of the card. A cancelled coroutine ends it within one
 * exchange.
 */
public class MyNumberCardReader(private val channel: CardChannel) {
    private val turn = synchronized(turns) { turns.getOrPut(channel) { Mutex() } }

    /**
     * Does everything that [plan] wants in one contact. A card that slips away is waited for, and the read goes on. A
     * secret is sent once, and again only if [question] gives it again. Where nothing that was read proves that the
     * card which comes back is the same one, everything is done again, signatures too; a plan with
     * [FreeCertificate.UserAuthentication] in it has such a proof. Signed documents are handed out when all of it has
     * been done.
     *
     * @param secrets what the holder has typed; wiped
     * @param question called when a secret is missing, malformed, wrong or blocked, has one try left or may have been
     *   spent: the holder is told, and the read goes on with what comes back, in the same contact; null ends it
     *   with the error
     * @param onProgress called in the caller's own context
     * @throws CardError when there is no result
     */
    public suspend fun read(
        plan: Plan,
        secrets: Secrets = Secrets(),
        question: (suspend (CardError) -> Secrets?)? = null,
        onProgress: (Progress) -> Unit = {},
    ): CardResult = secrets.use {
        val asked = Asked(plan)
        val (result, signatures) = contact({ bridge { asked.operation() } }) { operation ->
            Contact(operation, asked, channel, question, onProgress).run(secrets)
            CardResult.of(plan.wants, operation) to asked.signatures(operation)
        }
        if (signatures.isEmpty()) result else withContext(Dispatchers.Default) { result.signing(signatures) }
    }

    /**
     * Changes a secret: 利用者証明用, 署名用 or 券面事項入力補助用. Both texts are checked before a card is there, each is sent once, and
     * both are wiped. A card that slips away ends it: the holder must be told what is known.
     *
     * @param allowLastTry the holder was told that one try is left, and said yes
     * @throws CardError when it was not changed, or when nobody knows ([ErrorCode.OutcomeUnknown])
     */
    public suspend fun changePIN(
        kind: SecretKind,
        old: CharArray,
        new: CharArray,
        allowLastTry: Boolean = false,
        onProgress: (Progress) -> Unit = {},
    ) {
        contact({ change(kind, old, new) }) { operation ->
            if (allowLastTry) operation.allowLastTry(kind.theirs())
            Contact(operation, Asked(Plan()), channel, question = null, onProgress).run(Secrets())
        }
    }

    private suspend fun <T> contact(begin: () -> Operation, use: suspend (Operation) -> T): T {
        // The first call loads the library.
        val operation = withContext(Dispatchers.IO) { begin() }
        return operation.use {
            turn.withLock {
                try {
                    use(operation)
                } catch (e: InternalException) {
                    throw CardError(ErrorCode.HostFailed, e)
                } finally {
                    channel.close()
                }
            }
        }
    }
}

private fun change(kind: SecretKind, old: CharArray, new: CharArray): Operation {
    val texts = listOf(old, new).map { text -> Secrets().give(kind, text) }
    val bytes = mutableListOf<ByteArray>()
    try {
        texts.forEach { text -> text.handOver({}) { _, typed -> bytes += typed.copyOf() } }
        return bytes[0].lend { old -> bytes[1].lend { new -> bridge { Operation.change(kind.theirs(), old, new) } } }
    } finally {
        bytes.forEach { it.fill(0) }
    }
}

/** So many contacts in a row that brought no answer at all are no card that slips. */
private const val FRUITLESS = 8

/** Whoever answers a little and slips, this often, keeps the phone busy and nothing else. */
private const val MOST_SLIPS = 64

private val HOLDERS = setOf(
    ErrorCode.WrongSecret, ErrorCode.SecretFormat, ErrorCode.LastTry, ErrorCode.Blocked, ErrorCode.OutcomeUnknown,
    ErrorCode.SecretRequired,
)
private val SLIPS = setOf(ErrorCode.CardLost, ErrorCode.CardReset, ErrorCode.Timeout, ErrorCode.LinkFailed)

/**
 * One operation from its first command to its end, over as many contacts as it takes; over one where nothing is [asked]
 * for.
 */
private class Contact(
    private val operation: Operation,
    private val asked: Asked,
    private val channel: CardChannel,
    private val question: (suspend (CardError) -> Secrets?)?,
    private val onProgress: (Progress) -> Unit,
) {
    private var connected = false
    private var estimate = 0
    private var slips = 0
    private var fruitless = 0

    /** The last one. */
    private var slip: CardError? = null

    suspend fun run(secrets: Secrets) {
        try {
            contacts(secrets)
        } catch (e: CardError) {
            // Where the link or the phone failed, the channel is all that can close anything.
            if (e.number / 100 != 3 && e.number / 100 != 5) leave()
            throw e
        } catch (e: CancellationException) {
            throw e
        } catch (e: Exception) {
            // A document's own.
            leave()
            throw e
        }
        leave()
    }

    /** What a secret opened stays open for whoever comes next to a card that keeps its power. */
    private suspend fun leave() {
        try {
            if (channel.takesPower || !operation.leave()) return
            while (operation.next() == Next.Transmit) exchange()
        } catch (_: KazasuException) {
            // The card did not say yes; there is nothing else that could be sent.
        } catch (_: CardError) {
            // Nor is there a phone to send it.
        }
    }

    private suspend fun contacts(secrets: Secrets) {
        var given: Secrets? = secrets
        while (true) {
            val error = try {
                given?.let(::give)
                steps()
                return
            } catch (e: KazasuException) {
                e.told()
            } catch (e: CardError) {
                // The phone failed; if a secret was on its way, that nobody knows what came of it is what counts.
                val known = known()
                throw stopped(if (known?.code == ErrorCode.OutcomeUnknown) known else e)
            } catch (e: CancellationException) {
                known()?.let(::stopped)
                throw e
            } catch (e: Exception) {
                known()
                throw e
            }
            if (error.code.number / 100 == 3) connected = false
            given = when {
                asked.isEmpty() -> throw stopped(error)
                // A secret that a slip made needed again and that nobody is asked for: it is the slip that the holder
                // knows of.
                error.code in HOLDERS -> question?.invoke(error)
                    ?: throw stopped(if (error.code == ErrorCode.SecretRequired) slip ?: error else error)
                error.code in SLIPS && ++fruitless < FRUITLESS && slips < MOST_SLIPS ->
                    null.also { slip = error; onProgress(Progress.CardLost(error, ++slips)) }
                else -> throw stopped(error)
            }
        }
    }

    private fun stopped(error: CardError): CardError {
        onProgress(Progress.Stopped(error, CardResult.of(asked.plan.wants, operation)))
        return error
    }

    /** What is known of a command that was on its way when it was cancelled. */
    private fun known(): CardError? = try {
        operation.cancel()
        null
    } catch (e: KazasuException) {
        e.told()
    }

    private fun give(secrets: Secrets) = secrets.use {
        secrets.handOver(
            { operation.allowLastTry(it.theirs()) },
            { kind, typed -> typed.lend { operation.give(kind.theirs(), it) } },
        )
    }

    private suspend fun steps() {
        if (!connected) connect()
        var next = operation.next()
        while (next != Next.Done) {
            currentCoroutineContext().ensureActive()
            if (next is Next.Digest) digest(asked.document(next.want)) else exchange()
            next = operation.next()
            tell()
        }
    }

    /** The card waits; whatever this ends with but a digest, nothing more is sent to it. */
    private suspend fun digest(document: SignableDocument<*>) {
        fun bytes(at: UInt) = checkNotNull(operation.field(at, Field.VALUE))
        val certificate = bytes(asked.certificateAt(document))
        try {
            val authority = asked.authorityAt(document)?.let(::bytes)
            val digest = withContext(Dispatchers.Default) { document.digest(certificate, authority) }
            digest.lend { operation.digest(it) }
        } catch (e: KazasuException) {
            throw e.told()
        } finally {
            certificate.fill(0)
        }
    }

    private suspend fun connect() {
        if (operation.needs().isNotEmpty()) {
            // Throws what is missing before the holder is asked for the card; nothing is sent.
            operation.connected(CardLimits.SHORT.maxCommand.toUInt(), CardLimits.SHORT.maxResponse.toUInt())
            operation.next()
        }
        onProgress(Progress.Waiting(channel.place))
        val limits = channel.connect()
        estimate = operation.estimate(limits.maxResponse.toUInt()).commands.toInt()
        operation.connected(limits.maxCommand.toUInt(), limits.maxResponse.toUInt())
        connected = true
        onProgress(Progress.Connected)
    }

    private suspend fun exchange() {
        val command = operation.command()
        val response = try {
            channel.transceive(command)
        } catch (e: LinkException) {
            operation.fail(e.failure.theirs())
            return
        } finally {
            command.fill(0)
        }
        try {
            response.lend { operation.feed(it) }
        } finally {
            response.fill(0)
        }
        fruitless = 0
    }

    private fun tell() {
        val progress = operation.progress()
        val commands = progress.commands.toInt()
        onProgress(Progress.Advanced(commands, maxOf(estimate, commands), progress.items.toInt() - asked.readBeside(operation)))
    }
}
