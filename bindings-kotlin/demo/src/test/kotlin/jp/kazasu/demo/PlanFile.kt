package jp.kazasu.demo

import jp.kazasu.CardError
import jp.kazasu.CardKind
import jp.kazasu.CardResult
import jp.kazasu.FreeCertificate
import jp.kazasu.CardLimits
import jp.kazasu.LinkException
import jp.kazasu.LinkFailure
import jp.kazasu.MyNumberCardReader
import jp.kazasu.Plan
import jp.kazasu.Progress
import jp.kazasu.SecretKind
import jp.kazasu.Secrets
import jp.kazasu.Sex
import jp.kazasu.SignableDocument
import jp.kazasu.SignedRecords
import jp.kazasu.SigningKey
import jp.kazasu.TriesLeft
import jp.kazasu.Want
import jp.kazasu.CardChannel
import java.io.File
import java.security.MessageDigest

/** A file of fixtures/plans (its README says what the lines mean), carried out by the public API and nothing else. */
@OptIn(ExperimentalStdlibApi::class)
class PlanFile(file: File) {
    private class Line(val key: String, val words: List<String>)

    private val lines = file.readLines().map { it.substringBefore('#').trim() }.filter { it.isNotEmpty() }.map { line ->
        Line(line.substringBefore(':'), line.substringAfter(':').trim().split(' '))
    }

    private fun all(key: String) = lines.filter { it.key == key }.map { it.words }

    private fun one(key: String) = all(key).singleOrNull()

    /** A [Want], or a [SignedLater]. */
    private val asked: List<Any> = all("want").map { if (it[0] == "sign-later") SignedLater(key(it[1]), it[2].hexToByteArray()) else want(it) }

    /** What is given before the first contact, then what is given after each error. */
    private val given: List<List<Line>> = buildList {
        add(mutableListOf<Line>())
        for (line in lines) {
            when (line.key) {
                "error" -> add(mutableListOf())
                "give", "allow-last-try" -> (last() as MutableList<Line>) += line
            }
        }
    }

    private val known = setOf(
        "card", "link", "want", "give", "allow-last-try", "slip", "error", "expect", "needs", "commands", "secrets",
    )

    /** Everything that came out otherwise; empty when it is as the file says. */
    suspend fun run(): List<String> {
        val wrong = mutableListOf<String>()
        fun same(what: String, expected: Any?, found: Any?) {
            if (expected != found) wrong += "$what: expected $expected, found $found"
        }
        lines.filter { it.key !in known }.forEach { wrong += "no such line: ${it.key}" }

        val (person, profile) = checkNotNull(one("card")) { "no card" }
        val limits = if (one("link") == listOf("extended")) CardLimits.EXTENDED else CardLimits.SHORT
        val card = DemoCard(person, profile, limits)
        val channel = Slipping(card, one("slip")?.single()?.toInt())
        val plan = Plan(asked.filterIsInstance<Want>(), signing = asked.filterIsInstance<SignedLater>())
        one("needs")?.let { same("needs", it, plan.secretsNeeded.map { need -> need.toString() }) }

        val errors = mutableListOf<CardError>()
        var partly: CardResult? = null
        val result = try {
            MyNumberCardReader(channel).read(
                plan,
                secrets(0),
                question = { error -> errors += error; goOn(errors.size) },
                onProgress = { progress ->
                    if (progress is Progress.CardLost) errors += progress.error
                    if (progress is Progress.Stopped) partly = progress.result
                },
            )
        } catch (e: CardError) {
            if (errors.lastOrNull() !== e) errors += e
            checkNotNull(partly) { "an error without Stopped" }
        }

        val expected = all("error")
        same("errors", expected.map { it[0] }, errors.map { it.number.toString() })
        for ((words, error) in expected.zip(errors)) {
            val number = words[0]
            words.drop(1).chunked(2).forEach { (what, value) ->
                when (what) {
                    "left" -> same("$number left", value, error.triesLeft?.toString() ?: "unknown")
                    "spent" -> same("$number spent", value, error.spentATry?.let { if (it) "yes" else "no" } ?: "unknown")
                    else -> wrong += "no such word: $what"
                }
            }
        }
        for (words in all("expect")) {
            same("want ${words[0]}", words.drop(1), found(result, words[0].toInt(), words.drop(1)))
        }
        one("commands")?.let { same("commands", it.single(), card.commands.toString()) }
        one("secrets")?.let { same("secrets", it.single(), card.secretsSent.toString()) }
        return wrong
    }

    private fun secrets(after: Int): Secrets = Secrets().also { secrets ->
        for (line in given.getOrElse(after) { emptyList() }) {
            val kind = secret(line.words[0])
            if (line.key == "give") secrets.give(kind, line.words[1].toCharArray()) else secrets.allowLastTry(kind)
        }
    }

    /**
     * What is given after so many errors; nothing, and the plan ends, where the file gives nothing and names no further
     * error.
     */
    private fun goOn(errors: Int): Secrets? =
        if (given.getOrElse(errors) { emptyList() }.isEmpty() && errors >= all("error").size) null else secrets(errors)

