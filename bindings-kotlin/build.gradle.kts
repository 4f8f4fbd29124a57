// Versions are pom.xml's; scripts/versions holds them against each other.
plugins {
    id("com.android.library") version "8.13.0" apply false
    kotlin("android") version "2.4.21" apply false
    id("com.vanniktech.maven.publish") version "0.34.0" apply false
}

allprojects {
    group = "jp.kazasu"
    version = "0.1.0"
}
