"""Small models, each of a few operations that the files of other tests do not have: NAME -> (module, inputs)."""
import torch
from torch import nn
from torch.nn import functional as F


class Then(nn.Module):
    """linear -> function -> linear over what is flattened."""

    def __init__(self, function, before, after, outputs=3):
        super().__init__()
        self.first = nn.Linear(*before)
        self.last = nn.Linear(after, outputs)
        self.function = function

    def forward(self, x):
        return self.last(self.function(torch.tanh(self.first(x))).flatten(1))


def then(function, after, width=6):
    return Then(function, (5, width), after), (torch.randn(4, 5),)


def index_of(*values):
    return torch.tensor(values)


def index_put(h):
    y = h.clone()
    y[:, index_of(0, 3)] = 2 * h[:, index_of(1, 2)]
    return y


def index_put_front(h):
    y = h.new_zeros(4, h.shape[0], 6)
    y[index_of(0, 2)] = torch.stack([h, h * h])
    return y.transpose(0, 1)


def masked_put(h):
    y = h.clone()
    y[y > 0.3] = 0.25
    return y


def accumulate(h):
    return torch.ops.aten.index_put(h, [None, index_of(0, 0, 4)], h[:, :3] * 2, True)


def scatter(h):
    places = torch.argsort(h, 1)
    return h.scatter(1, places[:, :2], h[:, 2:4] * h[:, 3:5])


def scatter_value(h):
    return h * torch.zeros_like(h).scatter_(1, h.topk(3, 1).indices, 1.0)


def scatter_add(h):
    return h.scatter_add(1, torch.zeros_like(h, dtype=torch.long) + index_of(0, 1, 1, 2, 2, 5), h * h)


def scatter_mean(h):
    places = torch.zeros_like(h, dtype=torch.long) + index_of(0, 1, 1, 2, 2, 5)
    return h.scatter_reduce(1, places, h * h, 'mean') + h.scatter_reduce(1, places, h.exp(), 'mean', include_self=False)


def index_add(h):
    return h.index_add(1, index_of(1, 1, 2), h[:, 3:] ** 2, alpha=0.5)


def index_copy_fill(h):
    return h.index_copy(1, index_of(1, 4), h[:, :2].exp()).index_fill(1, index_of(0), 0.7)


def masked_scatter(h):
    return h.masked_scatter(h > 0, (h * h).flatten())


def one_hot_mixture(h):
    gate = F.softmax(h[:, :3], -1)
    top = gate.topk(2, -1)
    weights = torch.zeros_like(gate).scatter(1, top.indices, top.values)
    return weights.unsqueeze(-1) * h.view(-1, 3, 2)


def write_to_narrow(h):
    y = h.clone()
    b = y.narrow(1, 3, 3)
    y[:, :3] += h[:, 3:] ** 2
    b.mul_(0.5)
    return y


def write_to_parts(h):
    y = h.clone()
    first, last = y.select(1, 0), y.narrow(1, 3, 2)
    first.copy_(last.sum(1))
    last.mul_(0.7)
    torch.diagonal(y.view(-1, 2, 3), dim1=1, dim2=2).mul_(2)
    y.view(-1, 3, 2).transpose(1, 2).swapaxes(0, 0)[:, 0].zero_()
    return y


def out_of_place_after(h):
    y = h * 2
    view = y[:, 1:3]
    y.add_(1)
    return torch.cat([view, y], 1)


def aliases(h):
    y = torch.multiply(h, 2).subtract(0.1).divide(1.5).negative().absolute().clip(0.1, 0.9)
    y = torch.concat([y.swapaxes(0, 1).moveaxis(0, 1), h.greater(0.1).float(), h.less_equal(0.2).float()], 1)
    return torch.arctan(y) + torch.special.expit(y) + torch.arcsin(y * 0.5) + torch.arccos(y * 0.5)


def log_cumulative(h):
    return h.logcumsumexp(1)


def cumulative(h):
    return torch.cat([h.cumprod(1), h.cummax(1).values, h.cummin(1)[0]], 1)


def middles(h):
    low, high = torch.aminmax(h, dim=1, keepdim=True)
    values = [h.median(1, keepdim=True).values, h.kthvalue(2, 1, keepdim=True)[0], low, high, h.median() + 0 * low]
    return torch.cat([*values, h.nansum(1, keepdim=True), h.nanmean(1, keepdim=True), h.msort()], 1)


def quantiles(h):
    return torch.cat([h.quantile(0.3, 1, keepdim=True), torch.linalg.norm(h, dim=1, keepdim=True)], 1)


def matrix_norm(h):
    m = h.view(-1, 2, 3)
    return m / torch.linalg.matrix_norm(m, keepdim=True)


def diagonals(h):
    y = torch.diag_embed(h)
    return torch.cat([y.flatten(1), torch.diag_embed(h, 1, 0, 2).transpose(0, 1).flatten(1)[: h.shape[0]]], 1)


def rotations(h):
    m = h.view(-1, 2, 3)
    return torch.cat([torch.rot90(m, 1, (1, 2)).flatten(1), m.fliplr().flatten(1), torch.rot90(m, 3, (1, 2)).flatten(1)], 1)


def crosses(h):
    a, b = h.view(-1, 2, 3).unbind(1)
    return torch.cat([torch.cross(a, b, dim=1), torch.linalg.vecdot(a, b).unsqueeze(1)], 1)