    private fun found(result: CardResult, at: Int, expected: List<String>): List<String> {
        val field = expected[0]
        val want = asked[at]
        fun yes(flag: Boolean?) = if (flag == true) "yes" else "no"
        return when {
            field == "tries" -> listOf("tries") + when (val tries = result.tries((want as Want.Tries).secret)) {
                is TriesLeft.Left -> listOf("left", tries.count.toString())
                TriesLeft.Blocked -> listOf("blocked")
                TriesLeft.Unknown -> listOf("unknown")
                null -> listOf("nothing")
            }
            field == "card-kind" -> listOf("card-kind", when (result.cardKind) {
                CardKind.MyNumber -> "my-number"
                CardKind.Juki -> "juki"
                CardKind.AndroidToken -> "android-token"
                CardKind.IPhoneToken -> "iphone-token"
                CardKind.Other -> "other"
                null -> "nothing"
            })
            field == "certificates" -> result.certificatesPresent.let {
                listOf("certificates", "sign", yes(it?.signing), "auth", yes(it?.userAuthentication))
            }
            else -> {
                val bytes = bytes(result, want, field)
                val value = when {
                    bytes == null -> "nothing"
                    expected[1] == "sha256" -> MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02X".format(it) }
                    else -> bytes.decodeToString()
                }
                listOf(field, expected[1], value)
            }
        }
    }

    private fun bytes(result: CardResult, want: Any, field: String): ByteArray? = when (want) {
        is SignedLater -> result.signed(want)?.takeIf { field == "value" }
        is Want.Certificate -> result.certificate(want.which)?.takeIf { field == "value" }
        Want.SigningCertificate -> result.signingCertificate?.takeIf { field == "value" }
        is Want.Signature -> result.signature(want)?.takeIf { field == "value" }
        is Want.Presence -> result.presence(want)?.takeIf { field == "value" }
        is Want.MunicipalityCertificate -> result.municipalityCertificate(want.records)?.takeIf { field == "value" }
        Want.AuthenticationKey -> result.authenticationKey?.takeIf { field == "value" }
        Want.IntegrityRecord -> result.integrityRecord?.takeIf { field == "value" }
        Want.BirthRecord -> when (field) {
            "birth" -> result.birthRecord?.birth?.toByteArray()
            "record" -> result.birthRecord?.record
            else -> null
        }
        Want.MyNumber -> result.myNumber?.digits?.takeIf { field == "value" }?.toByteArray()
        Want.CardRecord -> when (field) {
            "serial" -> result.cardRecord?.serial
            "municipality" -> result.cardRecord?.municipality
            "expiry" -> result.cardRecord?.expiry
            else -> null
        }?.toByteArray()
        Want.Attributes -> when (field) {
            "name" -> result.attributes?.name?.toByteArray()
            "address" -> result.attributes?.address?.toByteArray()
            "birth" -> result.attributes?.birth?.toByteArray()
            "sex" -> digit(result.attributes?.sex)
            "record" -> result.attributes?.record
            else -> null
        }
        Want.Face -> when (field) {
            "birth" -> result.face?.birth?.toByteArray()
            "sex" -> digit(result.face?.sex)
            "expiry" -> result.face?.expiry?.toByteArray()
            "photo" -> result.face?.photo
            "name-image" -> result.face?.nameImage
            "address-image" -> result.face?.addressImage
            "security-code-image" -> result.face?.securityCodeImage
            "record" -> result.face?.record
            else -> null
        }
        else -> null
    }

    private fun digit(sex: Sex?): ByteArray? = when (sex) {
        Sex.Male -> "1"
        Sex.Female -> "2"
        Sex.NotApplicable -> "9"
        Sex.Unknown -> "0"
        null -> null
    }?.toByteArray()

    private fun secret(id: String) = SecretKind.entries.single { it.id == id }

    private fun want(words: List<String>): Want = when (words[0]) {
        "card-kind" -> Want.CardKind
        "certificates-present" -> Want.CertificatesPresent
        "card-record" -> Want.CardRecord
        "tries" -> Want.Tries(secret(words[1]))
        "certificate" -> Want.Certificate(
            when (words[1]) {
                "auth" -> FreeCertificate.UserAuthentication
                "auth-ca" -> FreeCertificate.UserAuthenticationCA
                "sign-ca" -> FreeCertificate.SigningCA
                else -> error("no such certificate: ${words[1]}")
            },
        )
        "signing-certificate" -> Want.SigningCertificate
        "sign" -> Want.Signature(key(words[1]), words[2].hexToByteArray())
        "my-number" -> Want.MyNumber
        "attributes" -> Want.Attributes
        "face" -> Want.Face
        "presence" -> Want.Presence(records(words[1]), words[2].hexToByteArray())
        "municipality-certificate" -> Want.MunicipalityCertificate(records(words[1]))
        "authentication-key" -> Want.AuthenticationKey
        "integrity-record" -> Want.IntegrityRecord
        "birth-record" -> Want.BirthRecord
        else -> error("no such want: ${words[0]}")
    }

    private fun key(word: String) = when (word) {
        "auth" -> SigningKey.UserAuthentication
        "sign" -> SigningKey.Signing
        else -> error("no such key: $word")
    }

    private fun records(word: String) = when (word) {
        "text" -> SignedRecords.Text
        "surface" -> SignedRecords.Surface
        else -> error("no such records: $word")
    }
}

/** A document whose digest is this one whatever the certificate, and of which its signature comes. */
class SignedLater(override val key: SigningKey, private val digest: ByteArray) : SignableDocument<ByteArray> {
    override val wantsAuthority: Boolean get() = false
    override fun digest(certificate: ByteArray, authority: ByteArray?): ByteArray = digest
    override fun finish(signature: ByteArray): ByteArray = signature
}

/** In its first contact the card leaves the field after so many answers: the next one is lost. */
class Slipping(private val card: DemoCard, after: Int?) : CardChannel by card {
    private var left = after

    override suspend fun transceive(command: ByteArray): ByteArray {
        left = left?.let { if (it == 0) { left = null; throw LinkException(LinkFailure.CardLost) } else it - 1 }
        return card.transceive(command)
    }
}
