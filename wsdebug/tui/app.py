"""The program on the screen: themes, colour or none, and what happens when it breaks."""

from __future__ import annotations

import traceback

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.filter import Monochrome, NoColor

from wsdebug.model.errors import UserError
from wsdebug.tui.gone import outliving
from wsdebug.tui.main_screen import MainScreen
from wsdebug.tui.options import Options
from wsdebug.tui.paint import Paint
from wsdebug.tui.palette import THEMES
from wsdebug.tui.source import Loader
from wsdebug.tui.style import STYLE


class WsdebugApp(App[None]):
    """One capture."""

    CSS = STYLE
    TITLE = "wsdebug"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = []  # noqa: RUF012 - the table of keys has them all

    def __init__(self, loader: Loader, options: Options) -> None:
        super().__init__()
        self.crash: str | None = None
        """The traceback of what broke the screen."""
        self.refusal: UserError | None = None
        """Why there is nothing to show of what was asked for."""
        self.pressed: events.Key | None = None
        """The key that is being looked at."""
        self._options = options
        self._loader = loader
        self.paint = Paint("dark" if options.color else "mono", ascii_only=options.ascii)
        for theme in THEMES:
            self.register_theme(theme)
        self._colour(options.color)
        self.set_class(options.ascii, "ascii")
        if not options.animations:
            self.animation_level = "none"

    def get_driver_class(self) -> type[Driver]:
        """Of this platform; a terminal that is gone ends the program."""
        return outliving(super().get_driver_class())

    def _colour(self, is_wanted: bool) -> None:
        """Textual takes even an empty NO_COLOR for set; the command line knows better."""
        self.no_color = not is_wanted
        kept = [each for each in self._filters if not isinstance(each, Monochrome | NoColor)]
        self._filters = kept if is_wanted else [*kept, NoColor()]
        self.theme = "wsdebug-dark" if is_wanted else "mono"

    def refuse(self, why: UserError) -> None:
        """Leave, and say why there."""
        self.refusal = why
        self.exit()

    def on_mount(self) -> None:
        """Show the panels."""
        self.theme_changed_signal.subscribe(self, lambda _: self._repaint())
        screen = MainScreen(self._loader, self._options, self.paint)
        screen.refuse = self.refuse
        self.push_screen(screen)

    async def on_event(self, event: events.Event) -> None:
        """Let the screen know which key it is asked about."""
        self.pressed = event if isinstance(event, events.Key) else None
        try:
            await super().on_event(event)
        finally:
            self.pressed = None

    def _repaint(self) -> None:
        if self._options.color:
            self.paint.ground = "dark" if self.current_theme.dark else "light"
        self.screen.refresh(layout=True)

    def _handle_exception(self, error: Exception) -> None:
        """Leave the screen as it was found; `open_screen` says what happened."""
        self.crash = "".join(traceback.format_exception(error))
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()
