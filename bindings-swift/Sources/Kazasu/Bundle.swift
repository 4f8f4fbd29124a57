import Foundation

extension Bundle {
    /// The package's own resources.
    static var kazasu: Bundle { .module }
}
