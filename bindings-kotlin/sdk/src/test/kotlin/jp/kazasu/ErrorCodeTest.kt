package jp.kazasu

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File

class ErrorCodeTest {
    private fun source(path: String) = File(System.getProperty("repository"), path).readText()

    private val ours = ErrorCode.entries.filter { it.number < 500 }

    private fun variants(path: String, form: String) = Regex(form).findAll(source(path))
        .map { it.groupValues[1].toInt() to it.groupValues[2] }.toList()

    private val bridge = variants("ffi/src/error.rs", """/// (\d{3})\. [^\n]*\n\s*(\w+) = """)
    private val documents = variants("ffi/pki/src/error.rs", """\n    (?:/// (\d{3})\. [^\n]*\n\s*)(\w+) = """)

    @Test
    fun `every number of the bridge and of documents has its code, and no other`() {
        assertTrue(bridge.size > 20 && documents.size > 10, "the lists were found")
        assertEquals((bridge + documents).map { it.first }.distinct().sorted(), ours.map { it.number })
        assertEquals(bridge.map { it.second }, ours.filter { code -> bridge.any { it.first == code.number } }.map { it.name })
    }

    @Test
    fun `every number of core and of documents has its stable name, and its name here is that one`() {
        val core = variants("core/src/error.rs", """=> \((\d{3}), "([a-z-]+)"\)""")
        val document = variants("catalogue/src/document.rs", """=> \((\d{3}), "([a-z-]+)"\)""") +
            // The command line has some of its own there.
            variants("catalogue/src/refusals.rs", """=> \((46\d), "([a-z-]+)"\)""").filter { row -> documents.any { it.first == row.first } }
        assertEquals((core + document).distinct().sortedBy { it.first }, ours.map { it.number to it.id })
        for (code in ErrorCode.entries) {
            assertEquals(code.name, code.id.split('-').joinToString("") { word -> word.replaceFirstChar { it.uppercase() } })
        }
    }

    @Test
    fun `every number of a host has its name, who acts, and its words`() {
        val hosts = Regex("""(\w+) = (\d{3}) "([a-z-]+)" (\w+)""").findAll(source("catalogue/src/host.rs"))
            .map { it.groupValues.drop(1) }.toList()
        assertEquals(hosts, ErrorCode.entries.filter { it.number > 500 }.map {
            listOf(it.name, it.number.toString(), it.id, whoActs(it).name)
        })
    }
}
