package jp.kazasu.demo

import jp.kazasu.CardChannel
import jp.kazasu.CardError
import jp.kazasu.FreeCertificate
import jp.kazasu.ErrorCode
import jp.kazasu.LinkException
import jp.kazasu.LinkFailure
import jp.kazasu.CardLimits
import jp.kazasu.MyNumberCardReader
import jp.kazasu.Plan
import jp.kazasu.Progress
import jp.kazasu.SecretKind
import jp.kazasu.Secrets
import jp.kazasu.SigningKey
import jp.kazasu.TriesLeft
import jp.kazasu.Want
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.Locale

private fun pin(text: String = "1234") = Secrets().give(SecretKind.AuthPin, text.toCharArray())

private fun signature() = Want.Signature(SigningKey.UserAuthentication, ByteArray(32) { 7 })

private suspend fun failure(call: suspend () -> Unit): CardError = try {
    call()
    throw AssertionError("it ended well")
} catch (e: CardError) {
    e
}

/** The Swift package says the same. */
private const val FOUR_DIGITS = "利用者証明用電子証明書の暗証番号(数字4桁)の形式ではありません。正しくは4文字です。"

class ReadTest {
    private val card = DemoCard()
    private val reader = MyNumberCardReader(card)

    @Test
    fun `a plan says what it needs and costs, and one tap gives it all`() = runBlocking {
        val plan = Plan(
            Want.Certificate(FreeCertificate.UserAuthentication), signature(), Want.Attributes,
            Want.Tries(SecretKind.SignPassword), Want.CardKind,
        )
        assertEquals(listOf("auth-pin", "text-pin|number-b"), plan.secretsNeeded.map { it.toString() })
        val estimate = plan.estimate(CardLimits.EXTENDED)
        assertTrue(estimate.commands < plan.estimate().commands && estimate.milliseconds > 0)
        val seen = mutableListOf<Progress>()
        val result = reader.read(
            plan,
            pin().give(SecretKind.TextPin, card.secret(SecretKind.TextPin)),
            onProgress = { seen += it },
        )
        assertEquals(estimate.commands, card.commands)
        assertEquals(1_590, result.certificate(FreeCertificate.UserAuthentication)?.size)
        assertEquals(256, result.signatures.single().size)
        assertEquals("19800217", result.attributes?.birth)
        assertEquals(TriesLeft.Left(5), result.tries(SecretKind.SignPassword))
        assertNull(result.face)
        assertEquals(listOf(Progress.Waiting(null), Progress.Connected), seen.take(2))
        assertEquals("マイナンバーカードをかざし、そのまま動かさないでください。", seen.first().line(Locale.JAPANESE))
        assertEquals(Progress.Advanced(estimate.commands, estimate.commands, 5), seen.last())
    }

    @Test
    fun `a wrong PIN is told with what is left, and only what the closure gives is sent`() = runBlocking {
        val told = mutableListOf<CardError>()
        val result = reader.read(Plan(signature()), pin("9999"), question = { error -> told += error; pin() })
        assertEquals(1, result.signatures.size)
        val error = told.single()
        assertEquals(ErrorCode.WrongSecret, error.code)
        assertEquals(2, error.triesLeft)
        assertEquals(true, error.spentATry)
        assertEquals(SecretKind.AuthPin, error.secret)
        assertTrue("残り2回" in error.explanation(Locale.JAPANESE).toString(), error.explanation(Locale.JAPANESE).toString())
        assertTrue("2" in error.explanation(Locale.ENGLISH).toString())
        assertEquals(2, card.secretsSent)
    }

    @Test
    fun `without a closure one wrong PIN is one try, and the next read is told what is left`() = runBlocking {
        assertEquals(ErrorCode.WrongSecret, failure { reader.read(Plan(signature()), pin("9999")) }.code)
        assertEquals(1, card.secretsSent)
        assertEquals(TriesLeft.Left(2), reader.read(Plan(Want.Tries(SecretKind.AuthPin))).tries(SecretKind.AuthPin))
    }

    @Test
    fun `the last try is spent only after the holder said yes`() = runBlocking {
        repeat(2) { failure { reader.read(Plan(signature()), pin("9999")) } }
        assertEquals(ErrorCode.LastTry, failure { reader.read(Plan(signature()), pin()) }.code)
        assertEquals(2, card.secretsSent)
        reader.read(Plan(signature()), pin().allowLastTry(SecretKind.AuthPin))
        assertEquals(3, card.secretsSent)
    }

    @Test
    fun `a missing or malformed secret is told before a card is asked for`() = runBlocking {
        val seen = mutableListOf<Progress>()
        val missing = failure { reader.read(Plan(signature()), onProgress = { seen += it }) }
        assertEquals(ErrorCode.SecretRequired, missing.code)
        assertEquals(listOf(SecretKind.AuthPin), missing.needs)
        assertEquals(ErrorCode.SecretFormat, failure { reader.read(Plan(signature()), pin("12a4"), onProgress = { seen += it }) }.code)
        assertTrue(seen.all { it is Progress.Stopped })
        assertEquals(0, card.commands)
    }

