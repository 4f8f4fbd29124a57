package jp.kazasu.demo

import jp.kazasu.CardChannel
import jp.kazasu.CardError
import jp.kazasu.CardLimits
import jp.kazasu.ErrorCode
import jp.kazasu.MyNumberCardReader
import jp.kazasu.Plan
import jp.kazasu.SecretKind
import jp.kazasu.Secrets
import jp.kazasu.SignableDocument
import jp.kazasu.SigningKey
import jp.kazasu.Want
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.nio.ByteBuffer
import java.nio.channels.FileChannel
import java.nio.file.Path
import java.nio.file.StandardOpenOption
import kotlin.experimental.xor

/**
 * What is typed and what is read, searched for in all the memory that this JVM can write to: its heap, the library's
 * and the rest. The card is a table of literal answers: the simulated card would be one more place where it lies.
 */
class MemoryTest {
    /** Says yes to SELECT, [answers] to VERIFY and to a change, [reads] to READ. It keeps nothing. */
    private class Table(private val reads: () -> ByteArray = { bytes(0x6A, 0x82) }, private val answers: ByteArray) : CardChannel {
        var secrets = 0

        override suspend fun connect() = CardLimits.SHORT

        override suspend fun transceive(command: ByteArray): ByteArray = when {
            command[1] == 0xA4.toByte() -> bytes(0x90, 0x00)
            command[1] == 0xB0.toByte() -> reads()
            command[1] != 0x20.toByte() && command[1] != 0x24.toByte() -> bytes(0x6A, 0x82)
            command.size > 5 -> answers.copyOf().also { secrets++ }
            else -> bytes(0x63, 0xC5)
        }

        override fun close() {}
    }

    @Test
    fun `no secret stays after its read, whatever the card said to it`() = runBlocking {
        for ((at, answer) in listOf(bytes(0x90, 0x00), bytes(0x63, 0xC4), bytes(0x69, 0x84)).withIndex()) {
            val password = Marked(at)
            val card = Table(answers = answer)
            val secrets = Secrets().give(SecretKind.SignPassword, password.typed())
            assertThrows(CardError::class.java) {
                runBlocking { MyNumberCardReader(card).read(Plan(Want.SigningCertificate), secrets) }
            }
            assertEquals(1, card.secrets)
            assertEquals(0, password.found())
        }
    }

    @Test
    fun `no secret stays after a change`() = runBlocking {
        val (old, new) = Marked(10) to Marked(11)
        val card = Table(answers = bytes(0x90, 0x00))
        MyNumberCardReader(card).changePIN(SecretKind.SignPassword, old.typed(), new.typed())
        assertEquals(2, card.secrets)
        assertEquals(0, old.found())
        assertEquals(0, new.found())
    }

    /** A String of the JVM cannot be wiped. It is the only copy. */
    @Test
    fun `a My Number lies in its result and nowhere else`() = runBlocking {
        val number = Marked.number()
        val reads = { bytes(0xFF, 0x10, 0x0C, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0x90, 0x00).also { number.into(it, 3) } }
        val secrets = Secrets().give(SecretKind.TextPin, "1234".toCharArray())
        val result = MyNumberCardReader(Table(reads, bytes(0x90, 0x00))).read(Plan(Want.MyNumber), secrets)
        assertEquals(1, number.found())
        assertEquals(12, result.myNumber?.digits?.length)
    }

    /** A certificate that names its holder in twelve letters. */
    @Test
    fun `what a document was shown of its holder stays nowhere`() = runBlocking {
        val holder = Marked(30)
        val certificate = { bytes(0x30, 0x0E, 0x04, 0x0C, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x90, 0x00).also { holder.into(it, 4) } }
        // Kept, so that a collector cannot have thrown it away.
        var shown: ByteArray? = null
        val document = object : SignableDocument<ByteArray> {
            override val key get() = SigningKey.Signing
            override val wantsAuthority get() = false
            override fun digest(certificate: ByteArray, authority: ByteArray?): ByteArray {
                // Nothing that takes long: a collector that moves the array leaves a copy.
                shown = certificate
                throw CardError(ErrorCode.NfcOff)
            }
            override fun finish(signature: ByteArray) = signature
        }
        val secrets = Secrets().give(SecretKind.SignPassword, "ABC123".toCharArray())
        assertThrows(CardError::class.java) {
            runBlocking { MyNumberCardReader(Table(certificate, bytes(0x90, 0x00))).read(Plan(signing = listOf(document)), secrets) }
        }
        assertEquals(0, holder.found())
        assertEquals(16, shown?.size)
    }

