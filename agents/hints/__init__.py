"""The hint stream: what the agent on the line should know now, on the agent's own screen within a second.

`reader` follows `agents.hints`, `memory` keeps the last minutes of it, `streams` are the desktops that listen, `server`
speaks WebSocket and server-sent events with them, `access` says who may see whose hints. Nothing here is stored.
"""
