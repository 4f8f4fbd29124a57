import com.android.tools.r8.R8
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.nio.file.Files
import java.util.zip.ZipFile

/** This program, shrunk and renamed by R8 as in an app's release build, still calls Rust: with the rules that the AARs carry. */
class ReleaseBuildTest {
    private val repository = File(System.getProperty("repository"))
    private val work = Files.createTempDirectory("kazasu-r8").toFile()
    private val rules = listOf("android", "android-demo", "android-pki").map { File(repository, "bindings-kotlin/$it/consumer-rules.pro") }

    private class Ended(val code: Int, val said: String)

    private fun minified(rules: List<File>): File {
        val program = System.getProperty("java.class.path").split(File.pathSeparator).map(::File).filter { it.exists() }
            .filter { file -> listOf("kazasu", "kotlin", "jna", "annotations").any { it in file.path } && "test-classes" !in file.path }
            .filter { "/junit" !in it.path }
        val own = File(work, "app.pro").apply { writeText("-keep class MainKt { public static void main(...); }\n-dontwarn **\n") }
        val jars = program.map { if (it.isDirectory) jar(it) else it }
        val out = File(work, "minified-${rules.size}.jar")
        val arguments = listOf("--release", "--classfile", "--lib", System.getProperty("java.home"), "--output", out.path) +
            (rules + own).flatMap { listOf("--pg-conf", it.path) } + jars.map { it.path }
        R8.main(arguments.toTypedArray())
        return out
    }

    private fun jar(folder: File): File = File(work, "${folder.path.hashCode()}.jar").also { jar ->
        java.util.zip.ZipOutputStream(jar.outputStream()).use { zip ->
            folder.walk().filter { it.isFile }.forEach {
                zip.putNextEntry(java.util.zip.ZipEntry(it.relativeTo(folder).path))
                it.inputStream().use { bytes -> bytes.copyTo(zip) }
            }
        }
    }

    /** JNA's own shared library, which an AAR has beside its classes and a minified jar has not. */
    private fun jnaLibrary(): File {
        val jna = System.getProperty("java.class.path").split(File.pathSeparator).single { "/jna-" in it }
        val folder = File(work, "jna").apply { mkdirs() }
        ZipFile(jna).use { zip ->
            val entry = zip.getEntry("com/sun/jna/linux-x86-64/libjnidispatch.so")
            File(folder, "libjnidispatch.so").writeBytes(zip.getInputStream(entry).readBytes())
        }
        return folder
    }

    private fun run(jar: File, vararg arguments: String): Ended {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val process = ProcessBuilder(
            java, "-Dfile.encoding=UTF-8", "-Dsun.stdout.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-Duser.language=ja",
            "-Djna.library.path=${System.getProperty("jna.library.path")}", "-Djna.boot.library.path=${jnaLibrary()}",
            "-cp", jar.path, "MainKt", *arguments,
        ).redirectErrorStream(true).start()
        val said = process.inputStream.readBytes().decodeToString()
        return Ended(process.waitFor(), said)
    }

    @Test
    fun `with the rules it reads the card, and without them it cannot`() {
        val release = minified(rules)
        val good = run(release)
        assertEquals(0, good.code, good.said)
        assertTrue("数差　花子" in good.said && "256 bytes" in good.said && "Holds | 署名値 | " in good.said, good.said)
        val wrong = run(release, "9999")
        assertEquals(1, wrong.code, wrong.said)
        assertTrue("101 wrong-secret" in wrong.said && "残り2回" in wrong.said, wrong.said)
        val names = ZipFile(release).use { zip -> zip.entries().asSequence().map { it.name }.toList() }
        assertTrue("jp/kazasu/MyNumberCardReader.class" !in names, "it was minified")
        assertNotEquals(0, run(minified(emptyList())).code, "this test tests nothing")
    }
}
