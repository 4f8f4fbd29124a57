//! Plays every scenario on a Cortex-M4, without std and without alloc, with both drivers that need no executor, and within 16 KiB
//! of stack.
//!
//! Prints one line a scenario with the depth of the stack under each driver, then `N passed, N failed`, then the greatest depth;
//! exits 1 unless all have passed within the limit.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::debug::{self, EXIT_FAILURE, EXIT_SUCCESS};
use cortex_m_semihosting::hprintln;
use kazasu_fixtures::scenario::{Driver, play};
use kazasu_fixtures::vectors;
// The panic handler: prints, then exits 1.
use panic_semihosting as _;

/// The stack that all this may use. There is more of it, and it is painted: going past the limit is measured.
const LIMIT: usize = 16 * 1024;

#[entry]
fn main() -> ! {
    let mut stack = Stack { deepest: 0 };
    let (mut passed, mut failed) = (0, 0);
    if cfg!(feature = "deep") {
        deep();
    }
    for (name, text) in vectors::ALL {
        let text = if cfg!(feature = "broken") { spoiled(text) } else { text };
        let mut good = true;
        let [blocking, stepping] = [Driver::Blocking, Driver::Stepping].map(|driver| {
            stack.measure();
            let outcome = play(text, driver);
            let depth = stack.measure();
            if let Err(failure) = outcome {
                good = false;
                hprintln!("{}, {:?}: {:?}", name, driver, failure);
            }
            depth
        });
        let word = if good { "ok" } else { "FAILED" };
        hprintln!("{:6} {:26} stack {:5} blocking, {:5} stepping", word, name, blocking, stepping);
        *(if good { &mut passed } else { &mut failed }) += 1;
    }
    stack.measure();
    hprintln!("{} passed, {} failed", passed, failed);
    hprintln!("stack: {} of {} bytes", stack.deepest, LIMIT);
    let good = passed > 0 && failed == 0 && stack.deepest <= LIMIT;
    loop {
        debug::exit(if good { EXIT_SUCCESS } else { EXIT_FAILURE });
    }
}

/// How deep the stack has gone, by its paint.
struct Stack {
    deepest: usize,
}

impl Stack {
    /// The greatest depth since the last measurement, in bytes from where the stack starts; then paints it again.
    fn measure(&mut self) -> usize {
        let depth = (cortex_m_stack::stack_size() - cortex_m_stack::stack_painted()) as usize;
        cortex_m_stack::repaint_stack();
        self.deepest = self.deepest.max(depth);
        depth
    }
}

/// `text` without its last character, and so with an expectation that cannot be met.
fn spoiled(text: &str) -> &str {
    let text = text.trim_end();
    text.split_at_checked(text.len() - 1).map_or("", |(start, _)| start)
}

/// Uses more stack than the limit.
#[inline(never)]
fn deep() {
    core::hint::black_box(&mut [0_u8; LIMIT]);
}
