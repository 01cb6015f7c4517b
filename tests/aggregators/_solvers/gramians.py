"""Ten thousand random Jacobians, half of them ill-conditioned or rank-deficient, by size."""

import numpy as np

NUMBERS = {2: 2000, 3: 1500, 4: 2000, 8: 2000, 16: 1500, 32: 700, 64: 240, 128: 40, 256: 16, 512: 4}


def jacobians(m, number=None, seed=0):
    """Return a stack of Jacobians, shape (n, m, 2 m), in float64 with values of float32.

    The even ones are Gaussian, with or without a common direction. The odd ones have half the rank
    that m asks for, rank 1, rows that nearly repeat or nearly oppose each other, or fall off to
    singular values of 1e-6. Norms differ by 1.4 at most: a weight in float32 beside a much longer
    row's could not meet an absolute bar.
    """
    rng = np.random.default_rng([m, seed])
    n = NUMBERS[m] if number is None else number
    stack = rng.standard_normal((n, m, 2 * m))
    stack[2::4] += 0.5 * rng.standard_normal((len(stack[2::4]), 1, 2 * m))
    stack[1::8, :, (m + 1) // 2 :] = 0
    stack[3::8] = stack[3::8, :, :1] * stack[3::8, :1]
    mates = stack[5::8, rng.permutation(m)] * rng.choice([-1, 1], (1, m, 1))
    stack[5::8, m // 2 :] = mates[:, m // 2 :] + 1e-3 * stack[5::8, m // 2 :]
    stack[7::8] *= np.geomspace(1, 1e-6, 2 * m)
    lengths = np.linalg.norm(stack, axis=2, keepdims=True)
    stack *= np.exp2(rng.uniform(-0.25, 0.25, (n, m, 1))) / np.where(lengths > 0, lengths, 1)
    return stack.astype(np.float32).astype(np.float64)
