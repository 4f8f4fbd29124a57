package jp.kazasu.pki

import jp.kazasu.CardChannel
import jp.kazasu.CardError
import jp.kazasu.LinkException
import jp.kazasu.LinkFailure
import jp.kazasu.Plan
import jp.kazasu.Secrets
import jp.kazasu.SigningKey
import jp.kazasu.demo.DemoCard
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue

const val AUDIENCE = "https://verifier.example"
val NONCE = ByteArray(32) { 0x5A }
val FILE = "I owe you 100 yen.".toByteArray()
val TOLD = Disclosure.NameAddressBirthDateAndSex

/** One page, with a table of its objects. */
fun pdf(vararg more: String, trailer: String = "", catalog: String = ""): ByteArray {
    val objects = listOf(
        "<</Type/Catalog/Pages 2 0 R$catalog>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Resources<<>>>>",
    ) + more
    val file = StringBuilder("%PDF-1.7\n")
    val table = StringBuilder("xref\n0 ${objects.size + 1}\n0000000000 65535 f \n")
    objects.forEachIndexed { at, written ->
        table.append("%010d 00000 n \n".format(file.length))
        file.append("${at + 1} 0 obj\n$written\nendobj\n")
    }
    return (file.toString() + table + "trailer\n<</Size ${objects.size + 1}/Root 1 0 R$trailer>>\nstartxref\n${file.length}\n%%EOF\n").toByteArray()
}

fun demonstration(): Authorities = Authorities.testOnly(
    DemoCard.authorities(over = SigningKey.Signing), DemoCard.authorities(over = SigningKey.UserAuthentication),
    DemoCard.municipalAuthorities.map { TestMunicipalAuthority(it.records, it.id, it.modulus) },
)

/** All that the plan needs, typed by the card's own person. */
fun DemoCard.secrets(plan: Plan): Secrets =
    Secrets().also { secrets -> plan.secretsNeeded.forEach { need -> secrets.give(need.oneOf.first(), secret(need.oneOf.first())) } }

suspend fun failure(call: suspend () -> Unit): CardError = try {
    call()
    throw AssertionError("it ended well")
} catch (e: CardError) {
    e
}

/** Everything that was asked was checked and holds, but for these; by authorities of tests. */
fun Findings.everythingBut(vararg without: String) {
    val conclusion = conclusion(without.toList())
    assertEquals("EverythingAsked test", conclusion.toString(), toString())
    assertTrue(test && conclusion.test)
}

/** Revocation nobody can ask about here. */
fun LookedAtFile.isSigned() {
    signatures.single().findings.everythingBut("revocation")
}

/** Keeps the first bytes of what it sends, and leaves the field after so many answers, once. */
class Watching(private val card: DemoCard, private var slip: Int? = null, private val power: Boolean = true) : CardChannel by card {
    val commands = mutableListOf<List<Byte>>()

    override suspend fun transceive(command: ByteArray): ByteArray {
        slip = slip?.let { if (it == 0) { slip = null; throw LinkException(LinkFailure.CardLost) } else it - 1 }
        commands += command.take(5)
        return card.transceive(command)
    }

    /** COMPUTE DIGITAL SIGNATURE. */
    val signatures get() = commands.count { it[1] == 0x2A.toByte() }

    override fun close() {
        if (power) card.close()
    }

    override val takesPower get() = power
}