    @Test
    fun `what is kept is found, in the heap and outside it`() {
        val password = Marked(20)
        val (letters, bytes) = password.typed() to password.bytes()
        val outside = ByteBuffer.allocateDirect(12)
        bytes.forEachIndexed { at, byte -> outside.put(at, byte) }
        assertTrue(password.found() >= 3)
        assertEquals(36, letters.size + bytes.size + outside.capacity())
    }
}

private fun bytes(vararg values: Int) = ByteArray(values.size) { values[it].toByte() }

/** Twelve letters and digits that stand nowhere until they are typed. */
private class Marked private constructor(private val masked: ByteArray) {
    constructor(seed: Int) : this(
        ByteArray(12) { at -> (if (at % 3 == 2) 0x30 + (seed + at) % 10 else 0x41 + (seed * 7 + at * 5 + 3) % 26).toByte() xor MASK },
    )

    fun bytes() = ByteArray(masked.size).also { into(it, 0) }

    fun into(bytes: ByteArray, from: Int) = masked.forEachIndexed { at, byte -> bytes[from + at] = byte xor MASK }

    fun typed() = CharArray(masked.size) { (masked[it] xor MASK).toInt().toChar() }

    /** How often it lies in memory, as bytes or as the JVM's characters. */
    fun found(): Int {
        val chunk = ByteBuffer.allocateDirect(1 shl 20)
        var found = 0
        FileChannel.open(Path.of("/proc/self/mem"), StandardOpenOption.READ).use { memory ->
            for (line in File("/proc/self/maps").readLines()) {
                val words = line.split(' ')
                if (!words[1].startsWith("rw") || line.endsWith("[vvar]")) continue
                val (start, end) = words[0].split('-').map { it.toULong(16).toLong() }
                var at = start
                while (at < end) {
                    // Its own place is read too, and must not hold what was read before.
                    wipe(chunk)
                    chunk.clear().limit(minOf(chunk.capacity().toLong(), end - at).toInt())
                    val length = try {
                        memory.read(chunk, at)
                    } catch (_: java.io.IOException) {
                        -1
                    }
                    if (length <= 0) break
                    found += count(chunk, length, 1) + count(chunk, length, 2)
                    // The next one begins where this one could have been cut.
                    at += if (at + length >= end) length else length - 2 * masked.size + 1
                }
            }
        }
        wipe(chunk)
        return found
    }

    private fun wipe(chunk: ByteBuffer) {
        chunk.clear()
        while (chunk.remaining() >= 8) chunk.putLong(0)
    }

    private fun count(bytes: ByteBuffer, length: Int, width: Int): Int =
        (0..length - width * masked.size).count { start ->
            masked.indices.all { at ->
                bytes.get(start + width * at) xor MASK == masked[at] && (width == 1 || bytes.get(start + width * at + 1) == 0.toByte())
            }
        }

    companion object {
        private const val MASK: Byte = 0x5A

        /** A My Number that nobody has, its check digit last. */
        fun number(): Marked {
            val digits = listOf(7, 3, 9, 1, 8, 2, 6, 4, 0, 5, 7)
            val sum = digits.reversed().withIndex().sumOf { (at, digit) -> digit * (if (at < 6) at + 2 else at - 4) }
            val check = if (sum % 11 <= 1) 0 else 11 - sum % 11
            return Marked((digits + check).map { (0x30 + it).toByte() xor MASK }.toByteArray())
        }
    }
}