    @Test
    fun `a mistake of the app is Misuse, with the catalogue's words`() = runBlocking {
        val mistakes = listOf(
            Triple(Plan(), "a plan has 1 to 64 items", "計画の項目は1〜64個です"),
            Triple(
                Plan(Want.Signature(SigningKey.Signing, ByteArray(20))),
                "a digest has 32, 48 or 64 bytes",
                "ハッシュ値は32・48・64バイトのいずれかです",
            ),
        )
        for ((plan, english, japanese) in mistakes) {
            val error = failure { reader.read(plan) }
            assertEquals(ErrorCode.Misuse, error.code)
            assertTrue(english in error.explanation(Locale.ENGLISH).what)
            assertTrue(japanese in error.explanation(Locale.JAPANESE).what)
        }
    }

    @Test
    fun `secrets and commands are wiped wherever they were`() = runBlocking {
        val arrays = mutableListOf<ByteArray>()
        val watching = object : CardChannel by card {
            override suspend fun transceive(command: ByteArray): ByteArray {
                arrays += command
                return card.transceive(command).also { arrays += it }
            }
        }
        val secrets = pin()
        MyNumberCardReader(watching).read(Plan(signature()), secrets)
        assertEquals(8, arrays.size)
        arrays.forEach { assertArrayEquals(ByteArray(it.size), it) }
        assertEquals("Secrets(0)", secrets.toString())
    }

    @Test
    fun `a PIN is changed, and the old one is wrong afterwards`() = runBlocking {
        val (old, new) = "1234".toCharArray() to "5678".toCharArray()
        reader.changePIN(SecretKind.AuthPin, old, new)
        assertArrayEquals(CharArray(4), old)
        assertArrayEquals(CharArray(4), new)
        reader.read(Plan(signature()), pin("5678"))
        val again = failure { reader.changePIN(SecretKind.AuthPin, "1234".toCharArray(), "5678".toCharArray()) }
        assertEquals(ErrorCode.WrongSecret, again.code)
        val before = card.commands
        val malformed = failure { reader.changePIN(SecretKind.AuthPin, "1234".toCharArray(), "567".toCharArray()) }
        assertEquals(ErrorCode.SecretFormat, malformed.code)
        assertEquals(FOUR_DIGITS, malformed.explanation(Locale.JAPANESE).what)
        val never = failure { reader.changePIN(SecretKind.NumberA, "123456789018".toCharArray(), "123456789018".toCharArray()) }
        assertEquals(ErrorCode.Misuse, never.code)
        assertEquals(before, card.commands)
    }

    @Test
    fun `a change that slips is not tried again, and says whether anybody knows`() = runBlocking {
        val codes = (0..4).map { after ->
            val card = DemoCard(limits = CardLimits.SHORT)
            var waits = 0
            val error = failure {
                MyNumberCardReader(Slipping(card, after)).changePIN(SecretKind.AuthPin, "1234".toCharArray(), "5678".toCharArray()) {
                    if (it is Progress.Waiting) waits++
                }
            }
            assertEquals(1, waits)
            assertEquals(if (error.code == ErrorCode.OutcomeUnknown) null else false, error.spentATry)
            error.code
        }
        assertEquals(List(3) { ErrorCode.CardLost } + List(2) { ErrorCode.OutcomeUnknown }, codes)
    }

    /** Whatever the answer is that never comes: at most that command has gone out, and the error says what is known. */
    @Test
    fun `a cancelled coroutine stops within one exchange and says what is known`() = runBlocking {
        for ((answered, code) in listOf(0, 1, 2, 3).map { it to if (it == 2) ErrorCode.OutcomeUnknown else ErrorCode.Cancelled }) {
            val card = DemoCard()
            val reached = CompletableDeferred<Unit>()
            var sent = 0
            var closed = 0
            val hanging = object : CardChannel by card {
                override suspend fun transceive(command: ByteArray): ByteArray {
                    if (sent++ < answered) return card.transceive(command)
                    reached.complete(Unit)
                    awaitCancellation()
                }

                override fun close() {
                    closed++
                }
            }
            var stopped: Progress.Stopped? = null
            val job = launch {
                MyNumberCardReader(hanging).read(Plan(signature()), pin(), onProgress = { if (it is Progress.Stopped) stopped = it })
            }
            reached.await()
            job.cancelAndJoin()
            assertTrue(job.isCancelled)
            assertEquals(answered + 1, sent)
            assertEquals(1, closed)
            assertEquals(code, stopped?.error?.code)
        }
    }

    @Test
    fun `what was read before an error is told with it`() = runBlocking {
        var stopped: Progress.Stopped? = null
        val plan = Plan(Want.Certificate(FreeCertificate.UserAuthentication), signature())
        val error = failure { reader.read(plan, pin("9999"), onProgress = { if (it is Progress.Stopped) stopped = it }) }
        assertTrue(stopped?.error === error)
        assertNotNull(stopped?.result?.certificate(FreeCertificate.UserAuthentication))
        assertEquals(emptyList<Any>(), stopped?.result?.signatures)
    }

