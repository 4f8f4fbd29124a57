package jp.kazasu.pki

import jp.kazasu.CardError
import jp.kazasu.pki.ffi.TimestampRequest as TheirRequest

/**
 * A request for a timestamp (RFC 3161) about one signed file. The app carries it to an authority of its choice, and the
 * answer back: nothing here has a network. What no answer could be put into is refused when it is made. The file is
 * held outside the JVM's heap until it is closed.
 */
public class TimestampRequest private constructor(private val theirs: TheirRequest) : AutoCloseable {
    /**
     * What goes to the authority: posted as `application/timestamp-query`. It holds a digest of the signature and a
     * random number, and nothing else of the file.
     */
    public val request: ByteArray get() = bridge { theirs.request() }

    /**
     * The signed file with the timestamp in it.
     *
     * @param answer what the authority answered (`application/timestamp-reply`). Whether the authority is believed
     *   shows when the file is looked at
     * @throws CardError 473 where it is no answer to this request
     */
    public fun attach(answer: ByteArray): ByteArray = answer.lend { bridge { theirs.attach(it) } }

    /** Lets go of the file. */
    override fun close() {
        theirs.close()
    }

    override fun toString(): String = "TimestampRequest(…)"

    public companion object {
        /**
         * About the last signature of a PDF that was signed with [PdfProfile.Pades], where room was kept for a
         * timestamp.
         *
         * @throws CardError 473 where it has no signature, or one that fails, has a timestamp, or has no room for one;
         *   460 where it cannot be looked at
         */
        public fun pdf(file: ByteArray): TimestampRequest =
            TimestampRequest(file.lend { bridge { TheirRequest.pdf(it) } })

        /**
         * About the signature in CMS, in DER, with its content inside or beside it.
         *
         * @throws CardError 473, as for a PDF
         */
        public fun cms(file: ByteArray): TimestampRequest =
            TimestampRequest(file.lend { bridge { TheirRequest.cms(it) } })
    }
}
