#!/usr/bin/env python3
"""Makes PDFs with programs that others wrote, changes them, and asks pyHanko about signatures in them.

make FOLDER               inputs, one of each shape, and LARGE.pdf of 100 MB
edit IN OUT               writes other words on the first page, as an incremental update
note IN OUT               puts a note on the first page, as an incremental update
flip IN OUT WHERE         changes one byte: in the first text, in the last table, or in the first signature
countersign IN OUT PEM    signs it with a new key, as pyHanko does; PEM gets that certificate
cosign IN OUT             the same with the signing key of a demonstration card
stamp IN OUT PEM          puts a timestamp of the document behind it, as pyHanko does; PEM gets its authority's certificate
valid FILE COUNT [TSA]    exit code 0 when pyHanko finds so many signatures and each is valid, trusted and covers its revision;
                          with TSA (a certificate) the last one must have a valid timestamp
peak COMMAND...           runs it and prints its peak of memory in bytes
"""
import datetime
import io
import os
import resource
import subprocess
import sys
import tomllib

import pikepdf
from asn1crypto import keys, pem, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.pdfgen import canvas

AUTHORITIES = [f"fixtures/cards/pki/sign-ca-{n}.pem" for n in (1, 2)]


def certificate(path):
    with open(path, "rb") as file:
        data = file.read()
    return x509.Certificate.load(pem.unarmor(data)[2] if pem.detect(data) else data)


def text_pages(form=False):
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=(300, 200), invariant=1, pageCompression=0)
    for number in (1, 2, 3):
        page.drawString(20, 100, f"I owe you {number}00 yen.")
        if form and number == 1:
            page.acroForm.textfield(name="amount", x=20, y=40, width=80, height=20, value="100")
        page.showPage()
    page.save()
    return out.getvalue()


def make(folder):
    def write(name, data):
        with open(os.path.join(folder, name + ".pdf"), "wb") as file:
            file.write(data)

    def saved(pdf, **options):
        out = io.BytesIO()
        pdf.save(out, deterministic_id="encryption" not in options, **options)
        return out.getvalue()

    plain = text_pages()
    write("classic", plain)
    write("form", text_pages(form=True))
    streams = pikepdf.ObjectStreamMode.generate
    write("streams", saved(pikepdf.open(io.BytesIO(plain)), object_stream_mode=streams))
    write("form-streams", saved(pikepdf.open(io.BytesIO(text_pages(form=True))), object_stream_mode=streams))
    write("linearized", saved(pikepdf.open(io.BytesIO(plain)), linearize=True))
    write("linearized-streams", saved(pikepdf.open(io.BytesIO(plain)), linearize=True, object_stream_mode=streams))
    pdf = pikepdf.open(io.BytesIO(plain))
    pages = pdf.Root.Pages
    pages.MediaBox = pdf.pages[0].obj.MediaBox
    pages.Resources = pdf.pages[0].obj.Resources
    for page in pdf.pages:
        del page.obj["/MediaBox"], page.obj["/Resources"]
    between = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Pages, Kids=pages.Kids, Count=3, Parent=pages))
    for page in list(pages.Kids):
        page.Parent = between
    pages.Kids = pikepdf.Array([between])
    write("inherited", saved(pdf))
    writer = IncrementalPdfFileWriter(io.BytesIO(plain))
    writer.root["/Lang"] = generic.pdf_string("ja")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    write("edited", out.getvalue())
    pdf = pikepdf.open(io.BytesIO(plain))
    write("encrypted", saved(pdf, encryption=pikepdf.Encryption(owner="owner", user="")))
    pdf = pikepdf.open(io.BytesIO(plain))
    pdf.Root.Data = pikepdf.Array([pdf.make_stream(os.urandom(1 << 20)) for _ in range(100)])
    write("LARGE", saved(pdf))


def incrementally(source, target, change):
    with open(source, "rb") as file:
        writer = IncrementalPdfFileWriter(file)
        change(writer)
        with open(target, "wb") as out:
            writer.write(out)


def edit(source, target):
    def change(writer):
        page = writer.root["/Pages"]["/Kids"][0]
        while "/Kids" in page:
            page = page["/Kids"][0]
        words = generic.StreamObject(stream_data=b"BT /F1 12 Tf 20 60 Td (I owe you nothing.) Tj ET")
        page["/Contents"] = writer.add_object(words)
        writer.update_container(page)

    incrementally(source, target, change)


