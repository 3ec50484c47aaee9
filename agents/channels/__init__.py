"""Channels: how a card reaches a person through DingTalk, WeCom, Feishu, e-mail and others, and what they answered.

A channel is three things: its settings, how a message looks, and what the vendor's answer means. Sending is shared.
"""
