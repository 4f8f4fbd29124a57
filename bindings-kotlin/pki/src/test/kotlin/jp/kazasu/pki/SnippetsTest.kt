package jp.kazasu.pki

import jp.kazasu.ErrorCode
import jp.kazasu.MyNumberCardReader
import jp.kazasu.Plan
import jp.kazasu.SecretKind
import jp.kazasu.Secrets
import jp.kazasu.SigningKey
import jp.kazasu.demo.DemoCard
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.Base64

suspend fun signAContract(reader: MyNumberCardReader, pdf: ByteArray, password: CharArray): ByteArray? {
    val contract = Document.pdf(pdf, showing = Disclosure.NameAddressBirthDateAndSex) // refused here, if it cannot be signed
    val plan = Plan(signing = listOf(contract)) // more documents go in the same tap, with the same password
    return reader.read(plan, Secrets().give(SecretKind.SignPassword, password)).signed(contract)
}

suspend fun logIn(reader: MyNumberCardReader, nonce: String, pin: CharArray): String? {
    val login = Document.login("https://shop.example", nonce) // the nonce is the server's, in base64
    return reader.read(Plan(signing = listOf(login)), Secrets().give(SecretKind.AuthPin, pin)).signed(login)
}

suspend fun stamped(signed: ByteArray, post: suspend (ByteArray) -> ByteArray): ByteArray =
    TimestampRequest.pdf(signed).use { asked -> asked.attach(post(asked.request)) } // posted as application/timestamp-query

fun believingTimestamps(authority: ByteArray): Authorities =
    Authorities.production(timestampAuthorities = listOf(authority))

suspend fun proveThatTheCardIsHere(reader: MyNumberCardReader, nonce: ByteArray, pin: CharArray): ByteArray {
    val proof = CardProof(nonce, CardProof.Part.Attributes)
    return proof.json(reader.read(Plan(proof.wants), Secrets().give(SecretKind.TextPin, pin)))
}

fun whatWasChecked(pdf: ByteArray, believing: Authorities = Authorities.production()): List<String> =
    LookedAtFile.pdf(pdf, believing).signatures.flatMap { signature ->
        val lines = signature.findings.lines.map { line -> "${line.outcome} ${line.words().check} ${line.words().because.orEmpty()}" }
        lines + signature.findings.conclusion(without = listOf("revocation")).text()
    }

fun whoSigned(certificate: ByteArray): String = HolderCertificate(certificate, SigningKey.Signing).use {
    "${it.holder()?.name}, until ${it.validity().lastDay}"
}

fun believingTheDemonstrationCard(): Authorities = Authorities.testOnly(
    DemoCard.authorities(over = SigningKey.Signing), DemoCard.authorities(over = SigningKey.UserAuthentication),
)

/** The README's; `GettingStartedTest` of kazasu-android holds the README against this file. */
class SnippetsTest {
    @Test
    fun `the README's snippets work`() = runBlocking {
        val card = DemoCard()
        val reader = MyNumberCardReader(card)
        val signed = signAContract(reader, pdf(), card.secret(SecretKind.SignPassword))!!
        val believing = believingTheDemonstrationCard()
        val checked = whatWasChecked(signed, believing)
        assertTrue(checked.size > 20 && checked.any { it.startsWith("NotChecked") }, checked.joinToString("\n"))
        val authority = DemoCard.authorities(over = SigningKey.UserAuthentication).first()
        assertTrue(whatWasChecked(signed, believingTimestamps(authority)).any { it.startsWith("Fails") })
        LookedAtFile.pdf(signed, believing).signatures.single().certificate()!!.use { assertNotNull(it.holder()) }
        assertEquals(ErrorCode.TimestampRefused, failure { stamped(signed) { it } }.code, "it was signed for the registry")
        assertNotNull(logIn(reader, Base64.getEncoder().encodeToString(NONCE), card.secret(SecretKind.AuthPin)))
        val json = proveThatTheCardIsHere(reader, NONCE, card.secret(SecretKind.TextPin))
        LookedAtProof(json, NONCE, believing = demonstration()).use { assertEquals("19800217", it.birth) }
        val plan = Plan(jp.kazasu.Want.SigningCertificate)
        val certificate = reader.read(plan, card.secrets(plan)).signingCertificate!!
        assertTrue(Regex("数差　花子, until 20\\d\\d-\\d\\d-\\d\\d").matches(whoSigned(certificate)))
    }
}
