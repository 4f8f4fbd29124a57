plugins {
    id("com.android.application")
}

android {
    buildTypes.getByName("release") {
        isMinifyEnabled = true
        proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
    }
}

dependencies {
    implementation("net.java.dev.jna:jna:5.18.1@aar")
}
