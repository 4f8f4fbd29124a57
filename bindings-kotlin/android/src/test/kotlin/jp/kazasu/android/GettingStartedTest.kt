package jp.kazasu.android

import android.app.Activity
import jp.kazasu.CardError
import jp.kazasu.CardResult
import jp.kazasu.MyNumberCardReader
import jp.kazasu.Plan
import jp.kazasu.SecretKind
import jp.kazasu.Secrets
import jp.kazasu.SigningKey
import jp.kazasu.Want
import jp.kazasu.demo.DemoCard
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File

private val sha256 = ByteArray(32)

suspend fun fourAttributes(activity: Activity, pin: CharArray, show: (String) -> Unit) {
    val plan = Plan(Want.Attributes)
    val secrets = Secrets().give(SecretKind.TextPin, pin) // takes it and wipes it
    try {
        val result = MyNumberCardReader(activity).read(plan, secrets) { progress -> progress.line()?.let(show) }
        result.attributes?.let { show("${it.name} ${it.address} ${it.birth} ${it.sex}") }
    } catch (e: CardError) {
        show(e.explanation().toString()) // what happened and what to do next, in Japanese or English
    }
}

suspend fun withoutACard(): CardResult {
    val card = DemoCard()
    val secrets = Secrets().give(SecretKind.TextPin, card.secret(SecretKind.TextPin))
    return MyNumberCardReader(card).read(Plan(Want.Attributes), secrets)
}

fun beforeTheTap(): String {
    val plan = Plan(Want.SigningCertificate, Want.Signature(SigningKey.Signing, sha256))
    return "${plan.secretsNeeded} ${plan.estimate().milliseconds} ms"
}

suspend fun askAgain(reader: MyNumberCardReader, plan: Plan, secrets: Secrets, ask: suspend (String) -> CharArray?): CardResult =
    reader.read(plan, secrets, question = { error ->
        val kind = error.secret ?: error.needs.first()
        ask(error.explanation().toString())?.let { typed ->
            Secrets().give(kind, typed).apply { if (error.triesLeft == 1) allowLastTry(kind) }
        }
    })

/** What the README shows is this file, and kazasu-pki's, compiled and run. */
class GettingStartedTest {
    @Test
    fun `every piece of Kotlin in the README is here, or where documents are tested`() {
        val readme = File(System.getProperty("repository"), "bindings-kotlin/README.md").readText()
        val here = listOf("src/test/kotlin/jp/kazasu/android/GettingStartedTest.kt", "../pki/src/test/kotlin/jp/kazasu/pki/SnippetsTest.kt")
            .joinToString("\n") { File(it).readText() }
        val pieces = Regex("```kotlin\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(readme).map { it.groupValues[1] }
            .filter { ".gradle.kts" !in it }.toList()
        assertEquals(10, pieces.size)
        pieces.forEach { assertTrue(it in here, it) }
    }

    @Test
    fun `and works`() = runBlocking {
        assertEquals("19800217", withoutACard().attributes?.birth)
        assertTrue(beforeTheTap().startsWith("[sign-password] "))
        val told = mutableListOf<String>()
        val secrets = Secrets().give(SecretKind.TextPin, "9999".toCharArray())
        val result = askAgain(MyNumberCardReader(DemoCard()), Plan(Want.Attributes), secrets) { text ->
            told += text
            "4321".toCharArray()
        }
        assertEquals("19800217", result.attributes?.birth)
        assertEquals(1, told.size)
    }
}
