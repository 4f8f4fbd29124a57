import CryptoKit
import Kazasu
import SwiftUI

struct ContentView: View {
    @State private var model = Model()
    @State private var pin = ""
    @State private var signs = false
    private let text = "Kazasu"

    var body: some View {
        NavigationStack {
            Form {
                Section {
                    Toggle("No card (simulated)", isOn: $model.noCard)
                }
                Section("PIN, 4 digits") {
                    SecureField("PIN", text: $pin).keyboardType(.numberPad).textContentType(.oneTimeCode)
                    Button("Name, address, birth date, sex") { start(signing: false) }
                    Button("Sign \"\(text)\"") { start(signing: true) }
                }
                Section {
                    Button("Tries left") { model.readTries() }
                }
                ResultSection(screen: model.screen)
                if model.lastTryOf != nil {
                    Section {
                        Button("I am sure: use the last try", role: .destructive) { start(signing: signs, lastTry: true) }
                    }
                }
                if let progress = model.progress {
                    ProgressView(value: min(progress, 1))
                    Button("Cancel", role: .cancel) { model.cancel() }
                }
            }
            .disabled(model.isReading && model.progress == nil)
            .navigationTitle("Kazasu")
        }
    }

    private func start(signing: Bool, lastTry: Bool = false) {
        signs = signing
        if signing {
            model.sign(digest: Data(SHA256.hash(data: Data(text.utf8))), pin: pin, lastTry: lastTry)
        } else {
            model.readAttributes(pin: pin, lastTry: lastTry)
        }
        // The library wipes its copy; this one is ours.
        pin = ""
    }
}

private struct ResultSection: View {
    let screen: Model.Screen

    var body: some View {
        switch screen {
        case .empty:
            EmptyView()
        case .attributes(let attributes):
            Section("On the card") {
                LabeledContent("Name", value: attributes.name)
                LabeledContent("Address", value: attributes.address)
                LabeledContent("Birth date", value: attributes.birth)
                LabeledContent("Sex", value: "\(attributes.sex)")
            }
        case .signed(let bytes):
            Section("Signed") { Text("\(bytes) bytes") }
        case .tries(let tries):
            Section("Tries left") {
                ForEach(tries, id: \.0) { kind, left in
                    LabeledContent(kind.rawValue, value: "\(left)")
                }
            }
        case .error(let error):
            Section("\(error.number)") {
                Text(error.what).bold()
                Text(error.next)
                if let left = error.triesLeft { LabeledContent("Tries left", value: "\(left)") }
            }
        }
    }
}
