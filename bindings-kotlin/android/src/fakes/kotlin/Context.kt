// Stands in for the few classes of Android that the channel touches: the same names and signatures (a difference is a
// linkage error when a test runs, because the channel is compiled against the real ones), and a phone behind them that
// tests hold in their hands.

package android.content

open class Context
