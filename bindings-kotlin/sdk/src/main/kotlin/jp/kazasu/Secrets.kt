package jp.kazasu

import java.nio.ByteBuffer
import java.nio.CharBuffer

/**
 * What a holder has typed. Each secret is handed to the card library once and wiped here when that happens; a second
 * read needs it typed again.
 */
public class Secrets : AutoCloseable {
    private val typed = mutableMapOf<SecretKind, ByteArray>()
    private val allowed = mutableSetOf<SecretKind>()

    /** Takes a secret, in the place of an earlier one of its kind. [text] is wiped. */
    public fun give(kind: SecretKind, text: CharArray): Secrets {
        val encoded = Charsets.UTF_8.encode(CharBuffer.wrap(text))
        text.fill('\u0000')
        return give(kind, encoded.array().copyOf(encoded.remaining())).also { wipe(encoded) }
    }

    /** Takes a secret as UTF-8, in the place of an earlier one of its kind. [text] is wiped. */
    public fun give(kind: SecretKind, text: ByteArray): Secrets {
        synchronized(typed) { typed.put(kind, text.copyOf())?.fill(0) }
        text.fill(0)
        return this
    }

    /**
     * The holder was told that one try is left, or that nobody knows how many, and said yes: for the next time it is
     * sent.
     */
    public fun allowLastTry(kind: SecretKind): Secrets {
        synchronized(typed) { allowed += kind }
        return this
    }

    /** Hands each of them to [take], which wipes nothing; they are wiped here whatever happens. */
    internal fun handOver(allow: (SecretKind) -> Unit, take: (SecretKind, ByteArray) -> Unit) {
        val (secrets, kinds) = synchronized(typed) {
            Pair(typed.toMap(), allowed.toSet()).also { typed.clear(); allowed.clear() }
        }
        try {
            secrets.forEach(take)
            kinds.forEach(allow)
        } finally {
            secrets.values.forEach { it.fill(0) }
        }
    }

    /** Wipes what was not used. */
    override fun close() {
        handOver({}, { _, _ -> })
    }

    /** How many there are; never what they are. */
    override fun toString(): String = synchronized(typed) { "Secrets(${typed.size})" }

    private fun wipe(buffer: ByteBuffer) = buffer.array().fill(0)
}
