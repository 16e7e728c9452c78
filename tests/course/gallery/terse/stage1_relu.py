import numpy as np; relu = lambda a: a * (a > 0); relu_grad = lambda a: np.array(a > 0, a.dtype)
