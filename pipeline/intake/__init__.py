"""Bodies of other systems' webhooks, read into our inbound contracts; whose they are is checked before.

Pure: bytes, a source's description and the moment of arrival in; events, or what is wrong with the body, out. Nothing
here listens, sends or knows a secret that was not handed in.
"""
