"""Writes optimizers.json beside this file: ten steps of each optimizer, and learning rates of the
schedules, by PyTorch (made with 2.15, float64). Run: python3 tests/golden/make_optimizers.py"""

import json
import pathlib

import torch

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)

N_PARAMS, N_STEPS = 6, 10
DECAYED, FREE = [0, 1, 4, 5], [2, 3]


def rounded(tensor):
    return [float(f"{x:.7g}") for x in tensor.tolist()]


params = torch.tensor(rounded(torch.randn(N_PARAMS)))
gradients = [torch.tensor(rounded(torch.randn(N_PARAMS) * 10 ** torch.empty(N_PARAMS).uniform_(-3, 1))) for _ in range(N_STEPS)]

OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {}, {}, 0.05),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}, {"momentum": 0.9}, 0.05),
    "nesterov": (torch.optim.SGD, {"momentum": 0.8}, {"momentum": 0.8, "nesterov": True}, 0.05),
    "adaGrad": (torch.optim.Adagrad, {"initialSquare": 0.1, "epsilon": 1e-7}, {"initial_accumulator_value": 0.1, "eps": 1e-7}, 0.1),
    "adaDelta": (torch.optim.Adadelta, {"rho": 0.9, "epsilon": 1e-4}, {"rho": 0.9, "eps": 1e-4}, 1.0),
    "rmsProp": (torch.optim.RMSprop, {"rho": 0.95, "epsilon": 1e-5}, {"alpha": 0.95, "eps": 1e-5}, 0.01),
    "nadam": (torch.optim.NAdam, {"beta1": 0.9, "beta2": 0.99, "epsilon": 1e-7}, {"betas": (0.9, 0.99), "eps": 1e-7}, 0.02),
    "adam": (torch.optim.Adam, {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}, {"betas": (0.9, 0.999), "eps": 1e-7}, 0.01),
    "adamW": (torch.optim.AdamW, {"beta1": 0.8, "beta2": 0.99, "epsilon": 1e-4}, {"betas": (0.8, 0.99), "eps": 1e-4}, 0.02),
}

cases = []
for name, (make, ours, theirs, rate) in OPTIMIZERS.items():
    for decay in [0.0, 0.1]:
        decayed = params[DECAYED].clone().requires_grad_()
        free = params[FREE].clone().requires_grad_()
        groups = [{"params": [decayed], "weight_decay": decay}, {"params": [free], "weight_decay": 0.0}]
        optimizer = make(groups, lr=rate, **theirs)
        steps = []
        for gradient in gradients:
            decayed.grad, free.grad = gradient[DECAYED].clone(), gradient[FREE].clone()
            optimizer.step()
            now = torch.empty(N_PARAMS)
            now[DECAYED], now[FREE] = decayed.detach(), free.detach()
            steps.append(rounded(now))
        cases.append({"optimizer": {"type": name, **ours}, "learningRate": rate, "weightDecay": decay, "steps": steps})


def rates(make, base, n_steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base)
    scheduler = make(optimizer)
    out = []
    for step in range(n_steps):
        out.append(float(f"{optimizer.param_groups[0]['lr']:.7g}"))
        optimizer.step()
        if step + 1 < n_steps:
            scheduler.step()
    return out


def cosine(base, n_steps, factor):
    make = lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=n_steps, eta_min=base * factor)
    return {"schedule": {"type": "cosine", "finalFactor": factor}, "learningRate": base, "rates": rates(make, base, n_steps)}


def one_cycle(base, n_steps, peak, start, final):
    make = lambda o: torch.optim.lr_scheduler.OneCycleLR(
        o, max_lr=base, total_steps=n_steps, pct_start=peak, div_factor=1 / start, final_div_factor=start / final)
    schedule = {"type": "oneCycle", "peakAt": peak, "startFactor": start, "finalFactor": final}
    return {"schedule": schedule, "learningRate": base, "rates": rates(make, base, n_steps)}


def step(base, n_steps, parts, factor):
    make = lambda o: torch.optim.lr_scheduler.StepLR(o, n_steps // parts, factor)
    return {"schedule": {"type": "step", "parts": parts, "factor": factor}, "learningRate": base, "rates": rates(make, base, n_steps)}


def exponential(base, n_steps, factor):
    make = lambda o: torch.optim.lr_scheduler.ExponentialLR(o, factor ** (1 / n_steps))
    return {"schedule": {"type": "exponential", "finalFactor": factor}, "learningRate": base, "rates": rates(make, base, n_steps)}


def warm_restarts(base, first, cycles, lengthening, factor):
    make = lambda o: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(o, first, lengthening, base * factor)
    n_steps = first * sum(lengthening**k for k in range(cycles))
    schedule = {"type": "warmRestarts", "cycles": cycles, "lengthening": lengthening, "finalFactor": factor}
    return {"schedule": schedule, "learningRate": base, "rates": rates(make, base, n_steps)}


def plateau():
    losses = [2, 1.5, 1.4, 1.45, 1.40001, 1.41, 1.39, 1.2, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.1, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=2, min_lr=0.15)
    factors = []
    for loss in losses:
        scheduler.step(loss)
        factors.append(float(f"{optimizer.param_groups[0]['lr']:.7g}"))
    schedule = {"type": "plateau", "factor": 0.5, "patience": 2, "finalFactor": 0.15}
    return {"schedule": schedule, "losses": losses, "factors": factors}


schedules = [
    cosine(0.1, 20, 0.0),
    cosine(0.003, 7, 0.1),
    one_cycle(0.01, 23, 0.3, 0.04, 1e-4),
    one_cycle(1.0, 10, 0.5, 0.1, 0.01),
    step(0.1, 12, 4, 0.3),
    exponential(0.02, 15, 0.01),
    warm_restarts(0.05, 3, 3, 2, 0.01),
    warm_restarts(0.1, 4, 3, 1, 0.0),
]

out = {"params": params.tolist(), "gradients": [g.tolist() for g in gradients], "cases": cases, "schedules": schedules, "plateau": plateau()}
text = json.dumps(out).replace("], [", "],\n[").replace('}, {"', '},\n{"') + "\n"
pathlib.Path(__file__).with_name("optimizers.json").write_text(text)
