package jp.kazasu

/** How much a link carries. */
public class CardLimits(
    /** The longest command in bytes; 261 is a short one. */
    public val maxCommand: Int,
    /** The longest response with its status word in bytes; 258 is a short one. */
    public val maxResponse: Int,
) {
    override fun toString(): String = "CardLimits($maxCommand, $maxResponse)"

    public companion object {
        /** Short APDUs: what every link carries. */
        @JvmField public val SHORT: CardLimits = CardLimits(261, 258)

        /** All that extended length allows. */
        @JvmField public val EXTENDED: CardLimits = CardLimits(65_544, 65_538)
    }
}

/** How an exchange failed. */
public enum class LinkFailure {
    /** No card, or it left the field. */
    CardLost,

    /** Reset by somebody else. */
    CardReset,

    /** No answer in time; the card may have acted. */
    Timeout,

    /** Another program holds it. */
    Busy,

    /** The reader, or NFC itself, went away. */
    ReaderLost,

    /** The link refused the command for its length; nothing reached the card. */
    TooLong,

    /** Anything else. */
    Other,
}

/** An exchange failed. Holds no bytes of it. */
public class LinkException(public val failure: LinkFailure, cause: Throwable? = null) : Exception(failure.name, cause)

/** Where on the back of a phone a card is held. */
public enum class CardPlace {
    Top,
    Middle,
    Bottom,
}

/**
 * The way to a card: NFC, a reader, or the demonstration card. It carries bytes; it repeats nothing, reads no status
 * word and writes no log.
 */
public interface CardChannel {
    /**
     * Waits for a card and says how much the link carries. Called again each time the card has slipped away.
     *
     * @throws CardError with a number from 501 when there will be none
     */
    public suspend fun connect(): CardLimits

    /**
     * Sends one command and returns the response with its status word. Ends at once when its coroutine is cancelled.
     * Both arrays are wiped as soon as this has ended, so whatever goes on after that needs a copy of its own.
     *
     * @throws LinkException when there is no response
     */
    public suspend fun transceive(command: ByteArray): ByteArray

    /**
     * Lets go of the card and of whatever [connect] began. May be called at any time, more than once.
     *
     * It should take the card's power away: after a cancelled read, and after a link that failed, nothing else closes
     * what a secret opened there.
     */
    public fun close()

    /** Where the antenna is, for the first line that the holder sees; null where that is not known. */
    public val place: CardPlace? get() = null

    /**
     * Whether [close] takes the card's power away. Otherwise a read in which a secret was sent ends with one more
     * command, which closes what the secret opened by selecting another application of the card.
     */
    public val takesPower: Boolean get() = false
}