    @Test
    fun `a card that never answers ends the read`() = runBlocking {
        var contacts = 0
        val dead = object : CardChannel {
            override suspend fun connect() = CardLimits.SHORT.also { contacts++ }
            override suspend fun transceive(command: ByteArray): ByteArray = throw LinkException(LinkFailure.CardLost)
            override fun close() {}
        }
        var losses = 0
        val error = failure {
            MyNumberCardReader(dead).read(Plan(Want.CardKind), onProgress = { if (it is Progress.CardLost) losses = it.times })
        }
        assertEquals(ErrorCode.CardLost, error.code)
        assertEquals(8, contacts)
        assertEquals(7, losses)
    }

    @Test
    fun `a card that slips at every command is read all the same, with no secret sent twice`() = runBlocking {
        for (after in 0..12) {
            val card = DemoCard(profile = "short-only", limits = CardLimits.SHORT)
            val plan = Plan(Want.Certificate(FreeCertificate.UserAuthentication), signature())
            var asked = 0
            val result = MyNumberCardReader(Slipping(card, after)).read(plan, pin(), question = { asked++; if (it.code == ErrorCode.OutcomeUnknown) Secrets() else pin() })
            assertEquals(1_590, result.certificate(FreeCertificate.UserAuthentication)?.size)
            assertTrue(card.secretsSent <= if (asked == 0) 1 else 2, "after $after: ${card.secretsSent} secrets")
        }
    }

    @Test
    fun `on a channel that leaves the card its power, what was opened is closed by one more command`() = runBlocking {
        for ((typed, want) in listOf("1234" to signature(), "9999" to signature(), "" to Want.CardKind)) {
            val card = DemoCard()
            val keeping = object : CardChannel by card {
                val commands = mutableListOf<List<Byte>>()
                override suspend fun transceive(command: ByteArray): ByteArray {
                    commands += command.take(5)
                    return card.transceive(command)
                }

                override fun close() {}
                override val takesPower get() = false
            }
            val secrets = if (typed.isEmpty()) Secrets() else pin(typed)
            val outcome = runCatching { MyNumberCardReader(keeping).read(Plan(want), secrets) }
            assertEquals(typed == "9999", outcome.isFailure)
            val selects = keeping.commands.count { it[1] == 0xA4.toByte() }
            assertEquals(if (typed.isEmpty()) 1 else 2, selects)
            if (typed.isNotEmpty()) assertEquals(0xA4.toByte(), keeping.commands.last()[1])
        }
    }

    @Test
    fun `without a question a slip that costs a secret is the error, and nobody is asked to hold the card there again`() = runBlocking {
        val connected = mutableListOf<Progress>()
        val slipping = Slipping(DemoCard(limits = CardLimits.SHORT), after = 3)
        val error = failure {
            MyNumberCardReader(slipping).read(Plan(signature()), pin(), onProgress = { if (it is Progress.Connected) connected += it })
        }
        assertEquals(ErrorCode.CardLost, error.code)
        assertEquals(1, connected.size)
    }

    @Test
    fun `a host's own error ends the read with its code and text`() = runBlocking {
        val off = object : CardChannel by card {
            override suspend fun connect(): CardLimits = throw CardError(ErrorCode.NfcOff)
        }
        val error = failure { MyNumberCardReader(off).read(Plan(Want.CardKind)) }
        assertEquals(502, error.number)
        assertEquals("kazasu 502 nfc-off", error.message)
        assertEquals("NFCがオフになっています。", error.explanation(Locale.JAPANESE).what)
    }

    @Test
    fun `a second read waits for the first`() = runBlocking {
        var inside = 0
        val one = object : CardChannel by card {
            override suspend fun connect(): CardLimits {
                assertEquals(1, ++inside)
                yield()
                return card.connect()
            }

            override fun close() {
                inside--
            }
        }
        val reader = MyNumberCardReader(one)
        val jobs = List(5) { launch { reader.read(Plan(Want.CardKind)) } }
        jobs.forEach { it.join() }
        assertTrue(jobs.none { it.isCancelled })
        assertEquals(0, inside)
    }

    @Test
    fun `cancelled while it waits for its turn, it leaves no trace`() = runBlocking {
        val waiting = object : CardChannel {
            val reached = CompletableDeferred<Unit>()
            var closed = 0
            override suspend fun connect(): CardLimits = reached.complete(Unit).let { awaitCancellation() }
            override suspend fun transceive(command: ByteArray): ByteArray = error("never")
            override fun close() {
                closed++
            }
        }
        val reader = MyNumberCardReader(waiting)
        val first = launch { reader.read(Plan(Want.CardKind)) }
        waiting.reached.await()
        val second = launch { reader.read(Plan(Want.CardKind)) }
        yield()
        second.cancelAndJoin()
        assertFalse(first.isCancelled)
        first.cancelAndJoin()
        assertEquals(1, waiting.closed)
    }

    @Test
    fun `an error prints numbers and names only`() = runBlocking {
        val error = failure { reader.read(Plan(signature()), pin("9876")) }
        assertEquals("jp.kazasu.CardError: kazasu 101 wrong-secret", error.toString())
        assertFalse("9876" in error.stackTraceToString())
    }
}
