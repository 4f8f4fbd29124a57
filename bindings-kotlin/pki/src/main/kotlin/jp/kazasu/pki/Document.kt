package jp.kazasu.pki

import jp.kazasu.CardError
import jp.kazasu.ErrorCode
import jp.kazasu.SignableDocument
import jp.kazasu.SigningKey
import java.util.concurrent.atomic.AtomicBoolean
import jp.kazasu.pki.ffi.Document as TheirDocument

/** Says that the holder was told what the signed file shows. */
public enum class Disclosure {
    /** The signing certificate goes into the file whole; everybody who has the file reads these four. */
    NameAddressBirthDateAndSex,
}

/** Who will accept a signed PDF. */
public enum class PdfProfile {
    /** `adbe.pkcs7.detached`: what 登記・供託オンライン申請システム takes, and every PDF program knows. */
    Registry,

    /** `ETSI.CAdES.detached`: PAdES B-B. */
    Pades,
}

/** Where the content of a CMS signature is. */
public enum class Content {
    /** Beside the signature. */
    Detached,

    /** Inside it. */
    Attached,
}

/** What to do with an expired certificate. */
public enum class Expired {
    /** Refuse it; nothing is signed. */
    Refuse,

    /** Sign all the same; others will not accept the signature. */
    Allow,
}

/** What to do with a PDF that has a signature already which fails, or which nobody can look at. */
public enum class EarlierSignatures {
    /** Refuse it. */
    MustHold,

    /** Sign it as it is, for a holder who was told; that signature goes on failing. */
    MayFail,
}

/**
 * Something to be signed with the card: a file, a message, a login. What stands against it is told when it is made,
 * before a card is there; nothing is handed out that the card's certificate does not verify. It is signed once.
 *
 * A file is held outside the JVM's heap until it is signed, or closed. It is looked at when it is made: for a large one
 * not on the thread that draws the screen.
 */
public class Document<out T : Any> private constructor(
    private val signedWith: SigningKey,
    private val expired: Expired,
    private val theirs: TheirDocument,
    private val made: (ByteArray) -> T,
) : SignableDocument<T>, AutoCloseable {
    private val over = AtomicBoolean()

    /** With which key it is signed. */
    override val key: SigningKey
        get() {
            check(!over.get()) { "a document is signed once" }
            return signedWith
        }

    override val wantsAuthority: Boolean get() = bridge { theirs.wantsAuthority() }

    override fun digest(certificate: ByteArray, authority: ByteArray?): ByteArray =
        certificate.lend { bridge { theirs.digest(it, authority, expired.theirs()) } }

    override fun finish(signature: ByteArray): T {
        check(!over.get()) { "a document is signed once" }
        try {
            return made(signature.lend { bridge { theirs.finish(it) } }).also { close() }
        } catch (e: CardError) {
            // Before its digest nothing is used up.
            if (e.code != ErrorCode.Misuse) close()
            throw e
        }
    }

    /** Lets go of what is not signed any more. */
    override fun close() {
        over.set(true)
        theirs.close()
    }

    override fun toString(): String = "Document(…)"

    public companion object {
        /**
         * A PDF with the signature inside, added behind what was there. What comes of it is the file.
         *
         * @throws CardError for what cannot be signed: encrypted, certified against changes, damaged, ambiguous files
         *   (461 to 468), and where it has a signature already which fails or which nobody can look at (472), unless
         *   [earlier] says otherwise
         */
        public fun pdf(
            content: ByteArray,
            showing: Disclosure,
            profile: PdfProfile = PdfProfile.Registry,
            earlier: EarlierSignatures = EarlierSignatures.MustHold,
            expired: Expired = Expired.Refuse,
        ): Document<ByteArray> = file(
            expired, content.lend { bridge { TheirDocument.pdf(it, profile.theirs(), earlier.theirs(), showing.theirs()) } },
        )

        /** Any file with its signature in CMS (CAdES-B-B), which is what comes of it, in DER. */
        public fun cms(
            content: ByteArray,
            showing: Disclosure,
            place: Content = Content.Detached,
            expired: Expired = Expired.Refuse,
        ): Document<ByteArray> =
            file(expired, content.lend { bridge { TheirDocument.cms(it, place.theirs(), showing.theirs()) } })

        /**
         * The same beside a file that stays where it is: by its SHA-256.
         *
         * @throws CardError 403 where that has not 32 bytes
         */
        public fun cmsOfDigest(
            sha256: ByteArray,
            showing: Disclosure,
            expired: Expired = Expired.Refuse,
        ): Document<ByteArray> =
            file(expired, sha256.lend { bridge { TheirDocument.cmsOfDigest(it, showing.theirs()) } })

        /**
         * Any file with the bare signature that the card makes (RSASSA-PKCS1-v1_5 over SHA-256): 256 bytes that name
         * nobody. Whoever verifies it needs the file and the certificate of the key, which the same plan can read.
         */
        public fun raw(content: ByteArray, key: SigningKey, expired: Expired = Expired.Refuse): Document<ByteArray> =
            file(expired, content.lend { bridge { TheirDocument.raw(it, key.theirs()) } }, key)

        /**
         * The same of a file that stays where it is: by its SHA-256. It is looked at with the whole file only.
         *
         * @throws CardError 403 where that has not 32 bytes
         */
        public fun rawOfDigest(
            sha256: ByteArray,
            key: SigningKey,
            expired: Expired = Expired.Refuse,
        ): Document<ByteArray> =
            file(expired, sha256.lend { bridge { TheirDocument.rawOfDigest(it, key.theirs()) } }, key)

        /**
         * A message to the app's own server: a JWS in compact form with the certificate for user authentication in its
         * header. Who sees the token sees that certificate, which has no name in it.
         */
        public fun jws(content: ByteArray, expired: Expired = Expired.Refuse): Document<String> =
            token(expired, content.lend { bridge { TheirDocument.jws(it) } })

        /**
         * A login at a website: its token (Web eID 1.0).
         *
         * @param origin what the holder is shown: `https://` and a host in lower case, at most a port
         * @param nonce of the server's, in base64
         */
        public fun login(origin: String, nonce: String, expired: Expired = Expired.Refuse): Document<String> =
            token(expired, bridge { TheirDocument.login(origin, nonce) })

        private fun file(expired: Expired, theirs: TheirDocument, key: SigningKey = SigningKey.Signing) =
            Document(key, expired, theirs) { it }

        private fun token(expired: Expired, theirs: TheirDocument) =
            Document(SigningKey.UserAuthentication, expired, theirs) { it.text() }
    }
}
