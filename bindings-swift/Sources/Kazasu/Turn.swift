/// One at a time, in the order in which they came.
actor Turn {
    private var taken = false
    private var waiting: [(ticket: UInt64, go: CheckedContinuation<Bool, Never>)] = []
    private var tickets: UInt64 = 0

    /// Waits for its turn. Whoever has it must ``pass()`` it on.
    func take() async throws {
        try Task.checkCancellation()
        guard taken else {
            taken = true
            return
        }
        tickets += 1
        let ticket = tickets
        let mine = await withTaskCancellationHandler {
            await withCheckedContinuation { go in
                // Cancelled meanwhile: `leave` has come and found nothing, or will.
                if Task.isCancelled { go.resume(returning: false) } else { waiting.append((ticket, go)) }
            }
        } onCancel: {
            Task { await self.leave(ticket) }
        }
        if !mine { throw CancellationError() }
    }

    func pass() {
        if waiting.isEmpty { taken = false } else { waiting.removeFirst().go.resume(returning: true) }
    }

    private func leave(_ ticket: UInt64) {
        guard let at = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: at).go.resume(returning: false)
    }
}
