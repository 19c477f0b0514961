"""Coq's kernel: the theory it has checked, and paths of the user's data that it checks anew."""

from __future__ import annotations

from saddlesym.lazy import attach

_PUBLIC = {
    "KernelCertificate": "saddlesym.kernel.certificate",
    "kernel_certificate": "saddlesym.kernel.certificate",
    "kernel_graph_certificate": "saddlesym.kernel.graph",
}

__getattr__, __dir__, __all__ = attach(__name__, _PUBLIC)
