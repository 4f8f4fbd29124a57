// Reads the demonstration card, and signs with it, as a phone would with a real one: what an app does, without the screen.

import jp.kazasu.CardError
import jp.kazasu.MyNumberCardReader
import jp.kazasu.Plan
import jp.kazasu.Progress
import jp.kazasu.SecretKind
import jp.kazasu.Secrets
import jp.kazasu.SigningKey
import jp.kazasu.TriesLeft
import jp.kazasu.Want
import jp.kazasu.demo.DemoCard
import jp.kazasu.pki.Authorities
import jp.kazasu.pki.Disclosure
import jp.kazasu.pki.Document
import jp.kazasu.pki.LookedAtFile
import kotlinx.coroutines.runBlocking
import java.security.MessageDigest
import kotlin.system.exitProcess

private val letter = "お申込みいたします。".toByteArray()
private val application = Document.cms(letter, showing = Disclosure.NameAddressBirthDateAndSex)
private val plan = Plan(
    Want.Attributes,
    Want.Signature(SigningKey.UserAuthentication, MessageDigest.getInstance("SHA-256").digest("ログイン".toByteArray())),
    Want.Tries(SecretKind.SignPassword),
    signing = listOf(application),
)

/** The first argument is the PIN that is typed; the right one if there is none. */
fun main(arguments: Array<String>) = runBlocking {
    val card = DemoCard()
    println("needs ${plan.secretsNeeded.joinToString()}; about ${plan.estimate().milliseconds} ms")
    val secrets = Secrets()
        .give(SecretKind.AuthPin, arguments.firstOrNull()?.toCharArray() ?: card.secret(SecretKind.AuthPin))
        .give(SecretKind.TextPin, card.secret(SecretKind.TextPin))
        .give(SecretKind.SignPassword, card.secret(SecretKind.SignPassword))
    try {
        val result = MyNumberCardReader(card).read(plan, secrets, onProgress = ::show)
        result.attributes?.run { println("$name, $address, $birth, $sex") }
        println("a signature of ${result.signatures.single().size} bytes")
        println(
            when (val tries = result.tries(SecretKind.SignPassword)) {
                is TriesLeft.Left -> "the password has ${tries.count} tries left"
                else -> "the password: $tries"
            },
        )
        // As somebody who gets it looks at it; who believes the demonstration card's authorities believes a card that anybody can make.
        val believing = Authorities.testOnly(DemoCard.authorities(over = SigningKey.Signing))
        val file = LookedAtFile.cms(checkNotNull(result.signed(application)), letter, believing)
        val findings = file.signatures.single().findings
        findings.lines.forEach { line -> line.words().run { println(listOfNotNull(line.outcome, check, because, by).joinToString(" | ")) } }
        println(findings.conclusion(without = listOf("revocation")).text())
    } catch (e: CardError) {
        println("${e.number} ${e.code.id}: ${e.explanation()}")
        exitProcess(1)
    }
}

private fun show(progress: Progress) {
    if (progress is Progress.Waiting || progress is Progress.CardLost) println(progress.line())
}
