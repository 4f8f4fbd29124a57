// Documents, login and proofs, beside kazasu-android or kazasu-android-demo, which the app names itself: both have the
// same classes.
plugins {
    id("com.android.library")
    kotlin("android")
    id("com.vanniktech.maven.publish")
}

// One shared library for each ABI, by cargo-ndk: `cargo install cargo-ndk`, and the NDK that Android Studio installs.
val rust by tasks.registering(Exec::class) {
    workingDir = file("../..")
    commandLine(
        "cargo", "ndk", "--target", "arm64-v8a", "--target", "armeabi-v7a", "--target", "x86_64", "--platform", "26",
        "--output-dir", layout.buildDirectory.dir("jniLibs").get().asFile.path,
        "rustc", "--locked", "--release", "-p", "kazasu-pki-ffi", "--features", "alone", "--crate-type", "cdylib",
    )
}

android {
    namespace = "jp.kazasu.android.pki"
    compileSdk = 36
    defaultConfig {
        minSdk = 26
        consumerProguardFiles("consumer-rules.pro")
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_11
        targetCompatibility = JavaVersion.VERSION_11
    }
    sourceSets["main"].apply {
        kotlin.setSrcDirs(listOf("../pki-ffi/src/main/kotlin", "../pki/src/main/kotlin"))
        jniLibs.setSrcDirs(listOf(rust.map { layout.buildDirectory.dir("jniLibs").get() }))
    }
    // The app strips them, and keeps their symbols for its own crash reports.
    packaging.jniLibs.keepDebugSymbols += "**/*.so"
}

kotlin.compilerOptions.jvmTarget = org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_11

dependencies {
    compileOnly(project(":kazasu-android"))
    api("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.11.0")
    // The AAR has JNA's own shared libraries for Android.
    implementation("net.java.dev.jna:jna:5.19.1@aar")
}

mavenPublishing {
    publishToMavenCentral()
    signAllPublications()
    coordinates(artifactId = "kazasu-android-pki")
}
