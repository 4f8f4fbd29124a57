package jp.kazasu.pki

import org.jetbrains.kotlin.abi.tools.AbiFilters
import org.jetbrains.kotlin.abi.tools.AbiTools
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.File

/** `mvn verify -Dapi.write=true` writes the file again. */
class ApiTest {
    @Test
    fun `the public API is what is committed`() {
        val classes = File("target/classes").walk().filter { it.extension == "class" }.sorted().toList()
        val dump = buildString { AbiTools.getInstance().printJvmDump(this, classes, AbiFilters.EMPTY) }
        val committed = File("api/kazasu-pki.api")
        if (System.getProperty("api.write").toBoolean()) committed.writeText(dump)
        assertEquals(committed.readText(), dump)
    }
}
