"""An authority of the grid and what it gives out: certificates and proxies, made with openssl."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PERSON = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\n"
SERVER = PERSON + "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n"
_NAMES = "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
#: What a proxy says of itself: all rights of its owner, or those of a limited proxy of Globus.
WHOLE, LIMITED = "language:id-ppl-inheritAll", "language:1.3.6.1.4.1.3536.1.1.1.9"
SIGNING = "keyUsage=critical,digitalSignature\n"
ROOT = "/DC=org/DC=cygnet"
_RSA = ("-newkey", "rsa:2048")
_EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
_CONFIGURATION = """
[ca]
default_ca = it
[it]
database = index
new_certs_dir = .
default_md = sha256
serial = serial
unique_subject = no
policy = any
[any]
commonName = optional
"""


def openssl(*arguments: str | Path, cwd: Path) -> str:
    """Run openssl; what it prints."""
    done = subprocess.run(
        ["openssl", *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, each in a file, and both with what vouches for them in `bundle`."""

    subject: str
    certificate: Path
    key: Path
    bundle: Path

    @property
    def pem(self) -> str:
        """The certificate."""
        return self.certificate.read_text()

    def proxy(self, name: str = "1", policy: str = WHOLE, **more: Any) -> Identity:
        """A proxy (RFC 3820) that this one has signed, as grid-proxy-init makes it.

        Args:
            name: the one more in its name.
            policy: as openssl writes it; empty: it is no proxy at all.
            more: as of `issue`.
        """
        info = f"proxyCertInfo=critical,{policy}\n" if policy else ""
        told = {"subject": f"{self.subject}/CN={name}", "extensions": SIGNING} | more
        told["extensions"] += info
        return issue(self, f"{self.certificate.stem}-{name}", above=self.bundle, **told)


def issue(
    issuer: Identity,
    name: str,
    *,
    subject: str,
    extensions: str,
    start: float = -0.01,
    days: float = 1.0,
    rsa: bool = False,
    above: Path | None = None,
) -> Identity:
    """A certificate that `issuer` has signed.

    Args:
        name: of its files.
        subject: as openssl writes it.
        extensions: the same.
        start: days from now on which it begins to be good.
        days: for how many it is.
        rsa: whether its key is of the older kind, which takes longer to make.
        above: what vouches for its issuer.
    """
    folder = issuer.certificate.parent
    made = Identity(subject, folder / f"{name}.pem", folder / f"{name}.key", folder / f"{name}-bundle.pem")
    (folder / f"{name}.cnf").write_text(extensions)
    openssl(
        "req", *(_RSA if rsa else _EC), "-nodes", "-keyout", made.key, "-out", f"{name}.csr",
        "-subj", subject,
        cwd=folder,
    )  # fmt: skip
    openssl(
        "ca", "-batch", "-config", "ca.cnf", "-in", f"{name}.csr", "-cert", issuer.certificate,
        "-keyfile", issuer.key, "-startdate", _stamp(start), "-enddate", _stamp(start + days), "-notext",
        "-preserveDN", "-rand_serial", "-extfile", f"{name}.cnf", "-out", made.certificate,
        cwd=folder,
    )  # fmt: skip
    made.bundle.write_text(made.pem + made.key.read_text() + (_certificates(above) if above else ""))
    for path in (made.key, made.bundle):
        path.chmod(0o600)  # programs of the grid take no others
    return made


def _stamp(days: float) -> str:
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))


def _certificates(bundle: Path) -> str:
    """A bundle without the key."""
    return "".join(re.findall(r"-----BEGIN CERT.*?-----END CERT[A-Z]+-----\n", bundle.read_text(), re.DOTALL))


class Authority:
    """An authority with its files in a folder; `accepted` is one as an administrator keeps it, with its list.

    Args:
        folder: made when absent.
        name: part of its subject.
    """

    def __init__(self, folder: Path, name: str = "Test CA") -> None:
        self.folder, self.subject = folder, f"{ROOT}/CN={name}"
        self.accepted = folder / "accepted"
        self.accepted.mkdir(parents=True)
        openssl(
            "req", "-x509", *_RSA, "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
            "-subj", self.subject, "-days", "30", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            cwd=folder,
        )  # fmt: skip
        self.own = Identity(self.subject, folder / "ca.pem", folder / "ca.key", folder / "ca.pem")
        self.hash = openssl("x509", "-hash", "-noout", "-in", "ca.pem", cwd=folder).strip()
        # Programs of the grid look for an authority by the hash of its name.
        (self.accepted / f"{self.hash}.0").write_text(self.own.pem)
        (folder / "index").touch()
        (folder / "ca.cnf").write_text(_CONFIGURATION)
        self.publish()

    def person(self, name: str, extensions: str = PERSON, **more: Any) -> Identity:
        """A certificate of somebody; `more` as of `issue`."""
        told = {"subject": f"{ROOT}/CN={name}", "extensions": extensions + _NAMES} | more
        return issue(self.own, name, **told)

    def lower(self, name: str) -> Identity:
        """An authority below this one."""
        told = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n" + _NAMES
        return issue(self.own, name, subject=f"{ROOT}/CN={name}", extensions=told)

    def revoke(self, one: Identity) -> None:
        """Revoke a certificate, and say so."""
        openssl(
            "ca",
            "-config",
            "ca.cnf",
            "-revoke",
            one.certificate,
            "-keyfile",
            "ca.key",
            "-cert",
            "ca.pem",
            cwd=self.folder,
        )
        self.publish()

    def publish(self, *more: str) -> None:
        """Publish what is revoked, for a day unless `more` says otherwise."""
        openssl(
            "ca", "-config", "ca.cnf", "-gencrl", "-keyfile", "ca.key", "-cert", "ca.pem",
            *(more or ("-crldays", "1")), "-out", self.accepted / f"{self.hash}.r0",
            cwd=self.folder,
        )  # fmt: skip
