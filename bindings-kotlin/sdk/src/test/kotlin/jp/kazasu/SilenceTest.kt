package jp.kazasu

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.io.Serializable
import java.lang.reflect.Modifier

/**
 * Whatever prints its content by itself (a data class, an exception's message) must have none that is a secret, an APDU
 * or a person's.
 */
class SilenceTest {
    private fun classes(folder: String) = File(folder).walk().filter { it.extension == "class" }
        .map { it.relativeTo(File(folder)).path.removeSuffix(".class").replace('/', '.') }
        .map { Class.forName(it, false, javaClass.classLoader) }.toList()

    private val all = classes("target/classes") + classes("../ffi/target/classes").filter { !it.name.contains("Uniffi") }

    private fun Class<*>.talkers() = declaredFields.filter { !Modifier.isStatic(it.modifiers) }
        .filter { it.type == ByteArray::class.java || it.type == CharArray::class.java || it.type == String::class.java }
        .map { "${name.substringAfterLast('.')}.${it.name}" }

    @Test
    fun `no data class holds bytes or text, but for the catalogue's texts and a digest`() {
        val data = all.filter { type -> type.declaredMethods.any { it.name.startsWith("component1") } }
        assertTrue(data.any { it.simpleName == "Detail" } && data.any { it.simpleName == "Advanced" }, "they were found")
        val allowed = listOf("Explanation.next", "Explanation.what", "Want\$Presence.digest", "Want\$Sign.digest")
        assertEquals(allowed, data.flatMap { it.talkers() }.sorted())
    }

    @Test
    fun `no error holds bytes or text of its own`() {
        val errors = all.filter { Throwable::class.java.isAssignableFrom(it) && it.simpleName != "InternalException" }
        assertTrue(errors.size > 20, "they were found")
        assertEquals(emptyList<String>(), errors.flatMap { it.talkers() })
    }

    @Test
    fun `what holds a person's data says only what it is, and is not serialisable`() {
        val person = listOf(
            Attributes("NAME", "ADDRESS", "BIRTH", Sex.Female, byteArrayOf(42)),
            Face("BIRTH", Sex.Female, "EXPIRY", byteArrayOf(42), byteArrayOf(42), byteArrayOf(42), byteArrayOf(42), byteArrayOf(42)),
            MyNumber("DIGITS"),
            BirthRecord("BIRTH", byteArrayOf(42)),
            CardRecord("SERIAL", "MUNICIPALITY", "EXPIRY"),
        )
        for (part in person) {
            assertEquals("${part.javaClass.simpleName}(…)", part.toString())
            assertFalse(part is Serializable)
        }
        assertEquals("CardResult(1)", CardResult(listOf(Want.MyNumber to MyNumber("DIGITS"))).toString())
        assertEquals("Secrets(1)", Secrets().give(SecretKind.AuthPin, "1234".toCharArray()).toString())
    }
}
