"""What the recorder keeps out of a transcript: each thing that it writes over left as it was, each search and refusal taken out."""

RECORD = "fixtures/src/record/"
RECORDS, CERTIFICATE, REDACT = RECORD + "records.rs", RECORD + "certificate.rs", RECORD + "redact.rs"
CANARY, SHEET = RECORD + "canary.rs", RECORD + "sheet.rs"


def recording(test):
    """One test of fixtures/tests/recording.rs: how it is run, and that it turns red."""
    return ["-p", "kazasu-fixtures", "--test", "recording", "--", test], [test]


def left(name, what, path, before, after="", test="every_file_and_object_that_the_tables_know_is_made_again_in_its_own_length"):
    """A row: `what` is not written over."""
    return (f"record-{name}", f"a transcript does not have {what}", path, before, after, *recording(test))


def search(name, what, path, before, after, test):
    """A row: a form in which the last search looks is left out."""
    return (f"search-{name}", f"the last search finds {what}", path, before, after,
            ["-p", "kazasu-fixtures", "--lib", "--", "record::canary"], [test])


def refused(name, what, path, before, after, test):
    """A row: something that the recorder does not know is let through."""
    return (f"refuse-{name}", f"the recorder refuses {what}", path, before, after, *recording(test))


NAMED = "which_key_of_the_issuer_a_card_names_is_not_kept"
COMMITTED = "the_committed_recording_is_what_the_demonstration_card_gives"
TELLS = "no_text_of_the_core_tells_what_it_must_not_tell"
TEXTS = ["-p", "kazasu-safety", "--test", "texts", "--", TELLS]

