"""Imported once by the fork server, so that a worker finds what learners use already loaded.

The first optimizer built imports a second's worth of modules; one step here spares each worker that.
"""

import torch

from grader import probes

probes.use_one_thread()
_p = torch.zeros(1, requires_grad=True)
probes.backward_of(_p.sum(), None)
torch.optim.SGD([_p]).step()
