package jp.kazasu.example

import jp.kazasu.CardError
import jp.kazasu.CardResult
import jp.kazasu.ErrorCode
import jp.kazasu.MyNumberCardReader
import jp.kazasu.Plan
import jp.kazasu.Progress
import jp.kazasu.SecretKind
import jp.kazasu.Secrets
import jp.kazasu.SigningKey
import jp.kazasu.TriesLeft
import jp.kazasu.Want
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import java.security.MessageDigest

/** What the app does with a card. */
enum class Task(val title: String, val secret: SecretKind?) {
    Attributes("基本4情報を読む", SecretKind.TextPin),
    Sign("署名する", SecretKind.SignPassword),
    Tries("残り回数を見る", null),
    ;

    val plan: Plan
        get() = when (this) {
            Attributes -> Plan(Want.Attributes)
            Sign -> Plan(
                Want.SigningCertificate,
                Want.Signature(SigningKey.Signing, MessageDigest.getInstance("SHA-256").digest("申込書".toByteArray())),
            )
            Tries -> Plan(COUNTED.map { Want.Tries(it) })
        }
}

private val COUNTED = listOf(SecretKind.AuthPin, SecretKind.SignPassword, SecretKind.TextPin)

/** What is on the screen. */
sealed interface Shown {
    /** Nothing yet. */
    data object Choice : Shown

    /** A card is waited for or read. */
    data class Working(val line: String) : Shown

    /** It went well. */
    class Result(val lines: List<String>) : Shown

    /** It did not. [lastTry]: the holder may say yes to it and type the secret again. */
    data class Failed(val what: String, val next: String, val number: Int, val lastTry: Boolean) : Shown
}

/** The app without its screen: [show] is called with whatever there is to see. */
class Model(private val scope: CoroutineScope, private val show: (Shown) -> Unit) {
    private var job: Job? = null

    /** [typed] is wiped. */
    fun start(task: Task, reader: MyNumberCardReader, typed: CharArray, lastTry: Boolean = false) {
        val secrets = Secrets()
        task.secret?.let { kind ->
            secrets.give(kind, typed)
            if (lastTry) secrets.allowLastTry(kind)
        }
        job?.cancel()
        job = scope.launch {
            try {
                val result = reader.read(task.plan, secrets) { progress -> working(progress) }
                show(Shown.Result(lines(result)))
            } catch (e: CardError) {
                val said = e.explanation()
                show(Shown.Failed(said.what, said.next, e.number, e.code == ErrorCode.LastTry))
            } catch (e: CancellationException) {
                show(Shown.Choice)
                throw e
            }
        }
    }

    /** Ends what is going on, within one exchange with the card. */
    fun cancel() {
        job?.cancel()
    }

    private fun working(progress: Progress) {
        progress.line()?.let { show(Shown.Working(it)) }
    }

    private fun lines(result: CardResult): List<String> = buildList {
        result.attributes?.let { addAll(listOf(it.name, it.address, it.birth, it.sex.name)) }
        result.signatures.forEach { add("署名 ${it.size} バイト") }
        result.signingCertificate?.let { add("署名用電子証明書 ${it.size} バイト") }
        for (kind in COUNTED) {
            when (val tries = result.tries(kind)) {
                is TriesLeft.Left -> add("${kind.id}: 残り${tries.count}回")
                TriesLeft.Blocked -> add("${kind.id}: ロックされています")
                TriesLeft.Unknown -> add("${kind.id}: 不明")
                null -> {}
            }
        }
    }
}