MUTANTS = [
    # ---- what is sent ----
    left("secret", "a secret", RECORD + "mod.rs",
         "                    Asked::Secret(kind) => {\n"
         "                        let stand_in = stand_in(kind).as_bytes();\n"
         "                        [&command[..4], &[stand_in.len() as u8], stand_in].concat()\n"
         "                    }\n", "                    Asked::Secret(_) => command.to_vec(),\n"),
    ("record-digest", "a transcript does not have what was signed", REDACT,
     "            command[input.clone()].copy_from_slice(&new);\n", "", TEXTS, [TELLS]),
    left("challenge", "a challenge", REDACT,
         "let new: Vec<u8> = MESSAGE.iter().copied().cycle().take(input.len()).collect();", "let new = input.to_vec();"),
    ("record-signature", "a transcript does not have a signature", REDACT,
     "        canaries.windows(what, data);\n    }\n    let new = made",
     "        return Ok(Zeroizing::new(answer.to_vec()));\n    }\n    let new = made", TEXTS, [TELLS]),
    # ---- all of it ----
    left("raw", "the raw exchanges", RECORD + "transcript.rs",
         "write(reel, &redacted.exchanges, Some(&outcomes))", "write(reel, &reel.exchanges, Some(&outcomes))"),
    refused("survivor", "what survives", RECORD + "transcript.rs",
            "        redacted.canaries.search(&text, &redacted.files)?;\n", "",
            "a_value_that_the_replacement_happens_to_equal_is_refused"),
    ("record-debug", "Debug of a recorder shows how much it holds", RECORD + "mod.rs",
     'write!(f, "Recorder({} exchanges)", self.reel.borrow().exchanges.len())',
     'self.reel.borrow().exchanges.iter().try_for_each(|exchange| write!(f, "{:?}", exchange.answer))',
     *recording("a_recorder_and_its_refusals_show_nothing_of_what_they_hold")),
    # ---- JPKI: token and certificates ----
    left("token", "the token's serial number", RECORDS,
         '        sheet.replace_bytes(SERIAL, person::digits(16).as_bytes(), "a token\'s serial number")?;\n'),
    left("serial", "a certificate's serial number", CERTIFICATE, "                invented_serial(length)\n",
         "                sheet.value(serial).to_vec()\n"),
    left("issue", "the instant of a certificate's issue", CERTIFICATE,
         '        sheet.replace_text(&from, new[0], "the instant of a certificate\'s issue")?;\n'),
    left("end", "a certificate's last instant", CERTIFICATE,
         '        sheet.replace_text(&to, new[1], "the last instant of a certificate")\n', "        Ok(())\n"),
    left("key", "a certificate's key", CERTIFICATE,
         '        sheet.replace_every_window(modulus.value, &new, "a certificate\'s key")\n', "        Ok(())\n"),
    left("key-id", "a certificate's key identifier", CERTIFICATE,
         '                sheet.replace_every_window(id.value, &new, "a certificate\'s key identifier")\n', "                Ok(())\n"),
    left("certified", "a certificate's signature", CERTIFICATE,
         '        Whose::Holder => sheet.replace_every_window(bits, &signed, "a certificate\'s signature"),\n',
         "        Whose::Holder => Ok(()),\n"),
    left("common-name", "a subject's common name", CERTIFICATE,
         '                sheet.replace_text(&value, &new, "a subject\'s common name")?;\n'),
    left("prefecture", "a prefecture or municipality", CERTIFICATE,
         '                sheet.replace_text(&value, &person::place(text.len()), "a prefecture or municipality")?;\n'),
    left("revocation", "the name of a municipality's list", CERTIFICATE,
         '                sheet.replace_text(&value, &new, "a revocation list\'s name")?;\n'),
    left("holder-name", "the name in a certificate", CERTIFICATE,
         '            1 => sheet.replace_text(&text, &person::name(&old), "the name")?,\n', "            1 => {}\n"),
    left("holder-flags", "a certificate's substitution flags", CERTIFICATE,
         '                sheet.put(text.value, "0".repeat(old.len()).as_bytes(), "its substitution flags")?;\n',
         test="the_flags_of_substituted_characters_are_not_kept"),
    left("holder-sex", "the sex in a certificate", CERTIFICATE,
         '            3 => sheet.put(text.value, person::SEX.as_bytes(), "the sex")?,\n', "            3 => {}\n", test=COMMITTED),
    left("holder-birth", "the birth date in a certificate", CERTIFICATE,
         '                sheet.replace_digits(&text, person::BIRTH_WITH_ERA, "the birth date")?;\n'),
    left("holder-address", "the address in a certificate", CERTIFICATE,
         '            5 => sheet.replace_text(&text, &person::address(&old), "the address")?,\n', "            5 => {}\n"),
    # ---- text ----
    left("number", "the My Number", RECORDS,
         '    sheet.replace_digits(&number, person::stand_in(kazasu_core::SecretKind::NumberA), "the My Number")\n',
         "    let _ = number;\n    Ok(())\n"),
    left("name", "the name", RECORDS, '    sheet.replace_text(&name, &new_name, "the name")?;\n'),
    left("address", "the address", RECORDS, '    sheet.replace_text(&address, &new_address, "the address")?;\n'),
    left("birth", "the birth date", RECORDS,
         '    sheet.replace_digits(&birth, person::BIRTH, "the birth date")?;\n    sheet.put(sex.value, person',
         "    sheet.put(sex.value, person"),
    left("sex", "the sex", RECORDS, '    sheet.put(sex.value, person::SEX.as_bytes(), "the sex")\n', "    Ok(())\n", COMMITTED),
    left("number-digest", "the digest of the My Number", RECORDS,
         '    sheet.replace_every_window(number.value.clone(), &over_number, "the digest of the My Number")?;\n'),
    left("attributes-digest", "the digest of the attributes", RECORDS,
         '    sheet.replace_every_window(attributes.value.clone(), &over_attributes, "the digest of the attributes")?;\n'),
    left("integrity", "the integrity record's signature", RECORDS,
         '    sheet.replace_every_window(signature.value, &signed, "the integrity record\'s signature")\n', "    Ok(())\n"),
    left("text-key-id", "the text application's key identifier", RECORDS,
         '    sheet.put(id.value, &key_id("6000034", 0), "its key identifier")?;\n', test=NAMED),
    left("text-opaque", "opaque bytes of the text application", RECORDS,
         '    sheet.replace_every_window(unknown.value, &new, "opaque bytes of the text application")\n', "    Ok(())\n"),
    left("session-key", "the session key", RECORDS, "    public_key(sheet, root.value, &key)\n", "    Ok(())\n"),
    left("chip-key", "the chip's key", RECORDS, "    public_key(sheet, key.value.clone(), &card)?;\n", "    drop(card);\n"),
    left("chip-certified", "the signature over the chip's key", RECORDS,
         '    sheet.replace_every_window(signature.value, &signed, "a signature over a card\'s key")\n', "    Ok(())\n"),
    # ---- surface ----
    left("birth-record", "the birth date in its record", RECORDS,
         '    sheet.replace_digits(&birth, person::BIRTH, "the birth date")?;\n    surface_key', "    surface_key"),
    left("surface-signed", "the signatures of the surface's records", RECORDS,
         '    sheet.replace_every_window(node.value.clone(), &signed, "a record\'s signature")\n', "    Ok(())\n"),
    left("number-image", "the image of the My Number", RECORDS,
         '    replace_png(sheet, &image, "the image of the My Number")?;\n'),
    left("face-birth", "the birth date on the face", RECORDS,
         '    sheet.replace_digits(&birth, person::BIRTH, "the birth date")?;\n    sheet.put(sex.value.clone()',
         "    sheet.put(sex.value.clone()"),
    left("face-sex", "the sex on the face", RECORDS,
         '    sheet.put(sex.value.clone(), person::SEX.as_bytes(), "the sex")?;\n', test=COMMITTED),
    left("surface-key", "the surface's key", RECORDS, "    public_key(sheet, node.value.clone(), &key)\n", "    Ok(())\n"),
    left("name-image", "the image of the name", RECORDS, '    replace_png(sheet, &name, "the image of the name")?;\n'),
    left("address-image", "the image of the address", RECORDS,
         '    replace_png(sheet, &address, "the image of the address")?;\n'),
    left("photo", "the photo", RECORDS, '    replace_jp2(sheet, &photo, "the photo")?;\n'),
    left("expiry", "the card's expiry date", RECORDS,
         '    sheet.replace_digits(&expiry, person::EXPIRY, "the card\'s expiry date")?;\n'),
    left("code-image", "the image of the security code", RECORDS,
         '    replace_png(sheet, &code, "the image of the security code")?;\n'),
    left("face-signed", "the face's signature", RECORDS,
         '    sheet.replace_every_window(signature.value, &signed, "the card face\'s signature")\n', "    Ok(())\n"),
    left("surface-key-id", "the surface's key identifier", RECORDS,
         '    sheet.put(id.value, &key_id("6000024", 0), "its key identifier")?;\n', test=NAMED),
    left("surface-town", "the municipality of the surface", RECORDS,
         '    sheet.replace_digits(&town, person::MUNICIPALITY, "a municipality")?;\n'),
    left("sealed-key-id", "the key identifier of the sealed part", RECORDS,
         '    sheet.put(start..start + 16, &key_id("5900025", 0), "its key identifier")?;\n', test=NAMED),
    left("sealed", "opaque bytes of the face", RECORDS,
         '    sheet.replace_every_window(start + 16..end, &opaque("surface DF35", end - start - 16), "opaque bytes of the face")\n',
         "    let _ = end;\n    Ok(())\n"),
    # ---- common, card level ----
    left("card-record", "the card's serial number", RECORDS, '    sheet.put(2..30, new.as_bytes(), "its digits")\n', "    Ok(())\n"),
    left("card-digits", "what names the card at card level", RECORDS,
         "    sheet.replace_digits(&node, &new, what)\n", "    let _ = what;\n    Ok(())\n"),
    left("reference", "which key the card names", RECORDS,
         '    sheet.put(0..sheet.bytes.len(), new, "its length")\n', "    let _ = new;\n    Ok(())\n", NAMED),
    left("municipal-id", "a municipality's key identifier", RECORDS,
         '    sheet.replace_bytes(start + 16..start + 32, subject_id, "a municipality\'s key identifier")?;\n'),
    left("municipal-key", "a municipality's key", RECORDS,
         "    public_key(sheet, start + 32..body.value.end, subject)?;\n", "    let _ = subject;\n"),
    left("municipal-signed", "the signature over a municipality's key", RECORDS,
         '    sheet.replace_every_window(signature.value.clone(), &signed, "a municipality certificate\'s signature")\n',
         "    Ok(())\n"),
    # ---- the last search ----
    search("text", "a text", CANARY, "words.contains(&**text) || packed", "packed", "a_text_is_found_in_every_form"),
    search("wide", "a text in UTF-16", CANARY,
           "        self.bytes(what, &wide.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<_>>());\n", "",
           "a_text_is_found_in_every_form"),
    search("wide-le", "a text in UTF-16, the other way round", CANARY,
           "        self.bytes(what, &wide.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>());\n", "",
           "a_text_is_found_in_every_form"),
    search("packed", "packed digits", CANARY, " || packed && transcript.contains(&**text)", "",
           "digits_are_found_as_text_as_bytes_and_packed"),
    search("digits", "bytes in hexadecimal", CANARY,
           "if in_bytes || runs.iter().any(|run| run.contains(&**digits)) {", "if in_bytes && digits.is_empty() {",
           "a_text_is_found_in_every_form"),
    search("windows", "eight bytes of a key", CANARY, "if let Some(what) = self.windows.get(window) {",
           "if let Some(what) = self.windows.get(window).filter(|what| what.is_empty()) {",
           "eight_bytes_of_a_long_value_are_enough"),
    search("files", "what lies across two answers", CANARY, "files.iter().chain(&decoded)", "files[..0].iter().chain(&decoded)",
           "what_lies_across_two_answers_is_found_in_the_file"),
    # ---- what is not known ----
    refused("secret", "a secret that no table describes", RECORD + "follow.rs",
            "pin.map(|pin| pin.kind).ok_or(Refusal::UnknownSecret { step: self.step })",
            "Ok(pin.map_or(SecretKind::AuthPin, |pin| pin.kind))",
            "what_the_tables_do_not_know_is_refused_at_its_command"),
    refused("data", "data where none is due", RECORD + "follow.rs",
            "        if !data.is_empty() && (!done || place.is_none()) {\n            return Err(unknown);\n        }\n", "",
            "data_where_none_is_due_is_refused"),
    refused("incomplete", "a file that was read in part", REDACT,
            "            if !part.complete() || part.bytes.len() < total {\n", "            if total == usize::MAX {\n",
            "a_file_that_changed_or_was_read_in_part_is_refused"),
    refused("contradiction", "a file that changed", REDACT,
            "                return Err(Refusal::Contradiction { what });\n", "                let _ = what;\n",
            "a_file_that_changed_or_was_read_in_part_is_refused"),
    refused("objects", "an object more or less", SHEET,
            "if nodes.iter().map(|node| node.tag).eq(tags) { Ok(nodes) } else { Err(odd) }", "Ok(nodes)",
            "a_record_with_an_object_more_less_or_of_another_form_is_refused"),
    refused("behind", "what stands behind a file's object", SHEET, "        if header.tag != tag || !filler {\n",
            "        if header.tag != tag {\n", "a_record_with_an_object_more_less_or_of_another_form_is_refused"),
    refused("constant", "a value that should be the same everywhere", SHEET,
            "if values.contains(&self.value(node)) { Ok(()) } else { Err(self.odd(part)) }", "Ok(())",
            "a_certificate_with_an_unknown_extension_or_name_is_refused"),
    refused("extension", "an extension that is not known", CERTIFICATE,
            '            _ => Err(sheet.odd("an extension that is not known")),\n', "            _ => Ok(()),\n",
            "a_certificate_with_an_unknown_extension_or_name_is_refused"),
    refused("name-part", "a part of a name that is not known", CERTIFICATE,
            '            _ => return Err(sheet.odd("a part of a name")),\n', "            _ => {}\n",
            "a_certificate_with_an_unknown_extension_or_name_is_refused"),
    refused("access", "an address that may name somebody", CERTIFICATE,
            '        Err(sheet.odd("its access information"))\n', "        Ok(())\n",
            "a_certificate_with_an_unknown_extension_or_name_is_refused"),
    refused("digest", "what is signed and is no digest", REDACT,
            "        return Err(odd);\n    }\n    if new != old {", "    }\n    if new != old {",
            "what_is_signed_must_be_a_digest"),
]
