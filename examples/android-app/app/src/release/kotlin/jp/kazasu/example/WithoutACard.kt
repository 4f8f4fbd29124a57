package jp.kazasu.example

import jp.kazasu.MyNumberCardReader

/** A release build has no demonstration card, and so no switch. */
val withoutACard: (() -> MyNumberCardReader)? = null
