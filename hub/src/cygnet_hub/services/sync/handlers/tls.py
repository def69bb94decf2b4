"""TLS for clients that may have a certificate of their own: the listener's context, and what was presented.

Browsers present certificates for whatever page asks, as they do with cookies. A page that somebody else wrote
could so use the certificate of whoever looks at it; so it does not count in requests that a page makes.
"""

from __future__ import annotations

import ssl
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.iostream import SSLIOStream

from ..model.errors import Unauthorized
from ..model.settings import Tls
from ..service.authorities import Authorities
from ..service.certificates import Encoded

#: Browsers send one of these with what a page asks for, and no other client does.
_OF_PAGES = ("Sec-Fetch-Site", "Origin")


def server_context(tls: Tls, authorities: Authorities) -> ssl.SSLContext:
    """What a listener accepts connections with: clients may present a certificate, and need not. Blocks.

    Raises:
        OSError: the certificate or the key cannot be read, or do not fit (ssl.SSLError).
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(tls.certificate, tls.key)
    if authorities.certificates:
        context.load_verify_locations(cadata=authorities.pem)
        context.verify_mode = ssl.CERT_OPTIONAL
        # VERIFY_X509_STRICT would refuse every proxy.
        context.verify_flags |= ssl.VerifyFlags.VERIFY_ALLOW_PROXY_CERTS
    # A session that is taken up again brings a certificate that was verified at another time.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    return context


def presented(request: HTTPServerRequest) -> Encoded:
    """The chain that the client of a request presented and TLS has verified; empty when it did not.

    Raises:
        Unauthorized: it was verified for another connection.
    """
    stream = getattr(request.connection, "stream", None)
    if not isinstance(stream, SSLIOStream) or stream.socket is None:
        return ()
    if any(name in request.headers for name in _OF_PAGES):
        return ()
    connection: ssl.SSLSocket = stream.socket
    if connection.getpeercert(binary_form=True) is None:
        return ()
    chain = () if connection.session_reused else _verified(connection)
    if not chain:
        raise Unauthorized("Your certificate belongs to an earlier connection. Please connect anew.")
    return chain


def _verified(connection: ssl.SSLSocket) -> Encoded:
    if hasattr(connection, "get_verified_chain"):  # from Python 3.13 on
        return tuple(connection.get_verified_chain())
    inner: Any = connection._sslobj  # type: ignore[attr-defined]
    return tuple(ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in inner.get_verified_chain() or ())
