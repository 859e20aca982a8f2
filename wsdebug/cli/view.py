"""How a report is to look: what the command line says of it, and the terminal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from wsdebug.cli import terminal
from wsdebug.display.escape import printable
from wsdebug.display.masking import REVEALED
from wsdebug.model.errors import UserError
from wsdebug.report import View

if TYPE_CHECKING:
    from wsdebug.cli.read import Request


def revealed(request: Request) -> tuple[str, ...]:
    """What the shared report leaves unmasked; a word that is none of it is a user's error."""
    items = tuple(item.strip() for item in request.reveal.split(",") if item.strip())
    for item in items:
        if item not in REVEALED:
            raise UserError(
                f'"{printable(item, 40)}" is nothing that --reveal knows.',
                f"It takes {', '.join(REVEALED)}, with commas between.",
            )
    return items


def payload_of(request: Request) -> str:
    """Payload that is to be shown has to be kept."""
    hidden = request.payload == "none" and "payload" in revealed(request)
    return "preview" if hidden else request.payload


def form_of(request: Request) -> str:
    """`auto` is text where the screen is not wanted (`cli.screen`)."""
    return "text" if request.form == "auto" else request.form


def view_of(request: Request, stream: TextIO) -> View:
    """How the report is to look."""
    options = [f"-c {request.connections}"] if request.connections else []
    options += ["-Y FILTER"] if request.filter is not None else []  # it may name what is masked
    options += ["-f FILTER"] if request.capture_filter is not None else []
    options += [f"--payload {request.payload}"] if request.payload != "none" else []
    options += [f"-F {request.form}"] if request.form != "auto" else []
    options += [f"--reveal {','.join(revealed(request))}"] if revealed(request) else []
    return View(
        width=request.width or terminal.width_of(stream),
        color=terminal.uses_color(request.color, stream, os.environ),
        ascii=request.ascii or not terminal.takes_unicode(stream),
        every=request.verbose > 0 or request.connections is not None,
        totals_only=request.quiet,
        show_payload=payload_of(request) != "none",
        reveal=revealed(request),
        command=" ".join(["wsdebug read FILE", *options]),
    )
