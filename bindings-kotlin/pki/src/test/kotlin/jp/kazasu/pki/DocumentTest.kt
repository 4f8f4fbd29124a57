package jp.kazasu.pki

import jp.kazasu.CardLimits
import jp.kazasu.CardResult
import jp.kazasu.ErrorCode
import jp.kazasu.FreeCertificate
import jp.kazasu.MyNumberCardReader
import jp.kazasu.Plan
import jp.kazasu.Progress
import jp.kazasu.SignableDocument
import jp.kazasu.SigningKey
import jp.kazasu.Want
import jp.kazasu.demo.DemoCard
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.security.MessageDigest
import java.security.Signature
import java.security.cert.CertificateFactory
import java.util.Base64
import java.util.Locale

class DocumentTest {
    private val card = DemoCard()

    private suspend fun <T : Any> sign(document: Document<T>): T {
        val plan = Plan(signing = listOf(document))
        return checkNotNull(MyNumberCardReader(card).read(plan, card.secrets(plan)).signed(document))
    }

    @Test
    fun `a PDF is signed by one tap and one password, in either profile`() = runBlocking {
        for (profile in PdfProfile.entries) {
            val card = DemoCard()
            val contract = Document.pdf(pdf(), TOLD, profile)
            val plan = Plan(signing = listOf(contract))
            assertEquals("[sign-password]", plan.secretsNeeded.toString())
            val estimate = plan.estimate(CardLimits.EXTENDED)
            assertEquals(0, card.commands)
            val seen = mutableListOf<Progress>()
            val file = MyNumberCardReader(card).read(plan, card.secrets(plan), onProgress = { seen += it }).signed(contract)!!
            assertEquals(1, card.secretsSent)
            assertEquals(estimate.commands, card.commands)
            // The certificates were nobody's want.
            assertEquals(Progress.Advanced(estimate.commands, estimate.commands, 1), seen.last())
            assertArrayEquals(pdf(), file.copyOf(pdf().size))
            val looked = LookedAtFile.pdf(file, demonstration())
            looked.isSigned()
            assertNull(looked.unsignedBytes)
            val signature = looked.signatures.single()
            assertEquals("Signature1", signature.field)
            assertEquals(2, signature.signedBytes.size)
            assertEquals(0L, signature.signedBytes.first().first)
            assertEquals(file.size - 1L, signature.signedBytes.last().last)
            assertTrue(signature.claimedDate!!.startsWith("D:20"))
            assertTrue(signature.changedBytes.isEmpty() && signature.addedLater.isEmpty())
            signature.certificate()!!.use { assertEquals("数差　花子", it.holder()?.name) }
        }
    }

    @Test
    fun `a signed PDF in which one byte was changed says so, in the user's language`() = runBlocking {
        val file = sign(Document.pdf(pdf(), TOLD)).changed()
        val findings = LookedAtFile.pdf(file, demonstration()).signatures.single().findings
        val conclusion = findings.conclusion()
        assertEquals(Concluded.Fails, conclusion.concluded)
        assertEquals("content-digest", conclusion.check)
        val line = findings.lines.single { it.check == "content-digest" }
        assertEquals("content-digest Fails changed", line.toString())
        assertEquals(By.Kazasu, line.by)
        assertEquals("内容が署名時のまま", line.words(Locale.JAPANESE).check)
        assertEquals("not the content that was signed", line.words(Locale.ENGLISH).because)
        assertTrue(conclusion.text(Locale.JAPANESE) != conclusion.text(Locale.ENGLISH))
        val before = LookedAtFile.pdf(sign(Document.pdf(pdf(), TOLD)), demonstration()).signatures.single().findings
        assertEquals("NotEverything revocation not-asked test", before.conclusion().toString())
    }

    @Test
    fun `of a signed PDF that was cut short it is told why it cannot be read, in the user's language`() = runBlocking {
        val file = sign(Document.pdf(pdf(), TOLD))
        assertNull(LookedAtFile.pdf(file, demonstration()).damage())
        val cut = LookedAtFile.pdf(file.copyOf(file.size - 20), demonstration())
        assertEquals(Concluded.Fails, cut.signatures.single().findings.conclusion().concluded)
        assertTrue(cut.damage(Locale.ENGLISH)!! != cut.damage(Locale.JAPANESE)!!)
    }

