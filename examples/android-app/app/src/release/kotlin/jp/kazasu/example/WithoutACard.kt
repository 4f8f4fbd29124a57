package jp.kazasu.example

/** A release build has no demonstration card, and so no switch. */
val withoutACard: (() -> Card)? = null
