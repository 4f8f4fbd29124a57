package jp.kazasu.android

import android.app.Activity
import android.nfc.AvailableNfcAntenna
import android.nfc.NfcAdapter
import android.nfc.NfcAntennaInfo
import android.nfc.TagLostException
import fake.Phone
import jp.kazasu.CardError
import jp.kazasu.FreeCertificate
import jp.kazasu.ErrorCode
import jp.kazasu.LinkException
import jp.kazasu.LinkFailure
import jp.kazasu.MyNumberCardReader
import jp.kazasu.Plan
import jp.kazasu.Progress
import jp.kazasu.SecretKind
import jp.kazasu.Secrets
import jp.kazasu.SigningKey
import jp.kazasu.Want
import jp.kazasu.demo.ffi.DemoCard
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotSame
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import java.io.IOException
import java.util.Locale
import java.util.concurrent.atomic.AtomicReference

@Timeout(120)
class NfcChannelTest {
    private val activity = Activity()
    private val card = DemoCard("adult", "standard")
    private val certificate = Plan(Want.Certificate(FreeCertificate.UserAuthentication))

    @BeforeEach
    fun fresh() = Phone.reset()

    @AfterEach
    fun nothingIsLeft() {
        assertEquals(emptyList<String>(), Phone.mistakes)
        assertNull(Phone.mode)
        assertTrue(Phone.connected.isEmpty())
    }

    private fun tap(isIsoDep: Boolean = true) = Phone.tap(OnAntenna(card), isIsoDep)

    /** Reads, with a card held to the phone as soon as it waits for one. */
    private fun read(
        plan: Plan = certificate,
        options: NfcOptions = NfcOptions(),
        secrets: Secrets = Secrets(),
        onTap: () -> Unit = ::tap,
        onProgress: (Progress) -> Unit = {},
    ) = runBlocking {
        val reading = async(start = CoroutineStart.UNDISPATCHED) {
            runCatching { MyNumberCardReader(activity, options).read(plan, secrets, onProgress = onProgress) }
        }
        while (Phone.mode == null && reading.isActive) delay(1)
        if (reading.isActive) onTap()
        reading.await()
    }

    private fun code(outcome: Result<*>): ErrorCode? = (outcome.exceptionOrNull() as CardError?)?.code

    private fun longest() = Phone.commands.maxOf { it.size }

    private fun extendedSent() = Phone.commands.count { it.size > 5 && it[4] == 0.toByte() }

    @Test
    fun `reader mode is for NFC-B without NDEF, with the presence check put off`() {
        var mode: Phone.Mode? = null
        read(onTap = { mode = Phone.mode; tap() }).getOrThrow()
        assertEquals(NfcAdapter_FLAG_READER_NFC_B or NfcAdapter_FLAG_READER_SKIP_NDEF_CHECK, mode?.flags)
        assertEquals(1_000, mode?.extras?.getInt(NfcAdapter_EXTRA_READER_PRESENCE_CHECK_DELAY))
        read(options = NfcOptions(presenceCheckDelay = 250), onTap = { mode = Phone.mode; tap() }).getOrThrow()
        assertEquals(250, mode?.extras?.getInt(NfcAdapter_EXTRA_READER_PRESENCE_CHECK_DELAY))
    }

    @Test
    fun `a command may take five seconds and a signature twenty`() {
        val signing = Plan(Want.Signature(SigningKey.UserAuthentication, ByteArray(32)))
        read(signing, secrets = Secrets().give(SecretKind.AuthPin, "1234".toCharArray())).getOrThrow()
        assertEquals(listOf(5_000, 20_000, 5_000), Phone.timeouts.toList())
        Phone.timeouts.clear()
        read(certificate, NfcOptions(timeout = 7_000)).getOrThrow()
        assertEquals(listOf(7_000), Phone.timeouts.toList())
        Phone.timeoutThrows = IllegalArgumentException("The supplied timeout is not valid")
        read().getOrThrow()
    }