def note(source, target):
    def change(writer):
        page = writer.root["/Pages"]["/Kids"][0]
        while "/Kids" in page:
            page = page["/Kids"][0]
        name, number = generic.NameObject, generic.NumberObject
        words = generic.DictionaryObject(
            {
                name("/Type"): name("/Annot"),
                name("/Subtype"): name("/FreeText"),
                name("/Rect"): generic.ArrayObject(map(number, (10, 10, 290, 190))),
                name("/Contents"): generic.pdf_string("I owe you nothing."),
            }
        )
        page["/Annots"] = generic.ArrayObject([*page.get("/Annots", []), writer.add_object(words)])
        writer.update_container(page)

    incrementally(source, target, change)


def flip(source, target, where):
    with open(source, "rb") as file:
        data = bytearray(file.read())
    if where == "signature":
        # The value stands at the end, before the padding. The authority's certificate, further in front, may be any.
        end = data.index(b">", data.rindex(b"/Contents <"))
        at = len(data[:end].rstrip(b"0")) - 100
        data[at] = ord("1") if data[at] == ord("0") else ord("0")
    elif where == "text":
        at = data.index(b"/MediaBox") if b"yen" not in data else data.index(b"yen")
        data[at] ^= 1
    else:
        at = data.rindex(b"/Prev") + 6
        data[at] ^= 1
    with open(target, "wb") as out:
        out.write(data)


def countersign(source, target, pem_file):
    key, path = target + ".key", pem_file
    subject = "/CN=Countersigner/O=Kazasu test"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", path, "-days", "30", "-subj", subject]
        + ["-addext", "keyUsage=critical,digitalSignature,nonRepudiation"],
        check=True,
        capture_output=True,
    )
    add_signature(source, target, signers.SimpleSigner.load(key, path))


def cosign(source, target):
    with open("fixtures/cards/adult.toml", "rb") as file:
        card = tomllib.load(file)
    key = keys.PrivateKeyInfo.load(bytes.fromhex(card["keys"]["jpki"]["001A"]))
    own, authority = (x509.Certificate.load(bytes.fromhex(card["files"]["jpki"][name]), strict=False) for name in ("0001", "0002"))
    store = SimpleCertificateStore()
    store.register(authority)
    add_signature(source, target, signers.SimpleSigner(signing_cert=own, signing_key=key, cert_registry=store))


def add_signature(source, target, signer):
    with open(source, "rb") as file, open(target, "wb") as out:
        meta = signers.PdfSignatureMetadata(field_name="Countersignature", md_algorithm="sha256")
        signers.sign_pdf(IncrementalPdfFileWriter(file), meta, signer=signer, output=out)


def stamp(source, target, path):
    key = target + ".key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", path, "-days", "30", "-subj", "/CN=Time"]
        + ["-addext", "keyUsage=critical,digitalSignature", "-addext", "extendedKeyUsage=critical,timeStamping"]
        + ["-addext", "basicConstraints=critical,CA:FALSE"],
        check=True,
        capture_output=True,
    )
    with open(key, "rb") as file:
        authority = DummyTimeStamper(certificate(path), keys.PrivateKeyInfo.load(pem.unarmor(file.read())[2]))
    with open(source, "rb") as file, open(target, "wb") as out:
        signers.PdfTimeStamper(authority).timestamp_pdf(IncrementalPdfFileWriter(file), "sha256", output=out)


def valid(path, count, tsa=None):
    roots = [certificate(name) for name in AUTHORITIES]
    context = ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail")
    stamps = ValidationContext(trust_roots=[certificate(tsa)] if tsa else roots, allow_fetching=False)
    with open(path, "rb") as file:
        signatures = PdfFileReader(file).embedded_signatures
        results = [validate_pdf_signature(one, context, ts_validation_context=stamps) for one in signatures]
    for result in results:
        stamp = result.timestamp_validity
        print(result.summary(), result.coverage, result.modification_level, stamp and stamp.summary())
    stamped = not tsa or (results and results[-1].timestamp_validity is not None)
    good = len(results) == int(count) and all(result.bottom_line for result in results) and stamped
    return 0 if good else 1


def peak(*command):
    status = subprocess.run(command, stdout=subprocess.DEVNULL).returncode
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
    return status


if __name__ == "__main__":
    jobs = {job.__name__: job for job in (make, edit, note, flip, countersign, cosign, stamp, valid, peak)}
    try:
        sys.exit(jobs[sys.argv[1]](*sys.argv[2:]) or 0)
    except Exception as error:  # whatever pyHanko says of a broken file is a rejection
        print(f"{type(error).__name__}: {error}")
        sys.exit(1)
