package jp.kazasu.example

import jp.kazasu.CardError
import jp.kazasu.CardResult
import jp.kazasu.ErrorCode
import jp.kazasu.MyNumberCardReader
import jp.kazasu.Plan
import jp.kazasu.Progress
import jp.kazasu.SecretKind
import jp.kazasu.Secrets
import jp.kazasu.TriesLeft
import jp.kazasu.Want
import jp.kazasu.pki.Authorities
import jp.kazasu.pki.Disclosure
import jp.kazasu.pki.Document
import jp.kazasu.pki.Finding
import jp.kazasu.pki.LookedAtFile
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch

/** What the app does with a card. */
enum class Task(val title: String, val secret: SecretKind?) {
    Attributes("基本4情報を読む", SecretKind.TextPin),
    Sign("申込書に署名する(氏名・住所・生年月日・性別が署名に入ります)", SecretKind.SignPassword),
    Tries("残り回数を見る", null),
    ;

}

private val LETTER = "申込書".toByteArray()

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

/** A card, and who is believed to have issued it. */
class Card(val reader: MyNumberCardReader, val believing: () -> Authorities = { Authorities.production() })

/** The app without its screen: [show] is called with whatever there is to see. */
class Model(private val scope: CoroutineScope, private val show: (Shown) -> Unit) {
    private var job: Job? = null

    /** [typed] is wiped. */
    fun start(task: Task, card: Card, typed: CharArray, lastTry: Boolean = false) {
        val secrets = Secrets()
        task.secret?.let { kind ->
            secrets.give(kind, typed)
            if (lastTry) secrets.allowLastTry(kind)
        }
        job?.cancel()
        job = scope.launch {
            try {
                show(Shown.Result(lines(task, card, secrets)))
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

    private suspend fun lines(task: Task, card: Card, secrets: Secrets): List<String> {
        suspend fun read(plan: Plan) = card.reader.read(plan, secrets) { progress -> working(progress) }
        return when (task) {
            Task.Attributes -> read(Plan(Want.Attributes)).attributes?.run { listOf(name, address, birth, sex.name) }.orEmpty()
            Task.Sign -> {
                val letter = Document.cms(LETTER, showing = Disclosure.NameAddressBirthDateAndSex)
                val file = checkNotNull(read(Plan(signing = listOf(letter))).signed(letter))
                // What somebody who gets it finds.
                val findings = LookedAtFile.cms(file, LETTER, card.believing()).signatures.single().findings
                listOf("署名ファイル ${file.size} バイト", findings.conclusion().text()) + findings.lines.map(::line)
            }
            Task.Tries -> tries(read(Plan(COUNTED.map { Want.Tries(it) })))
        }
    }

    private fun line(finding: Finding): String = finding.words().run { listOfNotNull(check, because ?: by).joinToString(": ") }

    private fun tries(result: CardResult): List<String> = buildList {
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
