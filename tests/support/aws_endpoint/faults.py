"""What networks, proxies and broken servers do instead of answering. Each gets the handler and the answer that was due."""
import socket
import struct

HTML = (b'<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Hotel Wi-Fi</h1>'
        b'<p>Please accept the terms.</p></body></html>')
HUGE_BYTES = 1 << 30
ENTITIES = (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb">' +
            b''.join(b'<!ENTITY b%d "%s">' % (i, b'&b%s;' % (str(i - 1).encode() if i else b'') * 10) for i in range(9)) +
            b']><a>&b8;</a>')
OUTSIDE = (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
           b'<ErrorResponse><Error><Code>&f;</Code></Error></ErrorResponse>')


def hang_up(handler, status, headers, body):
    """The connection is closed without a word."""
    handler.close_connection = True


def reset(handler, status, headers, body):
    """Closed with RST, which a client sees at once."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    handler.close_connection = True


def cut(handler, status, headers, body):
    """Half of the answer, and its length says that there was more."""
    handler.send_raw(status, headers, body[:len(body) // 2], length=len(body))
    handler.close_connection = True


def html(handler, status, headers, body):
    handler.send_raw(200, {'Content-Type': 'text/html; charset=utf-8'}, HTML)


def html_refused(handler, status, headers, body):
    handler.send_raw(503, {'Content-Type': 'text/html'}, HTML)


def garbage(handler, status, headers, body):
    """The right length and type, and not a document."""
    handler.send_raw(status, headers, b'\x00\xff{<' * 40)


def half_document(handler, status, headers, body):
    """A whole HTTP answer that holds half a document."""
    handler.send_raw(status, headers, body[:len(body) // 2])


def empty(handler, status, headers, body):
    handler.send_raw(status, headers, b'')


def entities(handler, status, headers, body):
    """Entities of entities: a thousand million characters, if somebody expands them."""
    handler.send_raw(200, {'Content-Type': 'text/xml'}, ENTITIES)


def outside(handler, status, headers, body):
    """An entity that names a file of the client's machine."""
    handler.send_raw(400, {'Content-Type': 'text/xml'}, OUTSIDE)


def deep(handler, status, headers, body):
    """A document a hundred thousand levels deep, in the answer's own language."""
    open_, close = (b'<a>', b'</a>') if 'xml' in headers.get('Content-Type', '') else (b'{"a":', b'}')
    handler.send_raw(status, headers, open_ * 100000 + (b'' if open_ == b'<a>' else b'1') + close * 100000)


def redirect(handler, status, headers, body):
    handler.send_raw(302, {'Location': 'http://127.0.0.1:9/elsewhere'}, b'')


def huge(handler, status, headers, body):
    """1 GB, said beforehand."""
    stream(handler, status, {**headers, 'Content-Length': str(HUGE_BYTES)}, b' ' * 65536, HUGE_BYTES // 65536, 0)


def huge_chunked(handler, status, headers, body):
    """1 GB, and nobody said so."""
    part = b'10000\r\n' + b' ' * 65536 + b'\r\n'
    stream(handler, status, {**headers, 'Transfer-Encoding': 'chunked'}, part, HUGE_BYTES // 65536, 0)


def drip(handler, status, headers, body):
    """A byte a second: never silent, never done."""
    stream(handler, status, {**headers, 'Content-Length': str(len(body))}, b' ', 600, 1)


def silent(handler, status, headers, body):
    """Takes the request and says nothing for ten minutes, or until the endpoint stops."""
    handler.wait(600)
    handler.close_connection = True


def stream(handler, status, headers, part, count, pause_s):
    handler.close_connection = True
    handler.send_head(status, headers)
    handler.wfile.flush()  # what follows does not go through its buffer
    for _ in range(count):
        handler.connection.sendall(part)
        if pause_s and handler.wait(pause_s):
            return


FAULTS = {name.replace('_', '-'): function for name, function in list(globals().items())
          if callable(function) and name not in ('stream',) and getattr(function, '__module__', '') == __name__}
