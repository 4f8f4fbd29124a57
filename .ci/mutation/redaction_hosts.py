"""What the command line, its card files and the PC/SC layer do not repeat."""

import redaction_core

TEXTS = ["-p", "kazasu-cli", "--test", "texts", "--"]
TRACED = "a_raw_conversation_is_explained_without_its_contents_and_so_is_what_is_wrong_with_it"
HANDED_IN = "an_error_about_what_was_handed_in_does_not_repeat_it"
SERVED = "a_card_that_is_served_tells_its_exchanges_without_their_contents"

MUTANTS = [
    ("secret-not-text", "an error does not show the variable", "cli/src/secrets.rs",
     "        VarError::NotUnicode(value) => {\n            value.into_encoded_bytes().zeroize();\n"
     '            source(SecretFault::NotText)\n        }\n',
     "        VarError::NotUnicode(value) => {\n"
     '            Trouble::SecretSource { why: SecretFault::NotText(format!("{variable}: {value:?}")) }.into()\n        }\n',
     [*TEXTS, HANDED_IN], [HANDED_IN]),
    ("trace-command", "a trace that is explained shows no command", "cli/src/commands/trace.rs",
     "            annotator.command(&bytes).to_string()\n", "            hex::encode(&bytes)\n", [*TEXTS, TRACED], [TRACED]),
    ("trace-response", "a trace that is explained shows no answer", "cli/src/commands/trace.rs",
     "            annotator.response(&bytes).to_string()\n", "            hex::encode(&bytes)\n", [*TEXTS, TRACED], [TRACED]),
    ("trace-line", "an error about a trace names the line only", "cli/src/commands/trace.rs",
     "Failure::argument(Argument::TraceLine(number + 1))", 'Failure::argument(Argument::NotRecording(format!("not hexadecimal: {line}")))',
     [*TEXTS, TRACED], [TRACED]),
    ("serve-command", "a card that is served shows no command", "cli/src/commands/serve.rs",
     "annotator.command(command));", "annotator.command(command).to_string() + &hex::encode(command));",
     [*TEXTS, SERVED], [SERVED]),
    ("serve-response", "a card that is served shows no answer", "cli/src/commands/serve.rs",
     "annotator.response(&response));", "annotator.response(&response).to_string() + &hex::encode(&response));",
     [*TEXTS, SERVED], [SERVED]),
    ("card-file-line", "an error about a card file shows no line of it", "fixtures/src/persona.rs",
     "PersonaError::File(error.message().to_owned())", "PersonaError::File(error.to_string())",
     redaction_core.SAID, redaction_core.SHOWS),
    ("debug-transport", "Debug of a transport shows no bytes", "pcsc/src/transport.rs",
     "            .finish_non_exhaustive()\n", '            .field("atr", &self.atr)\n            .finish()\n',
     ["-p", "kazasu-pcsc", "--lib", "--", "debug_output"], ["debug_output_shows_no_bytes"]),
]
