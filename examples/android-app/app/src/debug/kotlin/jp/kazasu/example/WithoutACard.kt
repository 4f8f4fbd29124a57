package jp.kazasu.example

import jp.kazasu.MyNumberCardReader
import jp.kazasu.demo.DemoCard

/** A debug build has the demonstration card: the text PIN is 4321, the other PIN 1234, the password ABC123. */
val withoutACard: (() -> MyNumberCardReader)? = { MyNumberCardReader(DemoCard()) }
