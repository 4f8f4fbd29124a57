package jp.kazasu.pki

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.io.Serializable
import java.lang.reflect.Modifier

/** Whatever prints its content by itself must have none that is a person's. */
class SilenceTest {
    private fun classes(folder: String) = File(folder).walk().filter { it.extension == "class" }
        .map { it.relativeTo(File(folder)).path.removeSuffix(".class").replace('/', '.') }
        .map { Class.forName(it, false, javaClass.classLoader) }.toList()

    private val all = classes("target/classes") + classes("../pki-ffi/target/classes").filter { !it.name.contains("Uniffi") }

    private fun Class<*>.talkers() = declaredFields.filter { !Modifier.isStatic(it.modifiers) }
        .filter { it.type == ByteArray::class.java || it.type == String::class.java }
        .map { "${name.substringAfterLast('.')}.${it.name}" }

    @Test
    fun `no data class holds bytes or text, but for codes, the catalogue's texts and public keys`() {
        val data = all.filter { type -> type.declaredMethods.any { it.name.startsWith("component1") } }
        assertTrue(data.any { it.simpleName == "Finding" }, "they were found")
        val allowed = listOf("Conclusion", "Damage", "Detail", "Explanation", "Finding", "LineWords", "TestMunicipalAuthority", "CardProof\$Part\$Holder")
        assertEquals(emptyList<String>(), data.flatMap { it.talkers() }.filter { it.substringBefore('.') !in allowed })
    }

    @Test
    fun `no error holds bytes or text of its own`() {
        val errors = all.filter { Throwable::class.java.isAssignableFrom(it) && it.simpleName != "InternalException" }
        assertTrue(errors.size > 10, "they were found")
        assertEquals(emptyList<String>(), errors.flatMap { it.talkers() })
    }

    @Test
    fun `what holds a person's data says only what it is, and is not serialisable`() {
        val holder = Holder("NAME", "ADDRESS", "BIRTH", Era.Showa, jp.kazasu.Sex.Female, "N", "A")
        assertEquals("Holder(…)", holder.toString())
        assertEquals("Document(…)", Document.jws(FILE).toString())
        val ours = listOf(Holder::class, HolderCertificate::class, Document::class, LookedAtFile::class, LookedAtSignature::class)
        for (type in ours + LookedAtProof::class + CardProof::class + TimestampRequest::class) {
            assertTrue(!Serializable::class.java.isAssignableFrom(type.java))
            assertEquals(type.java, type.java.getMethod("toString").declaringClass)
        }
    }
}
