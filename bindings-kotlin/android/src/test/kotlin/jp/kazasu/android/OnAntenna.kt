package jp.kazasu.android

import fake.Phone
import jp.kazasu.demo.ffi.DemoCard

/** The demonstration card, held to the fake phone. */
class OnAntenna(private val card: DemoCard) : Phone.Card {
    override fun powerUp() = card.powerCycle()

    override fun answer(command: ByteArray): ByteArray? = card.transmit(command)
}
