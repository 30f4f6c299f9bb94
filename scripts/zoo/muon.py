"""Muon (Jordan et al. 2024): momentum, made orthogonal, for the matrices inside a network. It learns from fewer
pictures than AdamW, which matters where pictures cost processor time."""
import torch


def orthogonal(matrix, steps=5):
    """About U Vᵀ of the matrix's singular value decomposition, by Newton's iteration of the fifth order."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if matrix.shape[0] > matrix.shape[1] else x


class Muon(torch.optim.Optimizer):
    """For weights of two dimensions and more, seen as [out, rest]. The update's root mean square is 0.2 of the rate, as
    in Moonlight (Liu et al. 2025), so that rates and decays compare with AdamW's."""

    def __init__(self, groups):
        super().__init__(groups, dict(lr=1e-3, momentum=0.95, weight_decay=0.05))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(weight)
                momentum = state["momentum"].lerp_(weight.grad, 1 - group["momentum"])
                update = orthogonal(weight.grad.lerp(momentum, group["momentum"]).flatten(1))
                scale = 0.2 * max(update.shape) ** 0.5
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(update.view_as(weight), alpha=-group["lr"] * scale)
