"""How much memory there is, and refusals of what would not fit, before a C library is asked for it.

FLINT ends the process where an allocation fails, and Linux ends it where memory is promised and then
missing: neither can be caught.
"""

from __future__ import annotations

from pathlib import Path

from saddlesym.errors import BudgetError

#: Bytes of an entry of a FLINT matrix, and of a ``Fraction`` handed out, small numerators and denominators.
INTEGER, RATIONAL, FRACTION = 8, 16, 160
#: The part of what is free that one object may take.
_SHARE = 0.8


def free_memory() -> int | None:
    """Bytes that this process may still ask for, by the system, its limits and its control group.

    None where the system does not say.
    """
    found = [_available(), _under_address_limit(), *_under_control_groups()]
    known = [amount for amount in found if amount is not None]
    return max(0, min(known)) if known else None


def require_memory(amount: float, what: str, hint: str = "") -> None:
    """Refuse work that needs so many bytes at once, if they are not there.

    Args:
        amount: bytes, estimated.
        what: what needs them, for the message.
        hint: what to try.

    Raises:
        BudgetError: with both figures.

    >>> require_memory(10**6, "a matrix")
    >>> require_memory(1e18, "the 353553391 × 353553391 Gram matrix")
    Traceback (most recent call last):
    ...
    saddlesym.errors.BudgetError: the 353553391 × 353553391 Gram matrix needs about 1000000 TB of memory; ...
    """
    free = free_memory()
    if free is not None and amount > _SHARE * free:
        raise BudgetError(
            f"{what} needs about {in_words(amount)} of memory",
            needed=f"at most {in_words(_SHARE * free)}, which are free here",
            hint=hint,
        )


def in_words(amount: float) -> str:
    """Bytes in the unit that reads best.

    >>> in_words(6.4e9), in_words(300)
    ('6.4 GB', '300 bytes')
    """
    for size, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if amount >= size:
            share = amount / size
            return f"{share:.2g} {name}" if share < 100 else f"{share:.0f} {name}"
    return f"{amount:.0f} bytes"


def _available() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            name, _, rest = line.partition(":")
            if name == "MemAvailable":
                return 1024 * int(rest.split()[0])
    except (OSError, ValueError):
        pass
    try:
        import os

        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def _under_address_limit() -> int | None:
    """What ``ulimit -v`` leaves."""
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit == resource.RLIM_INFINITY:
            return None
        used = resource.getpagesize() * int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError, ValueError):
        return None
    return limit - used


def _under_control_groups() -> list[int]:
    """What the memory limit of a container leaves, in either version of control groups."""
    left = []
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            root = Path("/sys/fs/cgroup")
            left.append(int((root / limit).read_text()) - int((root / used).read_text()))
        except (OSError, ValueError):  # "max", or no such group
            continue
    return left
