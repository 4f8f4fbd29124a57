package jp.kazasu.android

import android.app.Activity
import fake.Phone
import jp.kazasu.CardError
import jp.kazasu.FreeCertificate
import jp.kazasu.ErrorCode
import jp.kazasu.MyNumberCardReader
import jp.kazasu.Plan
import jp.kazasu.SecretKind
import jp.kazasu.Secrets
import jp.kazasu.Want
import jp.kazasu.demo.ffi.DemoCard
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.IOException
import kotlin.random.Random

/** A holder, a phone and an impatient app in any order: nothing hangs, nothing resumes twice, nothing is left open. */
class SchedulesTest {
    private val outcomes = sortedMapOf<String, Int>()

    @Test
    fun `a thousand schedules of opening, cancelling, slipping and failing`() {
        val card = DemoCard("adult", "short-only")
        for (seed in 1..SCHEDULES) {
            runBlocking {
                try {
                    withTimeout(60_000) { schedule(Random(seed), card) }
                } catch (e: Throwable) {
                    throw AssertionError("schedule $seed: $e", e)
                }
            }
        }
        println("schedules: $outcomes")
        assertTrue(outcomes.getValue("read") > SCHEDULES / 4 && outcomes.getValue("cancelled") > SCHEDULES / 4, "$outcomes")
    }

    private suspend fun schedule(random: Random, card: DemoCard) = coroutineScope {
        Phone.reset()
        Phone.saysExtended = random.nextBoolean()
        val before = card.secretsSent().toInt()
        val activities = List(2) { Activity() }
        val readers = List(2) { MyNumberCardReader(activities[it]) }
        val reads = List(random.nextInt(1, 4)) {
            val reader = readers[random.nextInt(2)]
            val plan = if (random.nextBoolean()) ATTRIBUTES else CERTIFICATE
            async(Dispatchers.Default) {
                try {
                    reader.read(plan, Secrets().give(SecretKind.TextPin, "4321".toCharArray()))
                    "read"
                } catch (e: CardError) {
                    e.code.id
                }
            }
        }
        repeat(random.nextInt(12)) {
            when (random.nextInt(10)) {
                in 0..3 -> hold(card)
                4 -> Phone.remove()
                5 -> {
                    Phone.stalls = random.nextBoolean()
                    Phone.connecting = random.nextLong(3)
                }
                6 -> reads.random(random).cancel()
                7 -> Phone.connectThrows = if (random.nextBoolean()) IOException("connect") else null
                8 -> Phone.transceiveThrows = if (random.nextBoolean()) { _ -> IOException("Transceive failed") } else null
                else -> if (random.nextBoolean()) delay(random.nextLong(3)) else yield()
            }
            if (random.nextInt(3) == 0) delay(1)
        }
        if (random.nextBoolean()) reads.random(random).cancel()
        // In the end the holder is patient, and the phone works.
        Phone.stalls = false
        Phone.connecting = 0
        Phone.connectThrows = null
        Phone.transceiveThrows = null
        while (reads.any { it.isActive }) {
            hold(card)
            var patience = 0
            while (reads.any { it.isActive } && patience++ < 25) delay(1)
        }
        reads.joinAll()
        for (read in reads) {
            val outcome = try {
                read.await()
            } catch (_: CancellationException) {
                "cancelled"
            }
            assertTrue(outcome in ALLOWED, outcome)
            outcomes.merge(outcome, 1, Int::plus)
        }
        assertEquals(emptyList<String>(), Phone.mistakes.toList())
        assertNull(Phone.mode)
        assertTrue(card.secretsSent().toInt() - before <= reads.size, "a secret went out twice")
        settled()
    }

    /** Whatever was cut off has left the thread, with its tag closed and nothing sent after it. */
    private suspend fun settled() {
        while (Phone.connected.isNotEmpty()) delay(1)
        val sent = Phone.commands.size
        yield()
        assertEquals(sent, Phone.commands.size)
    }

    private fun hold(card: DemoCard) = Phone.tap(OnAntenna(card))

    private companion object {
        const val SCHEDULES = 1_000
        val CERTIFICATE = Plan(Want.CardKind, Want.Certificate(FreeCertificate.UserAuthentication))
        val ATTRIBUTES = Plan(Want.CardKind, Want.Attributes)

        /**
         * A card that is torn away may lose a PIN on its way, or bring what looks like another card; nothing else may
         * come of it.
         */
        val ALLOWED = setOf("read", "cancelled") + listOf(
            ErrorCode.OutcomeUnknown, ErrorCode.SecretRequired, ErrorCode.LinkFailed, ErrorCode.CardLost,
        ).map { it.id }
    }
}
