pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "kazasu-example"
include(":app")

// From source, until it is published.
includeBuild("../../bindings-kotlin")