    @Test
    fun `a file is signed in CMS, with its content and beside it`() = runBlocking {
        LookedAtFile.cms(sign(Document.cms(FILE, TOLD, Content.Attached)), believing = demonstration()).isSigned()
        val sha256 = MessageDigest.getInstance("SHA-256").digest(FILE)
        for (document in listOf(Document.cms(FILE, TOLD), Document.cmsOfDigest(sha256, TOLD))) {
            val signature = sign(document)
            val looked = LookedAtFile.cms(signature, FILE, demonstration())
            looked.isSigned()
            assertNotNull(looked.signatures.single().claimedTime)
            assertNull(looked.signatures.single().timestamp)
            val other = LookedAtFile.cms(signature, "I owe you 1 yen.".toByteArray(), demonstration())
            assertEquals("content-digest", other.signatures.single().findings.conclusion().check)
        }
    }

    /** Java's own cryptography is the judge. */
    private fun verifies(certificate: String, signature: ByteArray, signed: ByteArray): Boolean {
        val der = Base64.getDecoder().decode(certificate).inputStream()
        val key = CertificateFactory.getInstance("X.509").generateCertificate(der).publicKey
        return Signature.getInstance("SHA256withRSA").apply { initVerify(key); update(signed) }.verify(signature)
    }

    private fun String.field(name: String) = Regex("\"$name\":\\[?\"([^\"]*)\"").find(this)!!.groupValues[1]

    @Test
    fun `a message is signed for the app's own server`() = runBlocking {
        val token = sign(Document.jws("hello".toByteArray()))
        val looked = LookedAtFile.jws(token, demonstration())
        looked.isSigned()
        assertEquals("hello", looked.payload?.decodeToString())
        assertNull(looked.signatures.single().certificate())
        val (header, payload, signature) = token.split('.')
        val decoder = Base64.getUrlDecoder()
        val certificate = decoder.decode(header).decodeToString().field("x5c")
        assertTrue(verifies(certificate, decoder.decode(signature), "$header.$payload".toByteArray()))
    }

    @Test
    fun `a login is a token over the origin and the server's nonce`() = runBlocking {
        val nonce = Base64.getEncoder().encodeToString(NONCE)
        val token = sign(Document.login("https://shop.example", nonce))
        assertEquals("web-eid:1.0", token.field("format"))
        fun sha256(text: String) = MessageDigest.getInstance("SHA-256").digest(text.toByteArray())
        val signature = Base64.getDecoder().decode(token.field("signature"))
        val certificate = token.field("unverifiedCertificate")
        assertTrue(verifies(certificate, signature, sha256("https://shop.example") + sha256(nonce)))
        assertFalse(verifies(certificate, signature, sha256("https://other.example") + sha256(nonce)))
    }

    @Test
    fun `several documents, a login and the attributes go in one tap, each secret once`() = runBlocking {
        val contract = Document.pdf(pdf(), TOLD, PdfProfile.Pades)
        val file = Document.cms(FILE, TOLD, Content.Attached)
        val login = Document.login("https://shop.example", Base64.getEncoder().encodeToString(NONCE))
        val plan = Plan(Want.Attributes, Want.SigningCertificate, signing = listOf(contract, login, file))
        assertEquals("[text-pin|number-b, sign-password, auth-pin]", plan.secretsNeeded.toString())
        val estimate = plan.estimate(CardLimits.EXTENDED)
        val result = MyNumberCardReader(card).read(plan, card.secrets(plan))
        assertEquals(3, card.secretsSent)
        assertEquals(estimate.commands, card.commands)
        assertEquals("19800217", result.attributes?.birth)
        assertNotNull(result.signingCertificate)
        assertNull(result.certificate(FreeCertificate.UserAuthentication))
        LookedAtFile.pdf(result.signed(contract)!!, demonstration()).isSigned()
        LookedAtFile.cms(result.signed(file)!!, believing = demonstration()).isSigned()
        assertTrue("web-eid" in result.signed(login)!!)
        assertEquals("CardResult(5)", result.toString())
        // A second signature beside the first, which stays as it was.
        val second = Document.pdf(result.signed(contract)!!, TOLD)
        val both = LookedAtFile.pdf(sign(second), demonstration()).signatures
        assertEquals(2, both.size)
        both.first().findings.everythingBut("revocation", "pdf-later-changes")
        both.last().findings.everythingBut("revocation")
        assertEquals(1, both.first().addedLater.size)
    }

