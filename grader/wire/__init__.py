"""What crosses between the suites and a worker: data only, in bounded messages.

`values` holds the types and the bounds, `encoding` makes messages, `decoding` takes them apart, `messages` passes
them through a socket.
"""

from grader.wire.decoding import Revive as Revive
from grader.wire.decoding import decode as decode
from grader.wire.encoding import encode as encode
from grader.wire.messages import Deadline as Deadline
from grader.wire.messages import receive as receive
from grader.wire.messages import send as send
from grader.wire.values import MAX_MESSAGE as MAX_MESSAGE
from grader.wire.values import Handle as Handle
from grader.wire.values import Malformed as Malformed
from grader.wire.values import Opaque as Opaque
from grader.wire.values import Records as Records
from grader.wire.values import Tensor as Tensor
