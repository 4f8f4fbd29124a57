package jp.kazasu.pki

import jp.kazasu.CardLimits
import jp.kazasu.ErrorCode
import jp.kazasu.MyNumberCardReader
import jp.kazasu.Plan
import jp.kazasu.Sex
import jp.kazasu.Want
import jp.kazasu.demo.DemoCard
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class CardProofTest {
    private val card = DemoCard()

    private suspend fun proof(vararg parts: CardProof.Part): ByteArray {
        val proof = CardProof(NONCE, *parts)
        val plan = Plan(proof.wants)
        return proof.json(MyNumberCardReader(card).read(plan, card.secrets(plan)))
    }

    private fun looked(json: ByteArray, audience: String? = null, nonce: ByteArray = NONCE) =
        LookedAtProof(json, nonce, audience, demonstration())

    @Test
    fun `the text application proves that the card is here, and no more than was wanted`() = runBlocking {
        val json = proof(CardProof.Part.Text)
        looked(json).use { looked ->
            assertEquals(Concluded.NotEverything, looked.proves(Claim.CardPresent).concluded)
            // The phone keeps no nonces: that is the server's.
            assertEquals("nonce", looked.proves(Claim.CardPresent).check)
            assertEquals(Concluded.EverythingAsked, looked.proves(Claim.CardPresent, listOf("nonce")).concluded)
            assertEquals(Concluded.NotEverything, looked.proves(Claim.HolderEnteredPin, listOf("nonce")).concluded)
            assertEquals("99221", looked.municipality)
            assertNull(looked.name)
            assertTrue(looked.findings.test)
        }
        looked(json, nonce = ByteArray(32)).use { assertEquals(Concluded.Fails, it.proves(Claim.CardPresent).concluded) }
    }

    @Test
    fun `with the attributes it proves them too`() = runBlocking {
        val json = proof(CardProof.Part.Attributes)
        looked(json).use { looked ->
            assertEquals(Concluded.EverythingAsked, looked.proves(Claim.CardPresent, listOf("nonce")).concluded)
            assertEquals("数差　花子", looked.name)
            assertEquals("19800217", looked.birth)
            assertEquals(Sex.Female, looked.sex)
            assertEquals("数差県花市見本町中央１２－３－４０５", looked.address)
            assertEquals("LookedAtProof(…)", looked.toString())
        }
        assertFalse("数差　花子" in json.decodeToString())
    }

    @Test
    fun `the surface application proves the face, or the birth date alone`() = runBlocking {
        looked(proof(CardProof.Part.BirthDate)).use { looked ->
            assertEquals(Concluded.EverythingAsked, looked.proves(Claim.CardPresent, listOf("nonce")).concluded)
            assertEquals("19800217", looked.birth)
            assertNull(looked.photo)
        }
        looked(proof(CardProof.Part.Face)).use { looked ->
            val open = listOf("nonce", "face-expiry", "face-security-code")
            assertEquals(Concluded.EverythingAsked, looked.proves(Claim.CardPresent, open).concluded)
            assertTrue(looked.photo!!.size > 1_000)
            assertNotNull(looked.nameImage)
            assertNotNull(looked.addressImage)
        }
    }

    @Test
    fun `the holder proves by the PIN, for one server`() = runBlocking {
        val json = proof(CardProof.Part.Holder(AUDIENCE))
        val without = listOf("nonce", "revocation", "holder-card")
        looked(json, AUDIENCE).use { looked ->
            assertEquals(Concluded.EverythingAsked, looked.proves(Claim.HolderEnteredPin, without).concluded)
            assertEquals(Concluded.NotEverything, looked.proves(Claim.CardPresent, without).concluded)
        }
        looked(json, "https://other.example").use {
            assertEquals(Concluded.Fails, it.proves(Claim.HolderEnteredPin, without).concluded)
        }
        assertEquals(1, card.secretsSent)
    }

    @Test
    fun `everything is proven in one tap, with what the app wants for itself and a document`() = runBlocking {
        val proof = CardProof(
            NONCE, CardProof.Part.Attributes, CardProof.Part.Face, CardProof.Part.BirthDate, CardProof.Part.Holder(AUDIENCE),
        )
        val file = Document.cms(FILE, TOLD)
        val plan = Plan(proof.wants + Want.CardKind, signing = listOf(file))
        val estimate = plan.estimate(CardLimits.EXTENDED)
        val result = MyNumberCardReader(card).read(plan, card.secrets(plan))
        assertEquals(estimate.commands, card.commands)
        LookedAtFile.cms(result.signed(file)!!, FILE, demonstration()).isSigned()
        looked(proof.json(result), AUDIENCE).use { looked ->
            looked.findings.everythingBut("nonce", "revocation", "holder-card", "face-expiry", "face-security-code")
            assertEquals("数差　花子", looked.name)
        }
    }

    @Test
    fun `what can be no proof is refused before a card is there`() = runBlocking {
        assertEquals(ErrorCode.BadArgument, failure { CardProof(ByteArray(8), CardProof.Part.Text) }.code)
        assertThrows(IllegalArgumentException::class.java) { CardProof(NONCE) }
        assertThrows(IllegalArgumentException::class.java) {
            CardProof(NONCE, CardProof.Part.Holder("https://a.example"), CardProof.Part.Holder("https://b.example"))
        }
        assertEquals(ErrorCode.BadArgument, failure { looked("{}".toByteArray()) }.code)
        assertEquals(ErrorCode.BadArgument, failure { looked(proof(CardProof.Part.Text), nonce = ByteArray(8)) }.code)
        val other = MyNumberCardReader(card).read(Plan(Want.CardKind))
        assertThrows(IllegalArgumentException::class.java) { CardProof(NONCE, CardProof.Part.Text).json(other) }
        val unknown = looked(proof(CardProof.Part.Text))
        assertEquals(ErrorCode.BadArgument, failure { unknown.proves(Claim.CardPresent, listOf("no-such-check")) }.code)
    }

    @Test
    fun `two servers get their proofs in one tap, each over its own nonce`() = runBlocking {
        val nonces = listOf(NONCE, ByteArray(32) { 1 })
        val proofs = nonces.map { CardProof(it, CardProof.Part.Attributes, CardProof.Part.BirthDate, CardProof.Part.Holder(AUDIENCE)) }
        val plan = Plan(proofs.flatMap { it.wants })
        val result = MyNumberCardReader(card).read(plan, card.secrets(plan))
        val open = arrayOf("nonce", "revocation", "holder-card")
        for ((nonce, proof) in nonces.zip(proofs)) {
            looked(proof.json(result), AUDIENCE, nonce).use { it.findings.everythingBut(*open) }
        }
        val alone = Plan(proofs.first().wants)
        val other = MyNumberCardReader(card).read(alone, card.secrets(alone))
        assertThrows(IllegalArgumentException::class.java) { proofs.last().json(other) }
        Unit
    }
}
