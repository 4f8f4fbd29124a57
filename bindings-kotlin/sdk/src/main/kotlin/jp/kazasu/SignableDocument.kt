package jp.kazasu

/**
 * Something that is signed in the middle of a contact: what exactly the card signs is known when the certificate has
 * been read, because a signed document names it. Files, logins and the like are in the library `kazasu-pki`; an app may
 * have kinds of its own.
 *
 * It outlives a read that ended with an error, and can be handed to the next one.
 */
public interface SignableDocument<out T : Any> {
    /** With which key it is signed. Asked before a card is there: what can no more be signed throws here. */
    public val key: SigningKey

    /** Whether the certificate of the authority over the key's goes along, so that others need not look for it. */
    public val wantsAuthority: Boolean

    /**
     * What the card signs: 32, 48 or 64 bytes (SHA-256, SHA-384, SHA-512). The card waits meanwhile, and may slip away:
     * then it is asked for again. Called on a thread for computations.
     *
     * @param certificate of [key], X.509 in DER; wiped when this has ended
     * @param authority likewise, where [wantsAuthority]
     * @throws CardError to end the read; nothing is signed then
     */
    public fun digest(certificate: ByteArray, authority: ByteArray?): ByteArray

    /**
     * What comes of the card's [signature] (RSA, PKCS #1 v1.5). Called on a thread for computations, once the whole
     * plan has been done and the card is let go.
     *
     * @throws CardError when the signature is not the certificate's, for one
     */
    public fun finish(signature: ByteArray): T
}
