"""Where the panels stand and what their borders look like, in Textual's CSS."""

from __future__ import annotations

STYLE = """
Screen { background: $background; color: $foreground; }
#header, #footer, #small { height: 1; width: 100%; }
#header { background: $background; }
#notes { height: 0; width: 100%; display: none; }
#small { display: none; height: 1fr; }
#upper { height: 2fr; }
#lower { height: 3fr; }
LineList {
    border: solid $foreground 40%;
    scrollbar-size: 1 1;
    overflow-x: hidden;
    overflow-y: auto;
    background: $background;
    border-title-color: $foreground;
    border-subtitle-color: $foreground;
}
LineList:focus { border: double $primary; }
.ascii LineList, .ascii LineList:focus {
    border: ascii $foreground; scrollbar-size: 0 0;
}
#connections { width: 2fr; }
#frames { width: 5fr; }
#why, #frame { width: 1fr; }

.narrow #upper, .narrow #lower, .zoomed #upper, .zoomed #lower { display: none; height: 1fr; }
.narrow #upper.current, .narrow #lower.current,
.zoomed #upper.current, .zoomed #lower.current { display: block; }
.narrow LineList, .zoomed LineList { display: none; width: 1fr; }
.narrow LineList.current, .zoomed LineList.current { display: block; }
.tiny #upper, .tiny #lower, .tiny #upper.current, .tiny #lower.current,
.tiny #header, .tiny #notes, .tiny #footer, .tiny #find { display: none; }
.tiny #small { display: block; }

#find {
    height: 2; display: none;
    layout: grid; grid-size: 2; grid-columns: 9 1fr; grid-rows: 1 1;
}
.narrow #find { height: 3; grid-rows: 1 2; }
#find.open { display: block; }
#find-word { height: 1; }
#find-text, #find-text:focus {
    width: 1fr; height: 1; border: none; padding: 0; background: $background;
}
#find-verdict { column-span: 2; height: 1fr; }

ToastRack { margin-bottom: 4; }
.narrow ToastRack { margin-bottom: 5; }

Page { align: center middle; }
#page {
    width: 90%; max-width: 100; height: 90%; border: double $primary; background: $background;
}
#page LineList, #page LineList:focus { border: none; width: 1fr; }
.menu #page { width: 64; max-width: 100%; height: 12; max-height: 100%; }
.ascii #page { border: ascii $foreground; }
.ascii #page LineList, .ascii #page LineList:focus { border: none; }
"""
