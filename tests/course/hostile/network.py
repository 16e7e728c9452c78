"""Attacks by the network: what is sent must not arrive, and nothing may be waited for."""

from hostile.attack import RIGHT, Attack

ATTACKS = (
    Attack(
        "network-tcp",
        "a connection to a listener on this machine",
        """
import socket, urllib.request, http.client

def to(host, family):
    with socket.socket(family) as s:
        s.settimeout(0.3)
        s.connect((host, WORLD["tcp"]))
        s.send(b"tcp")

attempt("tcp", lambda: to("127.0.0.1", socket.AF_INET))
attempt("tcp 0", lambda: to("0.0.0.0", socket.AF_INET))
attempt("tcp 6", lambda: to("::ffff:127.0.0.1", socket.AF_INET6))
attempt("by name", lambda: socket.create_connection(("localhost", WORLD["tcp"]), 0.3).send(b"name"))
attempt("http", lambda: urllib.request.urlopen(f"http://127.0.0.1:{WORLD['tcp']}/http", timeout=0.3))
attempt("sendto", lambda: socket.socket().sendto(b"fast open", 0x20000000, ("127.0.0.1", WORLD["tcp"])))
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "network-udp-and-names",
        "a datagram to a listener on this machine, and a question to a name server",
        """
import socket

for host, family in (("127.0.0.1", socket.AF_INET), ("::ffff:127.0.0.1", socket.AF_INET6)):
    attempt(f"udp {host}", lambda: socket.socket(family, socket.SOCK_DGRAM).sendto(b"udp", (host, WORLD["udp"])))
attempt(
    "broadcast", lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"udp", ("127.255.255.255", WORLD["udp"]))
)
attempt("name", lambda: socket.getaddrinfo("localhost", WORLD["tcp"]))
for name in (
    "AF_NETLINK",
    "AF_PACKET",
    "AF_VSOCK",
    "AF_ALG",
    "AF_BLUETOOTH",
    "AF_CAN",
    "AF_TIPC",
    "AF_XDP",
    "AF_RDS",
):
    attempt(name, lambda: socket.socket(getattr(socket, name), socket.SOCK_RAW).fileno())
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "network-unix-sockets",
        "another process, by sockets with a path and with an abstract name",
        """
import socket

for name in (WORLD["unix"], "\\0" + WORLD["abstract"]):
    attempt(f"stream {name!r}", lambda: (s := socket.socket(socket.AF_UNIX)).connect(name) or s.send(b"unix"))
pair = []
attempt("pair", lambda: pair.extend(socket.socketpair(type=socket.SOCK_DGRAM)))
for kind in (socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    attempt(f"datagram {kind}", lambda: socket.socket(socket.AF_UNIX, kind).sendto(b"unix", WORLD["unix"] + "d"))
    attempt(
        "abstract", lambda: socket.socket(socket.AF_UNIX, kind).sendto(b"unix", "\\0" + WORLD["abstract"] + "d")
    )
for end in pair:
    attempt("from a pair", lambda: end.sendto(b"pair", WORLD["unix"] + "d"))
    attempt("from a pair", lambda: end.sendto(b"pair", "\\0" + WORLD["abstract"] + "d"))
""",
        at_most=10,
        base=RIGHT,
    ),
    Attack(
        "network-by-the-own-pipe",
        "another process, by turning the worker's own connection to another address",
        """
import socket

def turned(act):
    mine = own_socket()
    return act(mine)

for name in (WORLD["unix"], "\\0" + WORLD["abstract"], WORLD["unix"] + "d", "\\0" + WORLD["abstract"] + "d"):
    attempt("connect", lambda: turned(lambda s: s.connect(name)))
    attempt("sendmsg", lambda: turned(lambda s: s.sendmsg([b""], [], 0, name)))
    attempt("bind", lambda: turned(lambda s: s.bind(WORLD["folders"][0] + "/" + WORLD["token"])))
attempt("listen", lambda: turned(lambda s: s.listen()))
attempt("peer", lambda: turned(lambda s: s.getpeername()))
""",
        at_most=10,
        base=RIGHT,
    ),
)