    @Test
    fun `the holder is told where the antenna is, if Android knows it`() {
        fun line(): String? {
            val waiting = mutableListOf<Progress.Waiting>()
            read(onProgress = { if (it is Progress.Waiting) waiting += it }).getOrThrow()
            return waiting.single().line(Locale.JAPANESE)
        }
        val anywhere = "マイナンバーカードをかざし、そのまま動かさないでください。"
        assertEquals(anywhere, line())
        fun at(vararg y: Int, folds: Boolean = false) = NfcAntennaInfo(70, 150, folds, y.map { AvailableNfcAntenna(35, it) })
        for ((y, part) in listOf(20 to "上部", 75 to "中央", 149 to "下部")) {
            Phone.antenna = at(y)
            assertEquals("マイナンバーカードを端末の背面の${part}にかざし、そのまま動かさないでください。", line())
        }
        for (unsure in listOf(at(20, folds = true), at(20, 100), at(), at(150), at(-1))) {
            Phone.antenna = unsure
            assertEquals(anywhere, line())
        }
    }

    @Test
    fun `two readers of one channel come one after the other`() = runBlocking {
        val channel = NfcChannel(activity)
        val readings = List(2) {
            async(start = CoroutineStart.UNDISPATCHED) { runCatching { MyNumberCardReader(channel).read(certificate) } }
        }
        repeat(2) { done ->
            while (Phone.mode == null) delay(1)
            tap()
            while (readings.count { it.isCompleted } == done) delay(1)
        }
        for (reading in readings) assertEquals(1_590, reading.await().getOrThrow().certificate(FreeCertificate.UserAuthentication)?.size)
    }

    @Test
    fun `extended length is used where the phone has it and it works`() {
        read().getOrThrow()
        assertEquals(2, Phone.commands.size)
        assertEquals(1, extendedSent())
    }

    @Test
    fun `extended length is not used where the phone says no, or its buffer is short`() {
        Phone.saysExtended = false
        read().getOrThrow()
        Phone.saysExtended = true
        for (size in listOf(253, 261)) {
            Phone.maxTransceiveLength = size
            read().getOrThrow()
        }
        assertEquals(0, extendedSent())
        assertTrue(longest() <= 261)
    }

    @Test
    fun `a phone that lies about extended length is found out at the first try, in the same contact`() {
        var tries = 0
        Phone.transceiveThrows = { if (it.size > 5 && it[4] == 0.toByte()) IOException("Transceive failed").also { tries++ } else null }
        var losses = 0
        read(onProgress = { if (it is Progress.CardLost) losses++ }).getOrThrow()
        assertEquals(1, tries)
        assertEquals(0, losses)
    }

    @Test
    fun `a phone on which extended length loses the card is asked once, and the next contact does without`() {
        var tries = 0
        Phone.transceiveThrows = { if (it.size > 5 && it[4] == 0.toByte()) TagLostException().also { tries++ } else null }
        var losses = 0
        read(onProgress = { if (it is Progress.CardLost) losses++ }).getOrThrow()
        assertEquals(1, tries)
        assertEquals(1, losses)
    }

    @Test
    fun `a card that slips is waited for in the same reader mode`() {
        var torn = false
        var modes = setOf<Phone.Mode?>()
        Phone.saysExtended = false
        Phone.transceiveThrows = { if (Phone.commands.size == 4 && !torn) TagLostException().also { torn = true; Phone.remove() } else null }
        var times = 0
        read(onProgress = { progress ->
            modes = modes + Phone.mode
            if (progress is Progress.CardLost) {
                times = progress.times
                Thread { Thread.sleep(20); tap() }.start()
            }
        }).getOrThrow()
        assertEquals(1, times)
        assertEquals(1, modes.filterNotNull().size)
    }

    @Test
    fun `each state of the phone is one code`() {
        Phone.hasNfc = false
        assertEquals(ErrorCode.NfcUnavailable, code(read()))
        Phone.reset()
        Phone.enabled = false
        assertEquals(ErrorCode.NfcOff, code(read()))
        Phone.reset()
        Phone.adapterThrows = UnsupportedOperationException()
        assertEquals(ErrorCode.NfcUnavailable, code(read()))
        Phone.reset()
        Phone.enableThrows = SecurityException("NFC permission required")
        assertEquals(ErrorCode.MissingEntitlement, code(read().also { Phone.reset() }))
        Phone.enableThrows = IllegalStateException("activity is already destroyed")
        assertEquals(ErrorCode.HostFailed, code(read().also { Phone.reset() }))
        assertEquals(ErrorCode.WrongTag, code(read(onTap = { tap(isIsoDep = false) })))
        Phone.reset()
        Phone.transceiveThrows = { Phone.enabled = false; IOException("NFC service died") }
        assertEquals(ErrorCode.NfcOff, code(read(onTap = ::tap)))
    }

