package jp.kazasu.example

import jp.kazasu.MyNumberCardReader
import jp.kazasu.SigningKey
import jp.kazasu.demo.DemoCard
import jp.kazasu.pki.Authorities

/** A debug build has the demonstration card: the text PIN is 4321, the other PIN 1234, the password ABC123. */
val withoutACard: (() -> Card)? = {
    Card(MyNumberCardReader(DemoCard())) { Authorities.testOnly(DemoCard.authorities(over = SigningKey.Signing)) }
}