def products(h):
    m = h.view(-1, 2, 3)
    gram = torch.tensordot(m, h.new_ones(3, 2), dims=1)
    return torch.cat([gram.flatten(1), torch.column_stack([h[:, 0], h[:, 1]]), torch.dstack([h, h]).flatten(1)], 1)


def special(h):
    p = torch.sigmoid(h)
    y = torch.xlogy(p, p) + torch.logaddexp2(h, p) + torch.sinc(h) + torch.copysign(h, p - 0.5)
    return y + torch.deg2rad(h) + torch.isclose(h, p).to(h.dtype) + torch.fmax(h, p) + h.float_power(2).to(h.dtype)


def buckets(h):
    places = torch.bucketize(h, index_of(-0.5, 0.0, 0.5))
    return h * places + torch.isin(places, index_of(1, 3)) * h


def triangles(h):
    m = h.unsqueeze(2) * h.unsqueeze(1)
    rows, columns = torch.triu_indices(6, 6, 1)
    return m[:, rows, columns]


def group_window(h):
    return h.unfold(1, 3, 1).amax(-1) + h.tensor_split((2, 4), 1)[0].sum(1, keepdim=True)


class Transformer2D(nn.Module):
    """A spatial transformer: an affine grid and bilinear samples."""

    def __init__(self, **options):
        super().__init__()
        self.place = nn.Linear(2 * 25, 6)
        self.last = nn.Conv2d(2, 3, 3)
        self.options = options

    def forward(self, x):
        base = torch.tensor([1.0, 0.1, 0, 0, 1.0, 0.1])
        theta = (base + 0.1 * torch.tanh(self.place(x.flatten(1)))).view(-1, 2, 3)
        grid = F.affine_grid(theta, x.size(), align_corners=False)
        return self.last(F.grid_sample(x, grid, align_corners=False, **self.options)).mean((2, 3))


class Outputs(nn.Module):
    """A dict of outputs, of which the first is what trains."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(5, 6)
        self.head = nn.Linear(6, 3)

    def forward(self, x, scale):
        h = torch.tanh(self.body(x))
        return {'logits': self.head(h) * scale.unsqueeze(1), 'features': h}


class SharedTwice(nn.Module):
    """One block under two names, and a table tied to the output."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 8)
        self.block = nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 8), nn.GELU())
        self.again = self.block
        self.head = nn.Linear(8, 11, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, ids):
        h = self.embedding(ids)
        h = h + self.block(h)
        return self.head(h + self.again(h))


class Half(nn.Module):
    """A bfloat16 block inside of a float32 model."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(5, 6)
        self.scale = nn.Parameter(torch.randn(6).bfloat16())
        self.last = nn.Linear(6, 3)

    def forward(self, x):
        return self.last(torch.tanh(self.first(x)) * self.scale.to(x.dtype))


class Buffers(nn.Module):
    """Statistics in buffers that forward changes and does not read."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(5, 6)
        self.last = nn.Linear(6, 3)
        self.register_buffer('seen', torch.zeros(6))
        self.register_buffer('calls', torch.zeros((), dtype=torch.long))
        self.register_buffer('window', torch.hann_window(6, periodic=False), persistent=False)

    def forward(self, x):
        h = torch.tanh(self.first(x))
        with torch.no_grad():
            self.seen.mul_(0.9).add_(h.detach().mean(0), alpha=0.1)
            self.calls += 1
        return self.last(h * self.window)


class Sequence(nn.Module):
    """Ids of any length, with positions and a causal mask made in forward."""

    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(13, 8)
        self.position = nn.Embedding(32, 8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.head = nn.Linear(8, 13)

    def forward(self, ids):
        length = ids.shape[1]
        h = self.token(ids) + self.position(torch.arange(length, device=ids.device))
        mask = torch.full((length, length), float('-inf')).triu(1)
        return self.head(h + self.attention(h, h, h, attn_mask=mask, need_weights=False)[0])


def models():
    functions = {
        index_put: 6,
        index_put_front: 24,
        masked_put: 6,
        accumulate: 6,
        scatter: 6,
        scatter_value: 6,
        scatter_add: 6,
        scatter_mean: 6,
        index_add: 6,
        index_copy_fill: 6,
        masked_scatter: 6,
        one_hot_mixture: 6,
        write_to_narrow: 6,
        write_to_parts: 6,
        out_of_place_after: 8,
        aliases: 18,
        cumulative: 18,
        log_cumulative: 6,
        middles: 13,
        quantiles: 2,
        matrix_norm: 6,
        rotations: 18,
        crosses: 4,
        products: 18,
        special: 6,
        buckets: 6,
        triangles: 15,
        group_window: 4,
    }
    named = {function.__name__: then(function, after) for function, after in functions.items()}
    images = (torch.randn(3, 2, 5, 5),)
    return {
        **named,
        'diagonals': then(lambda h: torch.diag_embed(h), 36),
        'grid_zeros': (Transformer2D(), images),
        'grid_border': (Transformer2D(padding_mode='border'), images),
        'outputs': (Outputs(), (torch.randn(4, 5), torch.rand(4))),
        'shared_twice': (SharedTwice(), (torch.randint(0, 11, (3, 4)),)),
        'half': (Half(), (torch.randn(4, 5),)),
        'buffers': (Buffers(), (torch.randn(4, 5),)),
        'sequence': (Sequence(), (torch.randint(0, 13, (3, 5)),)),
    }
