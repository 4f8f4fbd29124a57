package jp.kazasu

import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class SecretsTest {
    private fun Secrets.handedOver(): List<Pair<SecretKind, ByteArray>> = buildList {
        handOver({}, { kind, typed -> add(kind to typed) })
    }

    @Test
    fun `what is given is wiped at the giver, and wiped here once it was handed over`() {
        val chars = "1234".toCharArray()
        val bytes = "ABC123".toByteArray()
        val secrets = Secrets().give(SecretKind.AuthPin, chars).give(SecretKind.SignPassword, bytes)
        assertArrayEquals(CharArray(4), chars)
        assertArrayEquals(ByteArray(6), bytes)
        var seen = emptyList<String>()
        val arrays = mutableListOf<ByteArray>()
        secrets.handOver({}, { _, typed -> arrays += typed; seen = seen + typed.decodeToString() })
        assertEquals(listOf("1234", "ABC123"), seen)
        assertArrayEquals(ByteArray(4), arrays[0])
        assertArrayEquals(ByteArray(6), arrays[1])
    }

    @Test
    fun `a secret is handed over once`() {
        val secrets = Secrets().give(SecretKind.AuthPin, "1234".toCharArray())
        assertEquals(1, secrets.handedOver().size)
        assertEquals(0, secrets.handedOver().size)
    }

    @Test
    fun `all are wiped even if the first one is refused`() {
        val arrays = mutableListOf<ByteArray>()
        val secrets = Secrets().give(SecretKind.AuthPin, "1234".toCharArray()).give(SecretKind.TextPin, "4321".toCharArray())
        assertThrows(IllegalStateException::class.java) {
            secrets.handOver({}, { _, typed -> arrays += typed; error("refused") })
        }
        assertArrayEquals(ByteArray(4), arrays.single())
        assertEquals("Secrets(0)", secrets.toString())
    }
}