    /** With one byte of its page changed. */
    private fun ByteArray.changed() = copyOf().also { it[decodeToString().indexOf("300 200")] = '9'.code.toByte() }

    @Test
    fun `a PDF in which an earlier signature fails is refused before a card is there, unless it may`() = runBlocking {
        val first = sign(Document.pdf(pdf(), TOLD))
        assertEquals(2, LookedAtFile.pdf(sign(Document.pdf(first, TOLD)), demonstration()).signatures.size)
        val before = card.commands
        val error = failure { Document.pdf(first.changed(), TOLD) }
        assertEquals(ErrorCode.PdfSignatureFails, error.code)
        assertTrue("its content was changed" in error.explanation(Locale.ENGLISH).what)
        assertEquals(before, card.commands)
        val signed = sign(Document.pdf(first.changed(), TOLD, earlier = EarlierSignatures.MayFail))
        val (earlier, own) = LookedAtFile.pdf(signed, demonstration()).signatures.map { it.findings }
        assertEquals("Fails content-digest changed test", earlier.conclusion().toString())
        own.everythingBut("revocation")
    }

    @Test
    fun `a bare signature is made with either key, and looked at with its certificate`() = runBlocking {
        val digest = MessageDigest.getInstance("SHA-256").digest(FILE)
        val documents = SigningKey.entries.associateWith { listOf(Document.raw(FILE, it), Document.rawOfDigest(digest, it)) }
        val wants = arrayOf(Want.SigningCertificate, Want.Certificate(FreeCertificate.UserAuthentication))
        val plan = Plan(*wants, signing = documents.values.flatten())
        val result = MyNumberCardReader(card).read(plan, card.secrets(plan))
        for ((key, made) in documents) {
            val (signature, same) = made.map { result.signed(it)!! }
            assertArrayEquals(signature, same)
            val certificate = when (key) {
                SigningKey.Signing -> result.signingCertificate!!
                SigningKey.UserAuthentication -> result.certificate(FreeCertificate.UserAuthentication)!!
            }
            assertTrue(verifies(Base64.getEncoder().encodeToString(certificate), signature, FILE))
            fun look(signature: ByteArray, content: ByteArray?) =
                LookedAtFile.raw(signature, certificate, key, content, demonstration())
            look(signature, FILE).isSigned()
            val wrong = listOf(look(signature, "I owe you 1 yen.".toByteArray()), look(FILE, FILE))
            for (file in wrong) assertEquals("Fails signature-value signature test", file.signatures.single().findings.conclusion().toString())
            assertEquals("signature-value", look(signature, null).signatures.single().findings.conclusion(listOf("revocation")).check)
        }
        assertEquals(ErrorCode.Unreadable, failure { LookedAtFile.raw(FILE, FILE, SigningKey.Signing, null, demonstration()) }.code)
        assertEquals(ErrorCode.Misuse, failure { Document.rawOfDigest(ByteArray(20), SigningKey.Signing) }.code)
    }

    @Test
    fun `a signature beside a large file is looked at by the file's digest`() = runBlocking {
        val signature = sign(Document.cms(FILE, TOLD))
        fun look(content: ByteArray): LookedAtFile {
            val sha256 = MessageDigest.getInstance("SHA-256").digest(content)
            return LookedAtFile.cmsOfDigest(signature, sha256, demonstration())
        }
        look(FILE).isSigned()
        val other = look("I owe you 1 yen.".toByteArray()).signatures.single().findings
        assertEquals("Fails content-digest changed test", other.conclusion().toString())
        assertEquals(ErrorCode.Misuse, failure { LookedAtFile.cmsOfDigest(signature, FILE, demonstration()) }.code)
    }

    /** OpenSSL signs here: the card has no other hash function. */
    @Test
    fun `of a signature over another hash than the one handed in the content is not checked`(@TempDir folder: File) {
        fun openssl(arguments: String) {
            val log = File(folder, "log")
            val openssl = ProcessBuilder(listOf("openssl") + arguments.split(' ')).directory(folder)
            val process = openssl.redirectErrorStream(true).redirectOutput(log).start()
            assertEquals(0, process.waitFor()) { log.readText() }
        }
        File(folder, "file").writeBytes(FILE)
        openssl("req -x509 -newkey rsa:2048 -nodes -subj /CN=Somebody -days 2 -keyout key -out pem")
        val sha256 = MessageDigest.getInstance("SHA-256").digest(FILE)
        for ((hash, expected) in listOf("sha256" to "Holds", "sha512" to "NotChecked other-hash")) {
            openssl("cms -sign -binary -md $hash -in file -signer pem -inkey key -outform DER -out sig")
            val looked = LookedAtFile.cmsOfDigest(File(folder, "sig").readBytes(), sha256, demonstration())
            val line = looked.signatures.single().findings.lines.single { it.check == "content-digest" }
            assertEquals("content-digest $expected", line.toString())
        }
    }

