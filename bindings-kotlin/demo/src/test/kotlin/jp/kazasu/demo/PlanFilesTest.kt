package jp.kazasu.demo

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import java.io.File

class PlanFilesTest {
    private val folder = File(System.getProperty("repository"), "fixtures/plans")
    private val files = checkNotNull(folder.listFiles { file -> file.extension == "txt" }).sorted()

    @TestFactory
    fun `every plan comes out as its file says`(): List<DynamicTest> = files.map { file ->
        DynamicTest.dynamicTest(file.nameWithoutExtension) {
            assertEquals(emptyList<String>(), runBlocking { PlanFile(file).run() })
        }
    }

    @Test
    fun `there are plans, and one that is wrong is seen`() {
        assertTrue(files.isNotEmpty())
        val wrong = File.createTempFile("plan", ".txt")
        try {
            wrong.writeText(
                "card: adult standard\nlink: short\nwant: card-kind\nexpect: 0 card-kind juki\ncommands: 99\nerror: 301\n",
            )
            val said = runBlocking { PlanFile(wrong).run() }.map { it.substringBefore(':') }
            assertEquals(listOf("errors", "want 0", "commands"), said)
        } finally {
            wrong.delete()
        }
    }
}
