# SPDX-License-Identifier: Apache-2.0
"""A certificate authority and a server's certificate that nobody keeps, by openssl or certtool."""
import os
import shutil
import ssl
import subprocess

KINDS = ("good", "expired", "other-name", "self-signed")


def available():
    return shutil.which("openssl") or shutil.which("certtool")


def _run(*command):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, timeout=60, check=False)
    if result.returncode:
        raise RuntimeError("%s: %s" % (command[0], result.stdout.decode("utf-8", "replace")))


def _names(kind):
    return (["DNS:other.example"] if kind == "other-name"
            else ["IP:127.0.0.1", "DNS:localhost"])


def _by_openssl(folder, kind):
    def at(name):
        return os.path.join(folder, name)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _run("openssl", "req", "-x509", *key, "-keyout", at("ca.key"), "-out", at("ca.pem"),
         "-subj", "/CN=throw-away CA", "-days", "2")
    _run("openssl", "req", "-new", *key, "-keyout", at("server.key"), "-out", at("server.csr"),
         "-subj", "/CN=fake source")
    with open(at("server.ext"), "w", encoding="ascii") as out:
        out.write("basicConstraints=CA:FALSE\nsubjectAltName=%s\n" % ",".join(_names(kind)))
    sign = (("-signkey", at("server.key")) if kind == "self-signed"
            else ("-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial"))
    _run("openssl", "x509", "-req", "-in", at("server.csr"), *sign, "-extfile", at("server.ext"),
         "-days", "-1" if kind == "expired" else "2", "-out", at("server.pem"))


def _by_certtool(folder, kind):
    def at(name, text=None):
        path = os.path.join(folder, name)
        if text is not None:
            with open(path, "w", encoding="ascii") as out:
                out.write(text)
        return path
    for who in ("ca", "server"):
        _run("certtool", "--generate-privkey", "--ecc", "--outfile", at(who + ".key"))
    _run("certtool", "--generate-self-signed", "--load-privkey", at("ca.key"), "--template",
         at("ca.txt", "cn = throw-away CA\nca\ncert_signing_key\nexpiration_days = 2\n"),
         "--outfile", at("ca.pem"))
    names = "".join("%s = %s\n" % ("ip_address" if n.startswith("IP:") else "dns_name",
                                   n.partition(":")[2]) for n in _names(kind))
    dates = ('activation_date = "2020-01-01"\nexpiration_date = "2020-01-02"\n'
             if kind == "expired" else "expiration_days = 2\n")
    template = at("server.txt", "cn = fake source\nsigning_key\ntls_www_server\n" + names + dates)
    if kind == "self-signed":
        _run("certtool", "--generate-self-signed", "--load-privkey", at("server.key"),
             "--template", template, "--outfile", at("server.pem"))
    else:
        _run("certtool", "--generate-certificate", "--load-privkey", at("server.key"),
             "--load-ca-certificate", at("ca.pem"), "--load-ca-privkey", at("ca.key"),
             "--template", template, "--outfile", at("server.pem"))


def context(folder, kind):
    """A server's context; folder/ca.pem is what a client should trust."""
    if kind not in KINDS:
        raise ValueError("--tls is one of %s" % ", ".join(KINDS))
    if shutil.which("openssl"):
        _by_openssl(folder, kind)
    elif shutil.which("certtool"):
        _by_certtool(folder, kind)
    else:
        raise RuntimeError("neither openssl nor certtool is installed")
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.minimum_version = ssl.TLSVersion.TLSv1_2
    ctx.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
    ctx.set_alpn_protocols(["http/1.1"])
    return ctx
