package android.nfc

import android.app.Activity
import android.content.Context
import android.os.Bundle
import fake.Phone
import java.io.IOException

class Tag(val isIsoDep: Boolean)

class TagLostException(message: String? = null) : IOException(message)

class AvailableNfcAntenna(val locationX: Int, val locationY: Int)

class NfcAntennaInfo(
    val deviceWidth: Int,
    val deviceHeight: Int,
    val isDeviceFoldable: Boolean,
    val availableNfcAntennas: List<AvailableNfcAntenna>,
)

class NfcAdapter {
    fun interface ReaderCallback {
        fun onTagDiscovered(tag: Tag)
    }

    val isEnabled: Boolean get() = Phone.enabled

    val nfcAntennaInfo: NfcAntennaInfo?
        get() {
            if (!Phone.enabled) throw UnsupportedOperationException("NFC is off")
            return Phone.antenna
        }

    fun enableReaderMode(activity: Activity, callback: ReaderCallback, flags: Int, extras: Bundle) {
        Phone.enableThrows?.let { throw it }
        Phone.enter(activity, callback, flags, extras)
    }

    fun disableReaderMode(activity: Activity) {
        Phone.disableThrows?.let { throw it }
        Phone.leave(activity)
    }

    companion object {
        private val one = NfcAdapter()

        @JvmStatic
        fun getDefaultAdapter(context: Context): NfcAdapter? {
            Phone.adapterThrows?.let { throw it }
            return if (Phone.hasNfc) one else null
        }
    }
}