    @Test
    fun `a timestamp of the document is told from a signature`() {
        fun field(name: String, value: Int) =
            "<</Type/Annot/Subtype/Widget/FT/Sig/T($name)/V $value 0 R/Rect[0 0 0 0]/F 132/P 3 0 R>>"
        // CMS without a signature that would verify: with the content type of a timestamp, and of a file's.
        val token = "304F06092A864886F70D010702A04230400201033100300D060B2A86" +
            "4886F70D0109100104312A302802010130053000020101300B0609608648016503040201300D06092A864886F70D01010105000400"
        val cms = "304D06092A864886F70D010702A040303E0201033100300B06092A86" +
            "4886F70D010701312A302802010130053000020101300B0609608648016503040201300D06092A864886F70D01010105000400"
        fun value(kind: String, cms: String) =
            "<<$kind/Filter/Adobe.PPKLite/ByteRange[0 9 11 9]/Contents<${cms.padEnd(400, '0')}>>>"
        val file = pdf(
            field("Timestamp1", 5), value("/Type/DocTimeStamp/SubFilter/ETSI.RFC3161", token),
            field("Signature1", 7), value("/Type/Sig/SubFilter/adbe.pkcs7.detached", cms),
            catalog = "/AcroForm<</Fields[4 0 R 6 0 R]/SigFlags 3>>",
        )
        val kinds = LookedAtFile.pdf(file, demonstration()).signatures.associate { it.field to it.isDocumentTimestamp }
        assertEquals(mapOf("Timestamp1" to true, "Signature1" to false), kinds)
    }

    /** OpenSSL is the authority. */
    @Test
    fun `a timestamp is asked for and attached as bytes, and its time is in the table`(@TempDir folder: File) = runBlocking {
        fun openssl(arguments: String) {
            val log = File(folder, "log")
            val openssl = ProcessBuilder(listOf("openssl") + arguments.split(' ')).directory(folder).redirectErrorStream(true)
            assertEquals(0, openssl.redirectOutput(log).start().waitFor()) { log.readText() }
        }
        File(folder, "tsa.cnf").writeText(
            "[req]\ndistinguished_name=name\nx509_extensions=extensions\nprompt=no\n[name]\nCN=An authority of a test\n" +
                "[extensions]\nextendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\nbasicConstraints=CA:FALSE\n" +
                "[settings]\nserial=serial\ndefault_policy=1.2.3.4\ndigests=sha256\nsigner_digest=sha256\ness_cert_id_alg=sha256\n",
        )
        openssl("req -x509 -newkey rsa:2048 -nodes -sha256 -days 2 -config tsa.cnf -keyout tsa.key -out tsa.pem")
        openssl("x509 -in tsa.pem -outform DER -out tsa.der")
        fun answer(request: ByteArray): ByteArray {
            File(folder, "query").writeBytes(request)
            openssl("ts -reply -queryfile query -config tsa.cnf -section settings -signer tsa.pem -inkey tsa.key -out reply")
            return File(folder, "reply").readBytes()
        }
        val believing = Authorities.testOnly(
            DemoCard.authorities(over = SigningKey.Signing), timestampAuthorities = listOf(File(folder, "tsa.der").readBytes()),
        )
        val pades = sign(Document.pdf(pdf(), TOLD, PdfProfile.Pades))
        val beside = sign(Document.cms(FILE, TOLD))
        val asked = listOf<Pair<TimestampRequest, (ByteArray) -> LookedAtFile>>(
            TimestampRequest.pdf(pades) to { LookedAtFile.pdf(it, believing) },
            TimestampRequest.cms(beside) to { LookedAtFile.cms(it, FILE, believing) },
        )
        for ((request, look) in asked) request.use {
            val answer = answer(request.request)
            val signature = look(request.attach(answer)).signatures.single()
            signature.findings.everythingBut("revocation", "timestamp-revocation")
            assertNotNull(signature.timestamp)
            for (wrong in listOf(FILE, answer.copyOf(answer.size - 1))) {
                assertEquals(ErrorCode.TimestampRefused, failure { request.attach(wrong) }.code)
            }
        }
        val stamped = TimestampRequest.cms(beside).use { it.attach(answer(it.request)) }
        val refused = listOf<Pair<ErrorCode, () -> Unit>>(
            ErrorCode.TimestampRefused to { TimestampRequest.cms(stamped) },
            ErrorCode.TimestampRefused to { TimestampRequest.cms(FILE) },
            ErrorCode.TimestampRefused to { TimestampRequest.pdf(pades.changed()) },
            ErrorCode.TimestampRefused to { TimestampRequest.pdf(pdf()) },
            ErrorCode.NotSigned to { TimestampRequest.pdf(FILE) },
        )
        for ((code, ask) in refused) assertEquals(code, failure { ask() }.code)
        assertEquals(ErrorCode.TimestampRefused, failure { TimestampRequest.pdf(sign(Document.pdf(pdf(), TOLD))) }.code)
    }

