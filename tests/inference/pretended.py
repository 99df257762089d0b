"""A GPU that is none: tensors that say they are on `cuda` and have their numbers in the CPU's memory.

What CUDA refuses is refused here: an operation over tensors of both devices, a NumPy array of a tensor that is not on the CPU,
and inside of a graph any copy from or to the CPU and any number asked for. So the way that a model takes on a GPU can be gone
where there is none; how long it takes there cannot be seen.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

T = TypeVar("T")
CUDA = torch.device("cuda", 0)
_aten: Any = torch.ops.aten
_BOTH = {_aten.copy_.default, _aten.index.Tensor, _aten.index_put_.default, _aten._index_put_impl_.default}
"""What CUDA takes from both devices at once: copies, and indices, which it fetches."""
_NUMBERS = {_aten._local_scalar_dense.default, _aten.nonzero.default}
"""What waits for a number of a tensor."""


class OnGPU(torch.Tensor):
    """`numbers`: what it holds."""

    numbers: torch.Tensor

    @staticmethod
    def __new__(cls, real: torch.Tensor) -> "OnGPU":
        with torch.inference_mode(real.is_inference()):
            made: OnGPU = torch.Tensor._make_wrapper_subclass(
                cls,
                real.shape,
                strides=real.stride(),
                storage_offset=real.storage_offset(),
                dtype=real.dtype,
                device=torch.device("meta"),
            )
        made.numbers = real
        return made

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        """Below Python it is `meta`, for which nothing has to be linked."""
        return CUDA

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is functional.scaled_dot_product_attention:
            return _attention(*args, **kwargs)
        if func in (torch.Tensor.numpy, torch.Tensor.data_ptr):
            raise TypeError(f"{func.__name__} of a tensor on {CUDA}")
        if func is torch.Tensor.tolist:
            return args[0].cpu().tolist()
        if func in (torch.Tensor.__getitem__, torch.Tensor.__setitem__):
            args = (args[0], _places(args[1]), *args[2:])
        with torch._C.DisableTorchFunctionSubclass():
            return func(*args, **kwargs)

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # type: ignore[override]
        raise AssertionError(f"{func} outside of `pretended`")


def _places(index: Any) -> Any:
    """Lists of places are sent to the device below the dispatcher."""
    if isinstance(index, tuple):
        return tuple(_places(one) for one in index)
    return torch.tensor(index) if isinstance(index, list) else index


def _attention(query: OnGPU, key: OnGPU, value: OnGPU, mask: OnGPU | None = None, *rest: Any, **named: Any) -> OnGPU:
    """Its kernel is chosen by device below the dispatcher."""
    mask = named.pop("attn_mask", mask)
    given = [tensor for tensor in (query, key, value, mask) if tensor is not None]
    if not all(isinstance(tensor, OnGPU) for tensor in given):
        raise RuntimeError("attention over tensors of two devices")
    if len({query.dtype, key.dtype, value.dtype}) > 1 or (
        mask is not None and mask.dtype not in (torch.bool, query.dtype)
    ):
        raise RuntimeError(f"attention over {[tensor.dtype for tensor in given]}")
    call: Any = functional.scaled_dot_product_attention
    return OnGPU(call(*(tensor.numbers for tensor in given), *rest, **named))


class Pretending(TorchDispatchMode):
    """`fetched`: how often something came from the GPU, for which the CPU waits; `sent`: how often something went there."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.fetched = self.sent = 0
        self.capturing = False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        flat = tree_flatten((args, kwargs or {}))[0]
        given = [x for x in flat if isinstance(x, torch.Tensor)]
        there = [x for x in given if isinstance(x, OnGPU)]
        self._compare(func, given, there)
        targets = [x for x in flat if isinstance(x, torch.device)]
        to_gpu = targets[0].type == "cuda" if targets else bool(there)
        if func is _aten.copy_.default:
            to_gpu = isinstance(args[0], OnGPU)
        self._count(func, bool(there), to_gpu, bool(given), args)
        found = func(*tree_map(_real, args), **tree_map(_real, kwargs or {}))
        return tree_map(lambda x: _given(x, there, func) if to_gpu else x, found)

    def _compare(self, func: Any, given: Sequence[torch.Tensor], there: Sequence[torch.Tensor]) -> None:
        here = [x for x in given if not isinstance(x, OnGPU) and x.ndim]
        if there and here and func not in _BOTH:
            raise RuntimeError(f"{func} over tensors of two devices")

    def _count(self, func: Any, there: bool, to_gpu: bool, given: bool, args: Any) -> None:
        mixed = func in _BOTH and any(_plain(x) for x in tree_flatten(args)[0])
        sent = to_gpu and given and (mixed or not there)
        fetched = there and (not to_gpu or func in _NUMBERS)
        if self.capturing and (sent or fetched):
            raise RuntimeError(f"{func}: a copy between devices inside of a graph")
        self.sent += sent
        self.fetched += fetched


class _Made(TorchFunctionMode):
    """A tensor of Python's numbers asks for the device itself below the dispatcher."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is not torch.tensor or torch.device(kwargs.get("device") or "cpu").type != "cuda":
            return func(*args, **kwargs)
        del kwargs["device"]
        return func(*args, **kwargs).to(CUDA)


def _plain(x: object) -> bool:
    return isinstance(x, torch.Tensor) and not isinstance(x, OnGPU)


def _real(x: object) -> object:
    if isinstance(x, torch.device):
        return torch.device("cpu")
    return x.numbers if isinstance(x, OnGPU) else x


def _given(x: object, there: Sequence[torch.Tensor], func: Any) -> object:
    """What an operation wrote into is given back as it was."""
    if not isinstance(x, torch.Tensor):
        return x
    same = [one for one in there if isinstance(one, OnGPU) and one.numbers is x]
    return same[0] if same else OnGPU(x)


@contextmanager
def pretended() -> Iterator[Pretending]:
    """While it lasts there is a GPU."""
    lazily = torch.cuda._lazy_init
    torch.cuda._lazy_init = lambda: None
    try:
        with Pretending() as mode, _Made():
            yield mode
    finally:
        torch.cuda._lazy_init = lazily


def moved(model: Any) -> Any:
    """`model` on the GPU, inside of `pretended`."""
    for module in model.modules():
        for name, parameter in list(module._parameters.items()):
            if parameter is not None:
                module._parameters[name] = torch.nn.Parameter(OnGPU(parameter.detach()), requires_grad=False)
        for name, buffer in list(module._buffers.items()):
            if buffer is not None:
                module._buffers[name] = OnGPU(buffer)
    return model


class Graphs:
    """Captures as CUDA does: twice plainly, once recorded, and from then on the same work into the same tensors."""

    def __init__(self, mode: Pretending) -> None:
        self._mode = mode
        self.replays: list[int] = []

    def __call__(self, work: Callable[[], T]) -> Callable[[], T]:
        which = len(self.replays)
        self.replays.append(0)
        for _ in range(2):
            work()
        self._record(work)

        def again() -> T:
            self.replays[which] += 1
            return self._record(work)

        return again

    def _record(self, work: Callable[[], T]) -> T:
        self._mode.capturing = True
        try:
            return work()
        finally:
            self._mode.capturing = False
