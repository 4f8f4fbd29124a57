package jp.kazasu.pki

import jp.kazasu.CardError
import jp.kazasu.SigningKey
import jp.kazasu.pki.ffi.LookedAtFile as TheirFile
import jp.kazasu.pki.ffi.Signature as TheirSignature
import java.util.Locale

/** What was found about one signature. */
public class LookedAtSignature internal constructor(private val theirs: TheirSignature) {
    /** The table. */
    public val findings: Findings = Findings(bridge { theirs.findings() })

    /**
     * The signer's certificate, if the file carries it; close it. Whose it is, is only as true as the table says. Of a
     * JWS and a bare signature nothing is handed out.
     */
    public fun certificate(): HolderCertificate? = bridge { theirs.certificate() }?.let { HolderCertificate(it) }

    /** When the signer says that it was, in seconds since 1970; a claim. */
    public val claimedTime: Long? get() = bridge { theirs.claimedTime() }

    /** When a timestamp says that it was, in seconds since 1970; as true as the lines of the timestamp say. */
    public val timestamp: Long? get() = bridge { theirs.timestamp() }

    /** In a PDF: the name of its field. */
    public val field: String? get() = bridge { theirs.field() }

    /** In a PDF: whether it is a timestamp of the document, which is nobody's signature. */
    public val isDocumentTimestamp: Boolean get() = bridge { theirs.isDocumentTimestamp() }

    /** In a PDF: the date as it stands there, such as `D:20261121023921+09'00'`; a claim. */
    public val claimedDate: String? get() = bridge { theirs.claimedDate() }

    /** In a PDF: what it covers. */
    public val signedBytes: List<LongRange> get() = bridge { theirs.signedBytes() }.map { it.ours() }

    /** In a PDF: where the bytes are that are not the signed ones any more, as near as the other signatures tell. */
    public val changedBytes: List<LongRange> get() = bridge { theirs.changedBytes() }.map { it.ours() }

    /** In a PDF: what was added later, revision by revision. */
    public val addedLater: List<LongRange> get() = bridge { theirs.addedLater() }.map { it.ours() }

    override fun toString(): String = "LookedAtSignature(…)"
}

/** A signed file that was looked at, as of now. Nobody was asked about revocation, and the tables say so. */
public class LookedAtFile private constructor(private val theirs: TheirFile) {
    /** Its signatures, each with a table of its own; at least one. */
    public val signatures: List<LookedAtSignature> = bridge { theirs.signatures() }.map { LookedAtSignature(it) }

    /** Of a PDF: bytes behind the last one that any signature covers. Nobody signed them. */
    public val unsignedBytes: LongRange? get() = bridge { theirs.unsignedBytes() }?.ours()

    /** Of a JWS, and of CMS that has it inside: the message. It says something only when the table does. */
    public val payload: ByteArray? get() = bridge { theirs.payload() }

    /**
     * Of a PDF, for people: why it could not be read as one. Then its signatures were looked for in its bytes alone,
     * and of each the structure fails. Nothing of a file that could be read. In [locale]'s language where that is
     * Japanese, in English otherwise.
     */
    public fun damage(locale: Locale = Locale.getDefault()): String? =
        bridge { theirs.damage() }?.let { if (locale.isJapanese()) it.japanese else it.english }

    override fun toString(): String = "LookedAtFile(${signatures.size})"

    public companion object {
        /**
         * A PDF: every signature in it.
         *
         * @throws CardError 460 where there is none that can be looked at
         */
        public fun pdf(file: ByteArray, believing: Authorities): LookedAtFile =
            LookedAtFile(file.lend { bridge { TheirFile.pdf(it, believing.theirs) } })

        /**
         * CMS, as DER: every signature in it.
         *
         * @param content what a detached signature is about
         * @throws CardError 460 where there is none that can be looked at
         */
        public fun cms(file: ByteArray, content: ByteArray? = null, believing: Authorities): LookedAtFile =
            LookedAtFile(file.lend { bridge { TheirFile.cms(it, content, believing.theirs) } })

        /**
         * The same about a content that stays where it is: by its SHA-256. Where a signature names a digest of another
         * hash function, the table says that the content was not checked.
         *
         * @throws CardError 460 where there is none that can be looked at, 403 where the SHA-256 has not 32 bytes
         */
        public fun cmsOfDigest(file: ByteArray, sha256: ByteArray, believing: Authorities): LookedAtFile = LookedAtFile(
            file.lend { lent -> sha256.lend { bridge { TheirFile.cmsOfDigest(lent, it, believing.theirs) } } },
        )

        /**
         * A bare signature. Anything may be one: what is none is one that fails.
         *
         * @param certificate the one that is said to be the signer's, X.509 in DER
         * @param key the key that it is said to be of
         * @param content what it is about, whole: which hash function it was, only the signature knows
         * @throws CardError 253 where there is no certificate
         */
        public fun raw(
            signature: ByteArray,
            certificate: ByteArray,
            key: SigningKey,
            content: ByteArray? = null,
            believing: Authorities,
        ): LookedAtFile = LookedAtFile(
            signature.lend { lent ->
                certificate.lend { bridge { TheirFile.raw(lent, it, key.theirs(), content, believing.theirs) } }
            },
        )

        /**
         * A JWS in compact form.
         *
         * @throws CardError 460 where it is none
         */
        public fun jws(token: String, believing: Authorities): LookedAtFile =
            LookedAtFile(bridge { TheirFile.jws(token, believing.theirs) })
    }
}
