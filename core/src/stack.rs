//! Dead stack. Rust moves a value by copying it, and the old place is not wiped: after an operation, copies of its secrets
//! stand in frames that are no more, where this crate cannot reach them. A host can.

use core::hint::black_box;
use zeroize::Zeroize;

/// Does `work`, then overwrites `KIB` KiB of stack from where it began downwards; also when it panics. To be put around
/// whatever takes a secret or sends one: a whole operation, each poll of one, each command of a worker thread.
///
/// What it promises: what `work` and everything that it called left in that much stack is overwritten, by writes that the
/// compiler may not leave out.
///
/// What it cannot promise: deeper frames than that, so measure or be generous (`KIB` KiB must also be free, or the stack
/// overflows); the caller's own frame, so lend secrets to `work` or make them in it, and do not move them into it;
/// registers, and what the system saved of them; the stacks of other threads; the heap; what the system has written to disk.
pub fn wiping_stack<const KIB: usize, R>(work: impl FnOnce() -> R) -> R {
    let _wipe = Wipe::<KIB>;
    lower(work)
}

/// The first bytes of a frame are its function's own and not of its array, so `work` begins some way below where wiping
/// does.
#[inline(never)]
fn lower<R>(work: impl FnOnce() -> R) -> R {
    let room = [0_u64; 16];
    black_box(&room);
    let result = apart(work);
    black_box(&room);
    result
}

/// Never a part of its caller, whose frame stays.
#[inline(never)]
fn apart<R>(work: impl FnOnce() -> R) -> R {
    work()
}

struct Wipe<const KIB: usize>;

impl<const KIB: usize> Drop for Wipe<KIB> {
    #[inline(never)]
    fn drop(&mut self) {
        let mut stack = [[0_u64; 128]; KIB];
        stack.zeroize();
    }
}