    @Test
    fun `what cannot be signed is refused before a card is there`() = runBlocking {
        val refused = listOf<Pair<ErrorCode, () -> Unit>>(
            ErrorCode.PdfEncrypted to { Document.pdf(encrypted(), TOLD) },
            ErrorCode.NotAPdf to { Document.pdf(FILE, TOLD) },
            ErrorCode.PdfDamaged to { Document.pdf(pdf().copyOf(80), TOLD) },
            ErrorCode.Misuse to { Document.cmsOfDigest(ByteArray(20), TOLD) },
            ErrorCode.BadArgument to { Document.login("http://shop.example/", Base64.getEncoder().encodeToString(NONCE)) },
            ErrorCode.BadArgument to { Document.login("https://shop.example", "AAAA") },
            ErrorCode.BadArgument to { Document.jws(ByteArray(1 shl 20)) },
            ErrorCode.NotSigned to { LookedAtFile.pdf(pdf(), demonstration()) },
            ErrorCode.NotSigned to { LookedAtFile.cms(FILE, believing = demonstration()) },
            ErrorCode.NotSigned to { LookedAtFile.jws("a.b.c", demonstration()) },
            ErrorCode.Unreadable to { HolderCertificate(FILE, SigningKey.Signing) },
            ErrorCode.BadArgument to { Authorities.production(DemoCard.authorities(over = SigningKey.Signing)) },
        )
        for ((code, call) in refused) {
            val error = failure { call() }
            assertEquals(code, error.code)
            assertEquals("kazasu ${code.number} ${code.id}", error.message)
            val (english, japanese) = listOf(Locale.ENGLISH, Locale.JAPANESE).map { error.explanation(it).toString() }
            assertTrue(english.isNotBlank() && japanese.any { it.code > 0x3000 }, japanese)
        }
        assertEquals(0, card.commands)
    }

    @Test
    fun `a document is signed once, and wanted once`() = runBlocking {
        val document = Document.cms(FILE, TOLD)
        assertThrows(IllegalArgumentException::class.java) { Plan(signing = listOf(document, document)) }
        val plan = Plan(signing = listOf(document))
        val secrets = card.secrets(plan)
        assertNotNull(MyNumberCardReader(card).read(plan, secrets).signed(document))
        val before = card.commands
        assertEquals("a document is signed once", assertThrows(IllegalStateException::class.java) { plan.secretsNeeded }.message)
        assertThrows(IllegalStateException::class.java) { runBlocking { MyNumberCardReader(card).read(plan) } }
        assertEquals(before, card.commands)
        val closed = Document.jws(FILE).also { it.close() }
        assertThrows(IllegalStateException::class.java) { Plan(signing = listOf(closed)).estimate() }
        Unit
    }

    @Test
    fun `a finish that comes too early does not use a document up`() = runBlocking {
        val document = Document.cms(FILE, TOLD)
        assertEquals(ErrorCode.Misuse, failure { document.finish(ByteArray(256)) }.code)
        LookedAtFile.cms(sign(document), FILE, demonstration()).isSigned()
    }

