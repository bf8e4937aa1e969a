"""Editing: what of a picture is drawn anew for a change, how strongly, and what stays. Pure."""

from services.generation.editing.domain import Plan, composite, plan, psnr_outside

__all__ = ["Plan", "composite", "plan", "psnr_outside"]
