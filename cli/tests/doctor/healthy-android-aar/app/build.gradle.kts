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
    implementation("jp.kazasu:kazasu-android:0.1.0")
}
