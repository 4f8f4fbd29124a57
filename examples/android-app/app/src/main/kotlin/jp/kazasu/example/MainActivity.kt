package jp.kazasu.example

import android.os.Bundle
import android.view.WindowManager
import androidx.activity.ComponentActivity
import androidx.activity.compose.setContent
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.lifecycle.lifecycleScope
import jp.kazasu.android.MyNumberCardReader

class MainActivity : ComponentActivity() {
    private var shown by mutableStateOf<Shown>(Shown.Choice)
    private val model = Model(lifecycleScope) { shown = it }

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        // No screenshot and no thumbnail shows what was read.
        window.addFlags(WindowManager.LayoutParams.FLAG_SECURE)
        setContent {
            Screen(
                shown,
                hasDemo = withoutACard != null,
                Actions(
                    start = { task, typed, demo, lastTry ->
                        val card = if (demo) checkNotNull(withoutACard)() else Card(MyNumberCardReader(this))
                        model.start(task, card, typed, lastTry)
                    },
                    cancel = model::cancel,
                    back = { shown = Shown.Choice },
                ),
            )
        }
    }
}
