package jp.kazasu

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File

class ErrorCodeTest {
    private fun source(path: String) = File(System.getProperty("repository"), path).readText()

    private val ours = ErrorCode.entries.filter { it.number < 500 }

    @Test
    fun `every number of the bridge has its code, and no other`() {
        val theirs = Regex("""/// (\d{3})\. [^\n]*\n\s*(\w+) = """).findAll(source("ffi/src/error.rs"))
            .map { it.groupValues[1].toInt() to it.groupValues[2] }.toList()
        assertTrue(theirs.size > 20, "the bridge's list was found")
        assertEquals(theirs, ours.map { it.number to it.name })
    }

    @Test
    fun `every number of core has its stable name`() {
        val core = Regex("""=> \((\d{3}), "([a-z-]+)"\)""").findAll(source("core/src/error.rs"))
            .map { it.groupValues[1].toInt() to it.groupValues[2] }.toList()
        assertEquals(core, ours.map { it.number to it.id })
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
