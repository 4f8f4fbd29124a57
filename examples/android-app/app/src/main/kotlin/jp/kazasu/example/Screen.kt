package jp.kazasu.example

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.padding
import androidx.compose.material3.Button
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Switch
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.input.PasswordVisualTransformation
import androidx.compose.ui.unit.dp

/** What the screen asks of the app. */
class Actions(
    val start: (task: Task, typed: CharArray, demo: Boolean, lastTry: Boolean) -> Unit,
    val cancel: () -> Unit,
    val back: () -> Unit,
)

@Composable
fun Screen(shown: Shown, hasDemo: Boolean, actions: Actions) {
    var task by remember { mutableStateOf(Task.Attributes) }
    var typed by remember { mutableStateOf("") }
    var demo by remember { mutableStateOf(false) }

    fun start(lastTry: Boolean) {
        actions.start(task, typed.toCharArray(), demo, lastTry)
        typed = ""
    }

    Column(Modifier.fillMaxWidth().padding(24.dp), Arrangement.spacedBy(12.dp)) {
        when (shown) {
            Shown.Choice -> {
                Task.entries.forEach { choice ->
                    TextButton({ task = choice }) { Text(if (choice == task) "● ${choice.title}" else "○ ${choice.title}") }
                }
                if (task.secret != null) Secret(typed) { typed = it }
                if (hasDemo) {
                    Row(verticalAlignment = Alignment.CenterVertically) {
                        Switch(demo, { demo = it })
                        Text("カードなしで試す")
                    }
                }
                Button({ start(lastTry = false) }) { Text("開始") }
            }
            is Shown.Working -> {
                Text(shown.line)
                Button(actions.cancel) { Text("中止") }
            }
            is Shown.Result -> {
                shown.lines.forEach { Text(it) }
                Button(actions.back) { Text("戻る") }
            }
            is Shown.Failed -> {
                Text(shown.what)
                Text(shown.next)
                Text("(${shown.number})")
                if (shown.lastTry) {
                    Secret(typed) { typed = it }
                    Button({ start(lastTry = true) }) { Text("最後の1回を使う") }
                }
                Button(actions.back) { Text("戻る") }
            }
        }
    }
}

@Composable
private fun Secret(typed: String, change: (String) -> Unit) {
    OutlinedTextField(
        typed, change,
        label = { Text("暗証番号") },
        singleLine = true,
        visualTransformation = PasswordVisualTransformation(),
    )
}