    @Test
    fun `each exception of a tag is one failure`() {
        val table = listOf(
            TagLostException() to LinkFailure.CardLost,
            IOException("Transceive failed") to LinkFailure.Other,
            SecurityException("Permission Denial: Tag is out of date") to LinkFailure.CardLost,
            IllegalStateException("Call connect() first!") to LinkFailure.CardLost,
        )
        for ((thrown, expected) in table) {
            assertEquals(expected, (failure(thrown) as LinkException).failure, thrown.toString())
        }
        assertEquals(ErrorCode.HostFailed, (failure(NullPointerException()) as CardError).code)
        val error = OutOfMemoryError()
        assertTrue(failure(error) === error)
    }

    @Test
    fun `an activity that was destroyed meanwhile does no harm`() {
        read(onTap = { Phone.disableThrows = IllegalStateException("activity is already destroyed"); tap() }).getOrThrow()
        Phone.reset()
        read().getOrThrow()
    }

    @Test
    fun `cancelling closes the tag from another thread, and nothing more is sent`() = runBlocking {
        Phone.stalls = true
        val reading = launch(Dispatchers.Default) { MyNumberCardReader(activity).read(certificate) }
        while (Phone.mode == null) delay(1)
        tap()
        while (Phone.commands.isEmpty()) delay(1)
        reading.cancelAndJoin()
        val sent = Phone.commands.size
        Phone.stalls = false
        assertNull(Phone.mode)
        assertEquals(1, sent)
        // The next read begins behind the exchange that was cut off.
        val again = async(Dispatchers.Default) { MyNumberCardReader(activity).read(certificate) }
        while (Phone.mode == null) delay(1)
        tap()
        again.await()
        Unit
    }

    @Test
    fun `cancelling while it connects leaves nothing connected`() = runBlocking {
        Phone.connecting = 100
        val reading = launch(Dispatchers.Default) { MyNumberCardReader(activity).read(certificate) }
        while (Phone.mode == null) delay(1)
        tap()
        delay(30)
        reading.cancelAndJoin()
        // The fake connects only after it was closed; what is asserted after each test is that it does not stay so.
        while (!Phone.everConnected) delay(1)
        while (Phone.connected.isNotEmpty()) delay(1)
    }

    @Test
    fun `a command that is cut off by cancelling is not wiped under the exchange's feet`() = runBlocking {
        val seen = AtomicReference<ByteArray>()
        Phone.transceiveThrows = { command -> null.also { seen.set(command) } }
        val channel = NfcChannel(activity)
        try {
            val connecting = async(start = CoroutineStart.UNDISPATCHED) { channel.connect() }
            tap()
            connecting.await()
            Phone.stalls = true
            val verify = VERIFY.copyOf()
            val exchange = launch(Dispatchers.Default) {
                try {
                    channel.transceive(verify)
                } finally {
                    verify.fill(0)
                }
            }
            while (Phone.commands.isEmpty()) delay(1)
            exchange.cancelAndJoin()
            assertArrayEquals(VERIFY, Phone.commands.single())
            assertNotSame(verify, seen.get())
            while (seen.get().any { it != 0.toByte() }) delay(1)
        } finally {
            channel.close()
        }
    }

    private companion object {
        val VERIFY = byteArrayOf(0x00, 0x20, 0x00, 0x80.toByte(), 0x04, 0x31, 0x32, 0x33, 0x34)

        // Literal, from Android's documentation: what is asserted is not read from where it is set.
        const val NfcAdapter_FLAG_READER_NFC_B = 0x2
        const val NfcAdapter_EXTRA_READER_PRESENCE_CHECK_DELAY = "presence"
        const val NfcAdapter_FLAG_READER_SKIP_NDEF_CHECK = 0x80
    }
}