    @Test
    fun `an expired certificate is refused in the contact, nothing is signed, and what it opened is closed`() = runBlocking {
        for (power in listOf(true, false)) {
            val expired = Watching(DemoCard("expired"), power = power)
            val document = Document.pdf(pdf(), TOLD)
            val plan = Plan(Want.CardKind, signing = listOf(document))
            var stopped: CardResult? = null
            val error = failure {
                MyNumberCardReader(expired).read(plan, DemoCard("expired").secrets(plan), onProgress = {
                    if (it is Progress.Stopped) stopped = it.result
                })
            }
            assertEquals(ErrorCode.CertificateExpired, error.code)
            assertTrue("2024-12-24" in error.explanation(Locale.JAPANESE).what)
            assertEquals(0, expired.signatures)
            assertNotNull(stopped?.cardKind)
            assertNull(stopped?.signed(document))
            // Another application is selected where the power stays.
            assertEquals(!power, expired.commands.last()[1] == 0xA4.toByte())
            // It is as good as new for another card.
            LookedAtFile.pdf(sign(document), demonstration()).isSigned()
        }
        val allowed = Document.cms(FILE, TOLD, expired = Expired.Allow)
        val plan = Plan(signing = listOf(allowed))
        val card = DemoCard("expired")
        val signature = MyNumberCardReader(card).read(plan, card.secrets(plan)).signed(allowed)!!
        val conclusion = LookedAtFile.cms(signature, FILE, demonstration()).signatures.single().findings.conclusion()
        assertEquals("Fails validity expired test", conclusion.toString())
    }

    /** Whatever the answer is that never comes: the document is the same, and it is signed once. */
    @Test
    fun `a card that slips between certificate and signature signs the same document when it is back`() = runBlocking {
        for (after in 0..8) {
            val document = Document.pdf(pdf(), TOLD)
            val plan = Plan(Want.Certificate(FreeCertificate.UserAuthentication), signing = listOf(document))
            val slipping = Watching(DemoCard(), slip = after)
            var lost = 0
            val result = MyNumberCardReader(slipping).read(
                plan, card.secrets(plan), question = { card.secrets(plan) }, onProgress = { if (it is Progress.CardLost) lost++ },
            )
            LookedAtFile.pdf(result.signed(document)!!, demonstration()).isSigned()
            assertEquals(1, slipping.signatures, "after $after")
            assertTrue(lost <= 1)
        }
    }

    /** A document that does something else first. */
    private class Before(private val document: Document<ByteArray>, private val call: () -> Unit) : SignableDocument<ByteArray> by document {
        override fun digest(certificate: ByteArray, authority: ByteArray?): ByteArray {
            call()
            return document.digest(certificate, authority)
        }
    }

    @Test
    fun `cancelled at the digest, nothing is signed and the card is let go`() = runBlocking {
        val watched = Watching(card)
        var stopped: Progress.Stopped? = null
        lateinit var cancel: () -> Unit
        val document = Document.cms(FILE, TOLD)
        val plan = Plan(signing = listOf(Before(document) { cancel() }))
        val secrets = card.secrets(plan)
        val job = launch(start = CoroutineStart.LAZY) {
            MyNumberCardReader(watched).read(plan, secrets, onProgress = { if (it is Progress.Stopped) stopped = it })
        }
        cancel = { job.cancel() }
        job.join()
        assertTrue(job.isCancelled)
        assertEquals(ErrorCode.Cancelled, stopped?.error?.code)
        assertEquals(1, card.secretsSent)
        assertEquals(0, watched.signatures)
        assertNotNull(sign(document))
    }

    @Test
    fun `a document of an app's own that fails ends the read with its own exception, and what was opened is closed`() = runBlocking {
        val failing = listOf<() -> ByteArray>({ throw IllegalStateException("no") }, { ByteArray(20) })
        for ((at, digest) in failing.withIndex()) {
            val own = object : SignableDocument<ByteArray> {
                override val key get() = SigningKey.Signing
                override val wantsAuthority get() = false
                override fun digest(certificate: ByteArray, authority: ByteArray?) = digest()
                override fun finish(signature: ByteArray) = signature
            }
            val watched = Watching(card, power = false)
            val plan = Plan(signing = listOf(own))
            val error = runCatching { MyNumberCardReader(watched).read(plan, card.secrets(plan)) }.exceptionOrNull()
            if (at == 0) assertEquals("no", error?.message) else assertTrue("misuse" in error?.message!!)
            assertEquals(0, watched.signatures)
            assertEquals(0xA4.toByte(), watched.commands.last()[1])
        }
    }

