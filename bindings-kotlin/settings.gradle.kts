// What is published, for machines that reach Google's repository. Tests run by Maven (pom.xml), which needs Maven
// Central alone.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositoriesMode = RepositoriesMode.FAIL_ON_PROJECT_REPOS
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "kazasu"
include(":kazasu-android", ":kazasu-android-demo", ":kazasu-android-pki")
project(":kazasu-android").projectDir = file("android")
project(":kazasu-android-demo").projectDir = file("android-demo")
project(":kazasu-android-pki").projectDir = file("android-pki")
