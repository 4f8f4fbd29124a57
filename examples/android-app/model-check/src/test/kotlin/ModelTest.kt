import jp.kazasu.example.Model
import jp.kazasu.example.Shown
import jp.kazasu.example.Task
import jp.kazasu.example.withoutACard
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class ModelTest {
    private val card = checkNotNull(withoutACard)()

    private fun last(task: Task, typed: String, lastTry: Boolean = false): Shown = runBlocking {
        var shown: Shown = Shown.Choice
        coroutineScope { Model(this) { shown = it }.start(task, card, typed.toCharArray(), lastTry) }
        shown
    }

    @Test
    fun `each task shows its result`() {
        assertEquals("数差　花子", (last(Task.Attributes, "4321") as Shown.Result).lines.first())
        val signed = (last(Task.Sign, "abc123") as Shown.Result).lines
        assertTrue(Regex("署名ファイル \\d{4} バイト").matches(signed.first()) && signed.size > 15, signed.joinToString())
        assertEquals("auth-pin: 残り3回", (last(Task.Tries, "") as Shown.Result).lines.first())
    }

    @Test
    fun `a wrong PIN is told, and the last try waits for its own button`() {
        repeat(2) { assertEquals(101, (last(Task.Attributes, "9999") as Shown.Failed).number) }
        val refused = last(Task.Attributes, "4321") as Shown.Failed
        assertTrue(refused.lastTry)
        assertEquals(4, (last(Task.Attributes, "4321", lastTry = true) as Shown.Result).lines.size)
    }
}
