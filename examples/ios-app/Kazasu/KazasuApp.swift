import SwiftUI

@main
struct KazasuApp: App {
    var body: some Scene {
        WindowGroup { ContentView() }
    }
}
