internal import KazasuBindings

/// The bridge's operation; Foundation has one of that name, too.
typealias CardOperation = KazasuBindings.Operation
