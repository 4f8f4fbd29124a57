package android.nfc.tech

import android.nfc.Tag
import fake.Phone

/** As strict as the real one: nothing before connect(), nothing after close(), one at a time. */
class IsoDep private constructor(private val tag: Tag) {
    var isConnected: Boolean = false
        private set

    var timeout: Int = 300
        set(value) {
            Phone.timeoutThrows?.let { throw it }
            Phone.timeouts += value
            field = value
        }

    val maxTransceiveLength: Int get() = Phone.maxTransceiveLength

    val isExtendedLengthApduSupported: Boolean get() = Phone.saysExtended

    fun connect() {
        check(!isConnected) { "already connected" }
        Phone.connect(tag)
        isConnected = true
        Phone.connected += this
        Phone.everConnected = true
    }

    fun transceive(command: ByteArray): ByteArray {
        check(isConnected) { "Call connect() first!" }
        return Phone.transceive(tag, this, command)
    }

    fun close() {
        isConnected = false
        Phone.connected -= this
        Phone.closed(this)
    }

    companion object {
        @JvmStatic
        fun get(tag: Tag): IsoDep? = if (tag.isIsoDep) IsoDep(tag) else null
    }
}
