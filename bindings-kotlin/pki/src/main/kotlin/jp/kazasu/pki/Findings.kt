package jp.kazasu.pki

import jp.kazasu.CardError
import java.util.Locale
import jp.kazasu.pki.ffi.Conclusion as TheirConclusion
import jp.kazasu.pki.ffi.Finding as TheirFinding
import jp.kazasu.pki.ffi.Findings as TheirFindings

/** How a check went. */
public enum class Outcome {
    /** It is so. */
    Holds,

    /** It is not so. */
    Fails,

    /** Nobody looked. */
    NotChecked,
}

/** Who looked. */
public enum class By {
    /** This library. */
    Kazasu,

    /** Somebody whose answer was handed in. */
    Other,

    /** Nobody. */
    Nobody,
}

/** The words of a line of the table. */
public class LineWords internal constructor(
    /** What was looked at. */
    public val check: String,
    /** Why it fails, or why nobody looked; null where it holds. */
    public val because: String?,
    /** Who looked. */
    public val by: String,
)

/** One line of the table. */
public class Finding internal constructor(private val theirs: TheirFinding) {
    /** What was looked at: a stable code. */
    public val check: String get() = theirs.check

    /** How it went. */
    public val outcome: Outcome get() = theirs.outcome.ours()

    /** Why it fails, or why nobody looked: a stable code. */
    public val because: String? get() = theirs.because

    /** Who looked. */
    public val by: By get() = theirs.by.ours()

    /** In [locale]'s language where that is Japanese, in English otherwise. */
    public fun words(locale: Locale = Locale.getDefault()): LineWords =
        (if (locale.isJapanese()) theirs.japanese else theirs.english).let { LineWords(it.check, it.because, it.by) }

    override fun toString(): String = listOfNotNull(check, outcome, because).joinToString(" ")
}

/** What all lines together say. */
public enum class Concluded {
    /** Everything that was asked for was checked and holds. */
    EverythingAsked,

    /** A line fails; there may be more. */
    Fails,

    /** Nothing fails, but not everything that was asked for was checked. */
    NotEverything,
}

/** What all lines together say about what was asked. */
public class Conclusion internal constructor(private val theirs: TheirConclusion) {
    /** Which of the three. */
    public val concluded: Concluded get() = theirs.concluded.ours()

    /** The line that decided it: a stable code. */
    public val check: String? get() = theirs.check

    /** Why: a stable code. */
    public val because: String? get() = theirs.because

    /** Whether trust rests on test authorities: then it says nothing about a real card. */
    public val test: Boolean get() = theirs.test

    /** In [locale]'s language where that is Japanese, in English otherwise. */
    public fun text(locale: Locale = Locale.getDefault()): String = if (locale.isJapanese()) theirs.japanese else theirs.english

    override fun toString(): String = listOfNotNull(concluded, check, because, "test".takeIf { test }).joinToString(" ")
}

/** The table about one signature, certificate or proof: what was checked, by whom, and what was not. */
public class Findings internal constructor(private val theirs: TheirFindings) {
    /** Every line, in its order; what was not even begun is a line too. */
    public val lines: List<Finding> = bridge { theirs.lines() }.map(::Finding)

    /** Whether trust rests on test authorities. Such a table says nothing about a real card. */
    public val test: Boolean = bridge { theirs.test() }

    /**
     * What the lines say together.
     *
     * @param without the checks that the caller can do without, by their codes; nothing is left out by itself.
     *   `revocation` is one that no phone can make: only accredited verifiers may ask
     * @throws CardError 456 for a code that no check has
     */
    public fun conclusion(without: List<String> = emptyList()): Conclusion = Conclusion(bridge { theirs.conclusion(without) })

    override fun toString(): String = lines.joinToString("\n")
}
