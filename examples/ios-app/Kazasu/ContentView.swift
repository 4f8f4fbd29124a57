import CryptoKit
import Kazasu
import KazasuPKI
import SwiftUI
import UniformTypeIdentifiers

struct ContentView: View {
    @State private var model = Model()
    @State private var pin = ""
    @State private var password = ""
    @State private var last = Job.attributes
    @State private var picksPDF = false
    private let text = "Kazasu"

    private enum Job {
        case attributes
        case text
        case pdf(Data)
    }

    var body: some View {
        NavigationStack {
            Form {
                Section {
                    Toggle("No card (simulated)", isOn: $model.noCard)
                }
                Section("PIN, 4 digits") {
                    SecureField("PIN", text: $pin).keyboardType(.numberPad).textContentType(.oneTimeCode)
                    Button("Name, address, birth date, sex") { start(.attributes) }
                    Button("Sign \"\(text)\"") { start(.text) }
                }
                Section {
                    SecureField("Password", text: $password).textInputAutocapitalization(.characters)
                    Button("Sign a PDF…") { picksPDF = true }
                } header: {
                    Text("Password, 6 to 16 letters and digits")
                } footer: {
                    Text("Everybody who has the signed file will read your name, address, birth date and sex in it.")
                }
                Section {
                    Button("Tries left") { model.readTries() }
                }
                ResultSection(screen: model.screen)
                if model.lastTryOf != nil {
                    Section {
                        Button("I am sure: use the last try", role: .destructive) { start(last, lastTry: true) }
                    }
                }
                if let progress = model.progress {
                    ProgressView(value: min(progress, 1))
                    Button("Cancel", role: .cancel) { model.cancel() }
                }
            }
            .disabled(model.isReading && model.progress == nil)
            .navigationTitle("Kazasu")
            .fileImporter(isPresented: $picksPDF, allowedContentTypes: [.pdf]) { picked in
                guard let file = try? picked.get(), file.startAccessingSecurityScopedResource() else { return }
                defer { file.stopAccessingSecurityScopedResource() }
                if let pdf = try? Data(contentsOf: file) { start(.pdf(pdf)) }
            }
        }
    }

    private func start(_ job: Job, lastTry: Bool = false) {
        last = job
        switch job {
        case .attributes: model.readAttributes(pin: pin, lastTry: lastTry)
        case .text: model.sign(digest: Data(SHA256.hash(data: Data(text.utf8))), pin: pin, lastTry: lastTry)
        case .pdf(let pdf): model.sign(pdf: pdf, password: password, lastTry: lastTry)
        }
        // The library wipes its copy; these are ours.
        (pin, password) = ("", "")
    }
}

/// Goes from memory to where the holder puts it.
private struct SignedPDF: Transferable {
    let bytes: Data

    static var transferRepresentation: some TransferRepresentation {
        DataRepresentation(exportedContentType: .pdf) { $0.bytes }.suggestedFileName("signed.pdf")
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
        case .document(let file, let lines, let conclusion):
            Section("Signed") {
                ShareLink(item: SignedPDF(bytes: file), preview: SharePreview("signed.pdf"))
                Text(conclusion.text()).bold()
                ForEach(lines, id: \.self) { line in
                    LabeledContent(line.words().check, value: line.words().because ?? line.words().by)
                }
            }
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
