package fake

import android.app.Activity
import android.nfc.NfcAdapter.ReaderCallback
import android.nfc.NfcAntennaInfo
import android.nfc.Tag
import android.nfc.TagLostException
import android.nfc.tech.IsoDep
import android.os.Bundle
import java.io.IOException
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger

/** The phone behind the fakes. */
object Phone {
    class Mode(val activity: Activity, val callback: ReaderCallback, val flags: Int, val extras: Bundle)

    /** What lies on the antenna. */
    interface Card {
        fun powerUp()

        /** Null tears it away. */
        fun answer(command: ByteArray): ByteArray?
    }

    @Volatile var antenna: NfcAntennaInfo? = null
    @Volatile var hasNfc = true
    @Volatile var enabled = true
    @Volatile var saysExtended = true
    @Volatile var maxTransceiveLength = 65_279
    @Volatile var adapterThrows: RuntimeException? = null
    @Volatile var enableThrows: RuntimeException? = null
    @Volatile var disableThrows: RuntimeException? = null
    @Volatile var timeoutThrows: RuntimeException? = null
    @Volatile var connectThrows: Exception? = null
    @Volatile var transceiveThrows: ((ByteArray) -> Exception?)? = null

    /** Milliseconds that connecting takes. */
    @Volatile var connecting = 0L
    @Volatile var everConnected = false

    /** A command is not answered until the tag is closed or taken away. */
    @Volatile var stalls = false

    val timeouts = CopyOnWriteArrayList<Int>()
    val commands = CopyOnWriteArrayList<ByteArray>()
    val connected: MutableSet<IsoDep> = ConcurrentHashMap.newKeySet()

    /** What must never happen. */
    val mistakes = CopyOnWriteArrayList<String>()

    @Volatile var mode: Mode? = null
    @Volatile private var inField: Tag? = null
    @Volatile private var card: Card? = null

    /** No command to one card reaches another. */
    private val field = Any()
    private val inside = AtomicInteger()
    private val waiting = ConcurrentHashMap<IsoDep, CountDownLatch>()

    fun reset() {
        remove()
        antenna = null
        hasNfc = true
        enabled = true
        saysExtended = true
        maxTransceiveLength = 65_279
        adapterThrows = null
        enableThrows = null
        disableThrows = null
        timeoutThrows = null
        connectThrows = null
        transceiveThrows = null
        connecting = 0
        everConnected = false
        stalls = false
        timeouts.clear()
        commands.clear()
        mistakes.clear()
        connected.clear()
        mode = null
    }

    /** A card is held to the phone; an activity in reader mode is told. */
    fun tap(card: Card, isIsoDep: Boolean = true) {
        remove()
        val tag = Tag(isIsoDep)
        synchronized(field) {
            card.powerUp()
            this.card = card
            inField = tag
        }
        mode?.callback?.onTagDiscovered(tag)
    }

    fun remove() {
        inField = null
        waiting.values.forEach { it.countDown() }
    }

    fun enter(activity: Activity, callback: ReaderCallback, flags: Int, extras: Bundle) {
        if (mode != null) mistakes += "reader mode of one while another has it"
        mode = Mode(activity, callback, flags, extras)
    }

    fun leave(activity: Activity) {
        if (mode?.activity !== activity) mistakes += "reader mode left by somebody else"
        mode = null
    }

    fun connect(tag: Tag) {
        connectThrows?.let { throw it }
        if (connecting > 0) Thread.sleep(connecting)
        if (tag !== inField) throw IOException("connect")
        if (connected.isNotEmpty()) mistakes += "connected while another is"
    }

    fun transceive(tag: Tag, isoDep: IsoDep, command: ByteArray): ByteArray {
        if (inside.incrementAndGet() != 1) mistakes += "two exchanges at a time"
        try {
            if (tag !== inField) throw TagLostException()
            transceiveThrows?.invoke(command)?.let { throw it }
            if (command.size > maxOf(maxTransceiveLength, 261)) throw IOException("Transceive length exceeds supported maximum")
            commands += command.copyOf()
            if (stalls) {
                val latch = CountDownLatch(1)
                waiting[isoDep] = latch
                if (tag === inField && isoDep.isConnected) latch.await()
                waiting -= isoDep
                throw TagLostException()
            }
            return synchronized(field) {
                if (tag !== inField) throw TagLostException()
                card?.answer(command) ?: throw TagLostException().also { inField = null }
            }
        } finally {
            inside.decrementAndGet()
        }
    }

    fun closed(isoDep: IsoDep) {
        waiting[isoDep]?.countDown()
    }
}
