package android.os

class Bundle {
    private val ints = mutableMapOf<String, Int>()

    fun putInt(key: String, value: Int) {
        ints[key] = value
    }

    fun getInt(key: String): Int = ints.getValue(key)
}
