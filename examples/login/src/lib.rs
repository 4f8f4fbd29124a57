//! A server that people log in to with a My Number card, and the agent that stands between a browser and the card. To
//! be read, and to be taken apart; what a login proves and what it does not is in docs/login.md.

pub mod agent;
pub mod page;
pub mod server;