    @Test
    fun `the certificate that a document is shown is wiped afterwards`() = runBlocking {
        var seen: ByteArray? = null
        val document = Document.cms(FILE, TOLD)
        val looking = object : SignableDocument<ByteArray> by document {
            override fun digest(certificate: ByteArray, authority: ByteArray?): ByteArray {
                seen = certificate
                assertEquals(0x30.toByte(), certificate[0])
                assertNotNull(authority)
                return document.digest(certificate, authority)
            }
        }
        val plan = Plan(signing = listOf(looking))
        assertNotNull(MyNumberCardReader(card).read(plan, card.secrets(plan)).signed(looking))
        assertArrayEquals(ByteArray(seen!!.size), seen)
    }

    @Test
    fun `a signature that does not fit the certificate is the document's own error, and keeps the other from nobody`() = runBlocking {
        val good = Document.cms(FILE, TOLD)
        val document = Document.cms(FILE, TOLD)
        val broken = object : SignableDocument<ByteArray> by document {
            override fun finish(signature: ByteArray): ByteArray = document.finish(signature.also { it[9] = (it[9] + 1).toByte() })
        }
        val plan = Plan(signing = listOf(broken, good))
        val result = MyNumberCardReader(card).read(plan, card.secrets(plan))
        assertEquals(ErrorCode.SignatureWrong, failure { result.signed(broken) }.code)
        LookedAtFile.cms(result.signed(good)!!, FILE, demonstration()).isSigned()
    }

    @Test
    fun `a certificate shows its holder, how long it is for use, and who issued it`() = runBlocking {
        val plan = Plan(Want.SigningCertificate, Want.Certificate(FreeCertificate.UserAuthentication))
        val result = MyNumberCardReader(card).read(plan, card.secrets(plan))
        HolderCertificate(result.signingCertificate!!, SigningKey.Signing).use { certificate ->
            val holder = certificate.holder()!!
            assertEquals("数差　花子", holder.name)
            assertEquals("数差県花市見本町中央１２－３－４０５", holder.address)
            assertEquals(listOf("19800217", Era.Showa, jp.kazasu.Sex.Female), listOf(holder.birth, holder.era, holder.sex))
            assertEquals("", holder.nameSubstitutes)
            assertTrue(Regex("20\\d\\d-\\d\\d-\\d\\d").matches(certificate.validity().firstDay))
            assertTrue(certificate.validity().firstDay < certificate.validity().lastDay)
            assertTrue(certificate.validity().daysLeft!! > 0)
            assertEquals("RS256 2048", "${certificate.algorithm()} ${certificate.keyBits()}")
            assertEquals(1, certificate.policies().size)
            assertEquals(SigningKey.Signing, certificate.key)
            certificate.examine(demonstration()).everythingBut("revocation")
            assertNull(certificate.authority(demonstration()))
            assertEquals("issuer", certificate.examine(Authorities.production()).conclusion().check)
            assertEquals("HolderCertificate(…) Holder(…)", "$certificate $holder")
        }
        HolderCertificate(result.certificate(FreeCertificate.UserAuthentication)!!, SigningKey.UserAuthentication).use {
            assertNull(it.holder())
            it.examine(demonstration()).everythingBut("revocation")
        }
        HolderCertificate(result.certificate(FreeCertificate.UserAuthentication)!!, SigningKey.Signing).use {
            assertEquals(Concluded.Fails, it.examine(demonstration()).conclusion().concluded)
        }
        val old = DemoCard("expired")
        val expired = MyNumberCardReader(old).read(Plan(Want.SigningCertificate), old.secrets(Plan(Want.SigningCertificate)))
        HolderCertificate(expired.signingCertificate!!, SigningKey.Signing).use { assertNull(it.validity().daysLeft) }
    }
}

/** By qpdf, with an empty password. */
private fun encrypted() = pdf(
    "<</Filter/Standard/V 2/R 3/Length 128/P -4/O<566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5>" +
        "/U<d349ee5eeb20c6ec17e671c7ff4a05330122456a91bae5134273a6db134c87c4>>>",
    trailer = "/ID[<${"5A".repeat(32)}><26b9c61c575c3f415f0bf58fd99f41c5>]/Encrypt 4 0 R",
)
