plugins {
    id("com.android.application")
    kotlin("android")
    kotlin("plugin.compose")
}

android {
    namespace = "jp.kazasu.example"
    compileSdk = 36
    defaultConfig {
        applicationId = "jp.kazasu.example"
        minSdk = 26
        targetSdk = 36
        versionCode = 1
        versionName = "0.1.0"
    }
    buildFeatures.compose = true
    buildTypes.getByName("release") {
        // The library brings its own rules.
        isMinifyEnabled = true
        isShrinkResources = true
        proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
    }
}

dependencies {
    releaseImplementation("jp.kazasu:kazasu-android:0.1.0")
    debugImplementation("jp.kazasu:kazasu-android-demo:0.1.0")
    implementation("jp.kazasu:kazasu-android-pki:0.1.0")
    implementation(platform("androidx.compose:compose-bom:2026.10.00"))
    implementation("androidx.compose.material3:material3")
    implementation("androidx.activity:activity-compose:1.11.0")
}
